"""The table that stands in README.md between two markers: a row for each target with its verdict, and all other peers."""
from . import results, terminal

BEGIN = "<!-- ratios: begin, written by tools/bench -->"
END = "<!-- ratios: end -->"


def cell(interval):
    ratio, low, high = interval
    return f"{ratio:.2f} ({low:.2f} to {high:.2f})" if ratio >= 0.1 else f"{ratio:.3f} ({low:.3f} to {high:.3f})"


def work(contest, metric):
    return contest["name"] if metric == "figure" else f"{contest['name']}, {metric}"


def target_row(contest, row):
    unit = terminal.unit_of(row["metric"], contest["unit"])
    is_measured = row["verdict"] != results.NOT_MEASURED
    ours = terminal.human(row["ours"], unit) if is_measured else "-"
    ratio = cell((row["reached"], row["low"], row["high"])) if is_measured and row["peer"] else "-"
    bound = f"{row['factor']:g}" if row["peer"] else terminal.human(row["factor"], unit)
    return (contest["question"], work(contest, row["metric"]), ours, row["peer"] or "-", ratio, f"≤ {bound}",
            terminal.verdict(row).replace(row["verdict"], f"**{row['verdict']}**"))


def peer_rows(contest, of_contest, shown):
    """Ours beside each peer that no target of the figure has shown; alone, where there is none at all."""
    ours = of_contest.get(results.OURS, {}).get("figure")
    if not ours:
        return
    head = contest["question"], contest["name"], terminal.human(results.stats.median(ours), contest["unit"])
    for name, *interval in results.ratios(contest, of_contest):
        if name not in shown:
            yield (*head, name, cell(interval), "", "the peer is quicker" if interval[0] > 1 else "")
    if not contest["targets"] and len(contest["contenders"]) == 1:
        yield (*head, "-", "-", "", "")


def lateness_rows(contest, of_contest):
    """How late the generator of the load came to ours: what is its own share of the latencies."""
    for metric, values in of_contest.get(results.OURS, {}).items():
        if metric.startswith("late_"):
            late = terminal.human(results.stats.median(values), contest["unit"])
            yield contest["question"], work(contest, metric), late, "-", "-", "", "the generator's lateness"


def rows(result):
    """One for each target, and without a target one for each other peer and for what the harness has to say of itself."""
    for contest in result["catalogue"]["contests"]:
        if results.is_only_growth(contest):
            continue
        of_contest = result["samples"].get(contest["name"], {})
        judged = [results.judge(target, of_contest) for target in contest["targets"]]
        of_figure = [row for row in judged if row["metric"] == "figure"]
        yield from (target_row(contest, row) for row in of_figure)
        yield from peer_rows(contest, of_contest, {row["peer"] for row in of_figure})
        yield from (target_row(contest, row) for row in judged if row not in of_figure)
        yield from lateness_rows(contest, of_contest)


def caption(result):
    machine, catalogue = result["machine"], result["catalogue"]
    return (f"Run {result['run']} of {result['date'][:10]}: {machine['processor']}, {machine['cores']} cores"
            f"{' of a virtual machine' if machine['virtual'] else ''}, {catalogue['compiler']}, "
            f"{'optimised' if catalogue['optimised'] else 'not optimised'}, medians of {result['repetitions']} repetitions. "
            "Ours divided by the peer's, with its 95 % interval: below 1 ours is quicker. A target is judged by this ratio, or "
            "where there is no peer by our figure; of several peers that it names the best stands here. Rows without a target "
            "are there to compare.")


def table(result):
    lines = [caption(result), ""]
    if result["doubts"]:
        lines += ["Doubtful because: " + "; ".join(result["doubts"]) + ".", ""]
    lines += ["| | work | ours | peer | ours / peer | target | |", "|---|---|---:|---|---:|---:|---|"]
    shown = None
    for question, name, *cells in rows(result):
        is_new = name != shown
        shown = name
        lines.append("| " + " | ".join([question if is_new else "", name if is_new else "", *cells]) + " |")
    lines += ["", f"Targets: {terminal.tally(result)}."]
    if result["catalogue"]["absent"]:
        lines.append(f"Absent, hence not compared: {', '.join(result['catalogue']['absent'])}.")
    return "\n".join(lines)


def with_table(text, result):
    """The text with what stands between the markers replaced. ValueError: a marker is missing or twice there, or the
    result is not that of one run."""
    results.require_one_run(result)
    for marker in (BEGIN, END):
        if text.count(marker) != 1:
            raise ValueError(f"the marker '{marker}' is there {text.count(marker)} times, not once")
    before, rest = text.split(BEGIN)
    if END not in rest:
        raise ValueError(f"'{END}' stands before '{BEGIN}'")
    return f"{before}{BEGIN}\n{table(result)}\n{END}{rest.split(END)[1]}"
