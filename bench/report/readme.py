"""The table of ratios that stands in README.md between two markers, losses included."""
from . import results, terminal

BEGIN = "<!-- ratios: begin, written by tools/bench -->"
END = "<!-- ratios: end -->"


def cell(interval):
    ratio, low, high = interval
    return f"{ratio:.2f} ({low:.2f} to {high:.2f})" if ratio >= 0.1 else f"{ratio:.3f} ({low:.3f} to {high:.3f})"


def rows(result):
    """One for each contest that is not a growth curve alone."""
    for contest in result["catalogue"]["contests"]:
        of_contest = result["samples"].get(contest["name"], {})
        if results.is_only_growth(contest) or results.OURS not in of_contest:
            continue
        ours = terminal.middle(of_contest[results.OURS], contest["unit"])
        ratios = results.ratios(contest, of_contest)
        best = min((of_contest[name]["figure"] for name, *_ in ratios), key=results.stats.median, default=None)
        for name, *interval in ratios:
            is_lost = of_contest[name]["figure"] is best and interval[0] > 1
            yield contest, ours, name, cell(interval), "lost" if is_lost else "slower" if interval[0] > 1 else ""
        if not ratios:
            yield contest, ours, "-", "-", ""


def table(result):
    machine = result["machine"]
    lines = [f"{machine['processor']}, {machine['cores']} cores{' of a virtual machine' if machine['virtual'] else ''}, "
             f"{result['catalogue']['compiler']}, medians of {result['repetitions']}, {result['date'][:10]}. "
             "Ours divided by the peer's, with its 95 % interval: below 1 ours is faster.", ""]
    if result["doubts"]:
        lines += ["Doubtful because: " + "; ".join(result["doubts"]) + ".", ""]
    lines += ["| | work | ours | peer | ours / peer | |", "|---|---|---:|---|---:|---|"]
    shown = None
    for contest, ours, name, ratio, word in rows(result):
        is_new = contest["name"] != shown
        shown = contest["name"]
        head = f"| {contest['question']} | {contest['name']} | {ours} " if is_new else "| | | "
        lines.append(f"{head}| {name} | {ratio} | {f'**{word}**' if word == 'lost' else word} |")
    judged = results.verdicts(result)
    met = sum(row["met"] for _, row in judged)
    lines += ["", f"Targets met: {met} of {len(judged)}."]
    if result["catalogue"]["absent"]:
        lines.append(f"Absent, hence not compared: {', '.join(result['catalogue']['absent'])}.")
    return "\n".join(lines)


def with_table(text, result):
    """The text with what stands between the markers replaced. ValueError: a marker is missing or twice there."""
    for marker in (BEGIN, END):
        if text.count(marker) != 1:
            raise ValueError(f"the marker '{marker}' is there {text.count(marker)} times, not once")
    before, rest = text.split(BEGIN)
    if END not in rest:
        raise ValueError(f"'{END}' stands before '{BEGIN}'")
    return f"{before}{BEGIN}\n{table(result)}\n{END}{rest.split(END)[1]}"
