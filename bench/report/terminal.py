"""Tables and the progress line on the terminal, and figures in words."""
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


def span(seconds):
    """12 s; 4 min; 1 h 10 min"""
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


def unit_of(metric, unit):
    """A contest's unit, where the metric has it too."""
    is_timed = metric in ("figure", "p99", "p99.9", "stopped") or metric.startswith("late_")
    return unit if is_timed else ""


def further_metrics(metrics, unit):
    """What goes with a figure, in words: p99 and the like."""
    return ", ".join(f"{name} {human(stats.median(values), unit_of(name, unit))}"
                     for name, values in metrics.items() if name != "figure")


def middle(metrics, unit):
    return human(stats.median(metrics["figure"]), unit)


def bound(row, unit):
    """A target in words."""
    metric = "" if row["metric"] == "figure" else row["metric"] + " "
    if row["peer"]:
        return f"{metric}≤ {row['factor']:g} × {row['peer']}"
    return f"{metric}≤ {human(row['factor'], unit_of(row['metric'], unit))}"


def verdict(row):
    """In words; a target that leaves the peer room may be met though the peer is quicker, and then both are said."""
    return row["verdict"] + (", the peer is quicker" if row["verdict"] == results.MET and row["peer_is_quicker"] else "")


def tally(result):
    counts = results.tally(result)
    words = f"{counts[results.MET]} of {sum(counts.values())} met"
    return words + (f", {counts[results.NOT_MEASURED]} not measured" if counts[results.NOT_MEASURED] else "")


def reached(row, unit):
    if row["verdict"] == results.NOT_MEASURED:
        return "-"
    unit = unit_of(row["metric"], unit)
    if row["peer"]:
        return f"{row['reached']:.3f}  [{row['low']:.3f} .. {row['high']:.3f}]"
    return f"{human(row['reached'], unit)}  [{human(row['low'], unit)} .. {human(row['high'], unit)}]"


class Progress:
    """One line that is written over; nothing where no terminal is."""

    def __init__(self, expected_s, stream=sys.stderr):
        self.expected_s, self.stream, self.start = expected_s, stream, time.monotonic()

    def left_s(self, done, total):
        """From what was expected at first, and more and more from what was seen. `done` has just begun."""
        spent, share = time.monotonic() - self.start, (done - 1) / total
        if share <= 0:
            return self.expected_s
        return (1 - share) * (share * spent / share + (1 - share) * self.expected_s)

    def show(self, done, total, name):
        if not self.stream.isatty():
            return
        self.stream.write(f"\r\033[K{done}/{total}  {span(self.left_s(done, total))} left  {name[:60]}")
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
        intervals = {name: interval for name, *interval in results.ratios(contest, of_contest)}
        for name in contest["contenders"]:
            figure = of_contest.get(name, {}).get("figure")
            if not figure:
                continue
            low, middle, high = (stats.quantile(figure, share) for share in (0.25, 0.5, 0.75))
            line = f"  {name:22} {human(middle, unit):>9}  {f'[{human(low, unit)} .. {human(high, unit)}]':24}"
            if name in intervals:
                line += "  ours / it: {:.3f} [{:.3f} .. {:.3f}]".format(*intervals[name])
            out.write(f"{line}  {further_metrics(of_contest[name], unit)}".rstrip() + "\n")


def print_verdicts(result, out=sys.stdout):
    rows = results.verdicts(result)
    if not rows:
        return
    out.write("\nTargets (a ratio is ours / the peer's, with its 95 % interval)\n")
    for contest, row in rows:
        word = "MISSED" if row["verdict"] == results.MISSED else verdict(row)
        out.write(f"  {word:25}  {contest['question']:4} {contest['name']:40} {bound(row, contest['unit']):34} "
                  f"{reached(row, contest['unit'])}\n")
    out.write(f"  {tally(result)}\n")


def print_changes(rows, out=sys.stdout):
    out.write(f"\nAgainst the old result (Mann-Whitney U; p adjusted by Holm's method for {len(rows)} comparisons; "
              "effect: Cliff's delta)\n")
    for row in sorted(rows, key=lambda each: each["p_adjusted"]):
        out.write(f"  {row['verdict']:20} {row['contest'] + '/' + row['contender']:60} "
                  f"x {row['ratio']:.3f}  effect {row['effect']:+.2f}  p = {row['p_adjusted']:.3g}\n")
    if not rows:
        out.write("  nothing in common with at least three samples each\n")
