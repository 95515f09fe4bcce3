"""The result as one HTML file that needs nothing else."""
from html import escape

from . import results, stats, svg, terminal

STYLE = """
:root { color-scheme: light dark; --paper: #fff; --ink: #1b1f24; --soft: #667; --rule: #d8dce2; --win: #18794e;
  --loss: #c62a2f; --tie: #946800; --c0: #0b68cb; --c1: #c2570c; --c2: #6e56cf; --c3: #18794e; --c4: #ad1d72; --c5: #777; }
@media (prefers-color-scheme: dark) { :root { --paper: #14171b; --ink: #e8eaed; --soft: #9aa3ad; --rule: #343a42;
  --win: #4cc38a; --loss: #ff7b80; --tie: #e5b84b; --c0: #6cb2ff; --c1: #ff9d5c; --c2: #b5a4ff; --c3: #4cc38a; --c4: #ff8cc8; --c5: #aaa; } }
body { margin: 0 auto; max-width: 62rem; padding: 1.5rem; background: var(--paper); color: var(--ink);
  font: 16px/1.5 system-ui, sans-serif; }
h2 { margin-top: 2.5rem; border-bottom: 1px solid var(--rule); } h3 { margin: 1.8rem 0 .4rem; }
.scroll { overflow-x: auto; } table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: .2rem .8rem .2rem 0; text-align: left; border-bottom: 1px solid var(--rule); white-space: nowrap; }
td.number { text-align: right; } .soft { color: var(--soft); } .met { color: var(--win); } .missed { color: var(--loss); font-weight: 600; }
svg { width: 100%; max-width: 44rem; height: auto; font: 13px system-ui, sans-serif; } svg text { fill: var(--ink); }
svg text.tick { fill: var(--soft); font-size: 12px; } .grid { stroke: var(--rule); } .even { stroke: var(--soft); stroke-dasharray: 4 3; }
.span { stroke-width: 2.5; } .win { fill: var(--win); stroke: var(--win); } .loss { fill: var(--loss); stroke: var(--loss); }
.tie { fill: var(--tie); stroke: var(--tie); } polyline.curve { fill: none; stroke-width: 2; }
""" + "".join(f"circle.s{n} {{ fill: var(--c{n}); }} line.s{n}, polyline.s{n} {{ stroke: var(--c{n}); }} "
              f"svg text.key.s{n} {{ fill: var(--c{n}); }}\n" for n in range(6))


def table(head, rows):
    """rows of (class, text) cells; texts are escaped here."""
    cells = "".join(f"<th>{escape(word)}</th>" for word in head)
    body = "".join("<tr>" + "".join(f'<td class="{style}">{escape(str(word))}</td>' for style, word in row) + "</tr>"
                   for row in rows)
    return f'<div class="scroll"><table><thead><tr>{cells}</tr></thead><tbody>{body}</tbody></table></div>'


def items(lines):
    return "<ul>" + "".join(f"<li>{escape(line)}</li>" for line in lines) + "</ul>"


def circumstances(result):
    machine = result["machine"]
    lines = [f"{machine['processor']}, {machine['cores']} cores, Linux {machine['kernel']}, "
             f"compiler {result['catalogue']['compiler']}, {result['repetitions']} repetitions, {result['date']}"]
    if result["catalogue"]["absent"]:
        lines.append("absent, hence not compared: " + ", ".join(result["catalogue"]["absent"]))
    out = items(lines)
    if result["doubts"]:
        out += "<h3>What makes these figures doubtful</h3>" + items(result["doubts"])
    if result["errors"]:
        out += "<h3>What failed</h3>" + items(f"{name}: {why}" for name, why in result["errors"].items())
    return out


def target_table(result):
    rows = [(("", contest["question"]), ("", contest["name"]), ("", terminal.bound(row, contest["unit"])),
             ("number", terminal.reached(row, contest["unit"])),
             ("met", "met") if row["met"] else ("missed", "missed")) for contest, row in results.verdicts(result)]
    return table(("", "work", "target", "reached", ""), rows) if rows else "<p>None was measured.</p>"


def contest_section(contest, of_contest):
    unit, ours = contest["unit"], of_contest.get(results.OURS, {}).get("figure")
    rows, ratios = [], []
    for name in contest["contenders"]:
        figure = of_contest.get(name, {}).get("figure")
        if not figure:
            continue
        low, middle, high = (terminal.human(stats.quantile(figure, share), unit) for share in (0.25, 0.5, 0.75))
        more = ", ".join(f"{metric} {terminal.human(stats.median(values), unit if metric.startswith('p9') else '')}"
                         for metric, values in of_contest[name].items() if metric != "figure")
        rows.append((("", name), ("number", middle), ("number soft", f"{low} .. {high}"), ("soft", more)))
        interval = ours and name != results.OURS and stats.ratio_interval(ours, figure)
        if interval:
            ratios.append((name, *interval))
    return (f"<h3>{escape(contest['question'])} {escape(contest['name'])} <span class='soft'>({escape(unit)})</span></h3>"
            + svg.ratio_plot(contest["name"], ratios) + table(("", "median", "quartiles", ""), rows))


def growth_sections(result):
    families = {}
    for contest in result["catalogue"]["contests"]:
        if not contest["axis"]:
            continue
        family = (contest["name"].split("/")[0], contest["axis"], contest["unit"])
        for name, metrics in result["samples"].get(contest["name"], {}).items():
            if metrics.get("figure"):
                families.setdefault(family, {}).setdefault(name, []).append((contest["at"], metrics["figure"]))
    out = ""
    for (family, axis, unit), series in families.items():
        if max(len(points) for points in series.values()) > 1:
            out += f"<h3>{escape(family)}: {escape(axis)}</h3>" + svg.growth_plot(family, axis, unit, series)
    return out


def change_section(rows):
    if rows is None:
        return ""
    styles = {"slower": "missed", "faster": "met"}
    body = [((styles.get(row["verdict"], "soft"), row["verdict"]), ("", row["contest"] + "/" + row["contender"]),
             ("number", f"{row['ratio']:.3f}"), ("number", f"{row['p_adjusted']:.3g}"))
            for row in sorted(rows, key=lambda each: each["p_adjusted"])]
    return "<h2>Against the old result</h2>" + table(("", "work", "new / old", "p (adjusted)"), body)


def render(result, changes=None):
    contests = "".join(contest_section(contest, result["samples"][contest["name"]])
                       for contest in result["catalogue"]["contests"] if contest["name"] in result["samples"])
    growth = growth_sections(result)
    return ("<!doctype html><html lang='en'><head><meta charset='utf-8'>"
            "<meta name='viewport' content='width=device-width, initial-scale=1'><title>threadgroup: benchmarks</title>"
            f"<style>{STYLE}</style></head><body><h1>threadgroup: benchmarks</h1>{circumstances(result)}"
            f"<h2>Targets</h2>{target_table(result)}{change_section(changes)}"
            + (f"<h2>How cost grows</h2>{growth}" if growth else "")
            + "<h2>All contests</h2><p class='soft'>Each dot is our median divided by a peer's, with its 95 % interval; "
              "left of the dashed line ours is faster.</p>" + contests + "</body></html>\n")
