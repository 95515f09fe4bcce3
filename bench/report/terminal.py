"""Tables and the progress line on the terminal."""
import sys
import time

from . import results, stats


def human(value, unit=""):
    """Four digits at most; times in the unit that suits them."""
    if unit.startswith("ns"):
        for scale, name in ((1e9, "s"), (1e6, "ms"), (1e3, "us")):
            if value >= scale:
                return f"{value / scale:.3g} {name}"
        return f"{value:.3g} ns"
    return f"{value:.4g}"


def bound(row, unit):
    """A target in words."""
    metric = "" if row["metric"] == "figure" else row["metric"] + " "
    if row["peer"]:
        return f"{metric}<= {row['factor']:g} x {row['peer']}"
    return f"{metric}<= {human(row['factor'], unit)}"


def reached(row, unit):
    if row["peer"]:
        return f"{row['reached']:.3f}  [{row['low']:.3f} .. {row['high']:.3f}]"
    return f"{human(row['reached'], unit)}  [{human(row['low'], unit)} .. {human(row['high'], unit)}]"


class Progress:
    """One line that is written over; nothing where no terminal is."""

    def __init__(self, stream=sys.stderr):
        self.stream, self.start = stream, time.monotonic()

    def show(self, done, total, name):
        if not self.stream.isatty():
            return
        spent = time.monotonic() - self.start
        left = spent / max(done - 1, 1) * (total - done + 1) if done > 1 else 0
        eta = f"{int(left // 60)}:{int(left % 60):02d} left" if done > 1 else ""
        self.stream.write(f"\r\033[K{done}/{total} {eta}  {name[:60]}")
        self.stream.flush()

    def end(self):
        if self.stream.isatty():
            self.stream.write("\r\033[K")


def print_table(result, out=sys.stdout):
    for contest in result["catalogue"]["contests"]:
        of_contest = result["samples"].get(contest["name"])
        if not of_contest:
            continue
        unit = contest["unit"]
        out.write(f"\n{contest['question']} {contest['name']} ({unit})\n")
        ours = of_contest.get(results.OURS, {}).get("figure")
        for name in contest["contenders"]:
            figure = of_contest.get(name, {}).get("figure")
            if not figure:
                continue
            low, middle, high = (stats.quantile(figure, share) for share in (0.25, 0.5, 0.75))
            line = f"  {name:24} {human(middle, unit):>10}  [{human(low, unit)} .. {human(high, unit)}]"
            interval = ours and name != results.OURS and stats.ratio_interval(ours, figure)
            if interval:
                line += "  ours / it: {:.3f} [{:.3f} .. {:.3f}]".format(*interval)
            out.write(line + "\n")


def print_verdicts(result, out=sys.stdout):
    rows = results.verdicts(result)
    if not rows:
        return
    out.write("\nTargets (a ratio is ours / the peer's, with its 95 % interval)\n")
    for contest, row in rows:
        out.write(f"  {'met   ' if row['met'] else 'MISSED'}  {contest['question']:4} {contest['name']:40} "
                  f"{bound(row, contest['unit']):34} {reached(row, contest['unit'])}\n")
    met = sum(row["met"] for _, row in rows)
    out.write(f"  {met} of {len(rows)} met\n")


def print_changes(rows, out=sys.stdout):
    out.write("\nAgainst the old result (Mann-Whitney U, adjusted by Holm's method for all comparisons)\n")
    for row in sorted(rows, key=lambda each: each["p_adjusted"]):
        out.write(f"  {row['verdict']:20} {row['contest'] + '/' + row['contender']:60} "
                  f"x {row['ratio']:.3f}  p = {row['p_adjusted']:.3g}\n")
    if not rows:
        out.write("  nothing in common with at least three samples each\n")
