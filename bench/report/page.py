"""The result as one HTML file that needs nothing else."""
from html import escape
from pathlib import Path

from . import results, stats, svg, terminal

QUESTIONS = {
    "P1": "What does a check of the event cost?", "P2": "What does a task cost?", "P3": "Nested groups",
    "P4": "A short group", "P5": "Setting the event", "P6": "Waking sleepers", "P7": "Cold start",
    "P8": "Reacting to a condition", "P9": "Heap calls, once warm", "P10": "The first match in a tree of files",
    "P11": "What does tracing cost?", "P12": "A service: the first of ten answers wins",
}
COLOURS = 7
KINDS = {results.MET: "met", results.MISSED: "missed", results.NOT_MEASURED: "plain"}


def styles(result):
    """contender -> CSS classes of its colour, the same on the whole page; names that share a chart differ while there
    are colours. Ours has the first."""
    charts = [list(series) for series in results.families(result).values()]
    colour = {results.OURS: 0}
    for name in (name for chart in charts for name in chart):
        taken = {colour[other] for chart in charts if name in chart for other in chart if other in colour}
        colour.setdefault(name, next((n for n in range(1, COLOURS) if n not in taken), COLOURS - 1))
    return lambda name: ("ours " if name == results.OURS else "peer ") + f"s{colour[name]}"


def cell(kind, content):
    return f"<td class='{kind}'{' colspan=5' if kind == 'question' else ''}>{content}</td>"


def table(head, rows, style=""):
    """rows of (class, html) cells: texts are escaped by who makes them."""
    cells = "".join(f"<th>{word}</th>" for word in head)
    body = "".join("<tr>" + "".join(cell(kind, content) for kind, content in row) + "</tr>"
                   for row in rows)
    return f'<table class="{style}"><thead><tr>{cells}</tr></thead><tbody>{body}</tbody></table>'


def verdict(kind, words):
    return f'<span class="verdict {kind}">{escape(words)}</span>'


def tiles(result):
    counts = results.tally(result)
    shown = [(f"{counts[results.MET]} of {sum(counts.values())}", "targets met"),
             (f"{counts[results.NOT_MEASURED]}", "targets not measured"), (f"{len(result['samples'])}", "contests"),
             (f"{result['repetitions']}", "repetitions of each contender"), (f"{result['machine']['cores']}", "cores")]
    if result.get("seconds"):
        shown.append((terminal.span(result["seconds"]), "of measuring"))
    return ('<div class="tiles">' + "".join(f'<div class="tile"><b>{escape(number)}</b><span>{escape(words)}</span></div>'
                                            for number, words in shown) + "</div>")


def bullets(title, lines):
    if not lines:
        return ""
    return f'<div class="doubts"><h3>{escape(title)}</h3><ul>' + "".join(f"<li>{escape(one)}</li>" for one in lines) + "</ul></div>"


def head_of_page(result):
    machine = result["machine"]
    absent = result["catalogue"]["absent"]
    lines = (f"{machine['processor']}, {machine['cores']} cores, Linux {machine['kernel']}, compiler "
             f"{result['catalogue']['compiler']}, {result['date']}."
             + (f" Absent, hence not compared: {', '.join(absent)}." if absent else ""))
    return (f"<h1>threadgroup: benchmarks</h1><p class='soft'>{escape(lines)}</p>{tiles(result)}"
            + bullets("What makes these figures doubtful", result["doubts"])
            + bullets("What failed", [f"{name}: {why}" for name, why in result["errors"].items()]))


def breakable(name):
    """A long name breaks behind its slashes, and nowhere else."""
    return escape(name).replace("/", "/<wbr>")


def target_rows(result):
    shown = None
    for contest, row in results.verdicts(result):
        question = contest["question"]
        if question != shown:
            yield (("question", f"<b>{question}</b> {QUESTIONS.get(question, '')}"),)
        shown = question
        yield (("name", breakable(contest["name"])), ("", verdict(KINDS[row["verdict"]], terminal.verdict(row))),
               ("", escape(terminal.bound(row, contest["unit"]))), ("number", escape(terminal.reached(row, contest["unit"]))),
               ("strip", svg.target_strip(contest["name"], row)))


def target_section(result):
    rows = list(target_rows(result))
    if not rows:
        return ""
    return ("<h2 id='targets'>Targets</h2><p class='soft'>A ratio is ours divided by the peer's, with its 95 % interval. "
            "The upright mark is the target; left of it is better.</p><div class='card'>"
            + table(("work", "", "target", "reached", ""), rows, "wide") + "</div>")


def figures_table(contest, of_contest):
    rows = []
    for name in contest["contenders"]:
        figure = of_contest.get(name, {}).get("figure")
        if not figure:
            continue
        low, middle, high = (terminal.human(stats.quantile(figure, share), contest["unit"]) for share in (0.25, 0.5, 0.75))
        rows.append((("name", escape(name)), ("number", middle), ("number soft", f"{low} … {high}"),
                     ("soft", escape(terminal.further_metrics(of_contest[name], contest["unit"])))))
    return f"<div class='scroll'>{table(('', 'median', 'quartiles', ''), rows)}</div>"


def contest_card(contest, of_contest):
    ratios = results.ratios(contest, of_contest)
    figures = figures_table(contest, of_contest)
    if ratios:
        figures = (svg.ratio_plot(contest["name"], ratios)
                   + f"<details><summary>medians, quartiles, percentiles</summary>{figures}</details>")
    return (f"<article class='card'><header><h3>{breakable(contest['name'])}</h3>"
            f"<span class='soft'>{escape(contest['unit'])}</span></header>{figures}</article>")


def contest_sections(result):
    by_question = {}
    for contest in result["catalogue"]["contests"]:
        of_contest = result["samples"].get(contest["name"])
        if of_contest and not results.is_only_growth(contest):
            by_question.setdefault(contest["question"], []).append(contest_card(contest, of_contest))
    if not by_question:
        return ""
    return ("<h2 id='contests'>Against each peer</h2><p class='soft'>Each dot is our median divided by a peer's; the bar is "
            "the 95 % interval. Left of the dashed line ours is faster.</p>"
            + "".join(f"<h3 class='question'><b>{question}</b> {QUESTIONS.get(question, '')}</h3>"
                      f"<div class='cards'>{''.join(cards)}</div>" for question, cards in by_question.items()))


def growth_section(result, style_of):
    cards = ""
    for (question, family, axis, unit), series in results.families(result).items():
        if max(len(points) for points in series.values()) < 2:
            continue
        keys = "".join(f'<li><i class="{style_of(name)}"></i>{escape(name)}</li>' for name in series)
        cards += (f"<article class='card'><header><h3>{escape(family)}: {escape(axis)}</h3><span class='soft'>{question}</span></header>"
                  f"{svg.growth_plot(family, axis, unit, series, style_of)}<ul class='key'>{keys}</ul></article>")
    if not cards:
        return ""
    return ("<h2 id='growth'>How cost grows</h2><p class='soft'>Medians, with their quartiles. Scales are logarithmic where "
            f"values differ by factors.</p><div class='cards'>{cards}</div>")


def change_section(rows):
    if rows is None:
        return ""
    kinds = {"slower": "missed", "faster": "met"}
    body = [(("name", breakable(row["contest"] + "/" + row["contender"])),
             ("", verdict(kinds.get(row["verdict"], "plain"), row["verdict"])), ("number", f"{row['ratio']:.3f} ×"),
             ("number", f"{row['effect']:+.2f}"), ("number", f"p = {row['p_adjusted']:.3g}"))
            for row in sorted(rows, key=lambda each: each["p_adjusted"])]
    return ("<h2 id='changes'>Against the old result</h2><p class='soft'>Mann-Whitney U, with Holm's adjustment for "
            f"{len(rows)} comparisons. The effect is Cliff's delta: +1, all new values are larger; 0, neither; -1, all are "
            "smaller.</p><div class='card'>" + table(("work", "", "new / old", "effect", "adjusted"), body, "wide") + "</div>")


def render(result, changes=None):
    parts = {"targets": target_section(result), "changes": change_section(changes),
             "growth": growth_section(result, styles(result)), "contests": contest_sections(result)}
    names = {"targets": "Targets", "changes": "Changes", "growth": "Growth", "contests": "Against each peer"}
    links = "".join(f"<a href='#{key}'>{names[key]}</a>" for key, part in parts.items() if part)
    style = (Path(__file__).parent / "style.css").read_text()
    return ("<!doctype html>\n<html lang='en'><head><meta charset='utf-8'>"
            "<meta name='viewport' content='width=device-width, initial-scale=1'><title>threadgroup: benchmarks</title>"
            f"<style>\n{style}</style></head>\n<body>{head_of_page(result)}<nav>{links}</nav>"
            + "\n".join(parts.values()) + "</body></html>\n")
