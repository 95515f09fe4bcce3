"""Charts as inline SVG. Colours are CSS classes, so that the page's light and dark styles hold for them too."""
import math
from html import escape

from . import stats

WIDTH = 640


def log_scale(low, high, start, end):
    """Maps [low, high] to [start, end], evenly in the logarithm."""
    low, high = math.log10(low), math.log10(high)
    span = (high - low) or 1.0
    return lambda value: start + (math.log10(value) - low) / span * (end - start)


def decades(low, high):
    return [10.0**power for power in range(math.ceil(math.log10(low) - 1e-9), math.floor(math.log10(high) + 1e-9) + 1)]


def text(x, y, words, anchor="start", style=""):
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" class="{style}">{escape(words)}</text>'


def line(x1, y1, x2, y2, style):
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" class="{style}"/>'


def wrap(height, label, parts):
    return (f'<svg viewBox="0 0 {WIDTH} {height:.0f}" role="img" aria-label="{escape(label, quote=True)}">'
            + "".join(parts) + "</svg>")


def ratio_plot(title, rows):
    """One row a peer: ours divided by it, with its interval, around the line where both are equal.
    rows: (name, ratio, low, high)"""
    rows = [row for row in rows if min(row[1:]) > 0]
    if not rows:
        return ""
    low = min(0.5, *(row[2] for row in rows)) / 1.1
    high = max(2.0, *(row[3] for row in rows)) * 1.1
    x_of = log_scale(low, high, 190, WIDTH - 70)
    height = 26 * len(rows) + 26
    parts = [line(x_of(tick), 4, x_of(tick), height - 20, "grid") for tick in decades(low, high)]
    parts += [text(x_of(tick), height - 6, f"{tick:g}", "middle", "tick") for tick in decades(low, high)]
    parts.append(line(x_of(1), 4, x_of(1), height - 20, "even"))
    for index, (name, ratio, below, above) in enumerate(rows):
        y = 18 + 26 * index
        style = "win" if above < 1 else "loss" if below > 1 else "tie"
        parts.append(text(182, y + 4, name, "end"))
        parts.append(line(x_of(below), y, x_of(above), y, f"span {style}"))
        parts.append(f'<circle cx="{x_of(ratio):.1f}" cy="{y}" r="4.5" class="{style}"/>')
        parts.append(text(WIDTH - 4, y + 4, f"{ratio:.3g}", "end", "tick"))
    return wrap(height, f"{title}: ours divided by each peer", parts)


def curve(points, x_of, y_of, number):
    """points: (x, samples). The median as a line, the quartiles as whiskers."""
    marks, path = [], []
    for at, values in points:
        x, y = x_of(at), y_of(stats.median(values))
        path.append(f"{x:.1f},{y:.1f}")
        marks.append(line(x, y_of(stats.quantile(values, 0.25)), x, y_of(stats.quantile(values, 0.75)), f"span s{number}"))
        marks.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5" class="s{number}"/>')
    return [f'<polyline points="{" ".join(path)}" class="curve s{number}"/>'] + marks


def growth_plot(title, axis, unit, series):
    """series: {contender: [(x, samples)]}; both axes logarithmic. An x of 0 stands at half the smallest other."""
    positive = [at for points in series.values() for at, _ in points if at > 0]
    zero_at = min(positive, default=1) / 2
    series = {name: sorted((at if at > 0 else zero_at, [v for v in values if v > 0]) for at, values in points)
              for name, points in series.items()}
    series = {name: [point for point in points if point[1]] for name, points in series.items()}
    series = {name: points for name, points in series.items() if points}
    if not series:
        return ""
    xs = [at for points in series.values() for at, _ in points]
    ys = [value for points in series.values() for _, values in points for value in values]
    height, bottom = 280, 236
    x_of = log_scale(min(xs), max(max(xs), min(xs) * 2), 70, WIDTH - 20)
    y_low, y_high = min(ys) / 1.5, max(ys) * 1.5
    y_of = log_scale(y_low, y_high, bottom, 34)
    parts = []
    for tick in decades(y_low, y_high):
        parts += [line(70, y_of(tick), WIDTH - 20, y_of(tick), "grid"), text(64, y_of(tick) + 4, f"{tick:g}", "end", "tick")]
    for at in sorted(set(xs)):
        shown = 0 if at == zero_at and at not in positive else at
        parts += [line(x_of(at), bottom, x_of(at), bottom + 4, "grid"),
                  text(x_of(at), bottom + 17, f"{shown:g}", "middle", "tick")]
    parts += [text((WIDTH + 50) / 2, height - 8, axis, "middle", "tick"), text(8, 16, unit, "start", "tick")]
    for number, (name, points) in enumerate(series.items()):
        parts += curve(points, x_of, y_of, number)
        parts.append(text(WIDTH - 20 - 150 * (len(series) - 1 - number), 16, name, "end", f"key s{number}"))
    return wrap(height, f"{title}: {unit} against {axis}", parts)
