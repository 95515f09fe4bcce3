"""Charts as inline SVG. Colours are CSS classes, so that the page's light and dark styles hold for them too."""
import math
from html import escape

from . import stats

# Charts stand in cards that are about this wide, on a telephone too, so that their text keeps its size.
WIDTH = 360


def short(value):
    """A tick's label: 1500000 -> 1.5M."""
    for scale, letter in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if abs(value) >= scale:
            return f"{value / scale:.3g}{letter}"
    return f"{value:.3g}"


def log_scale(low, high, start, end):
    """Maps [low, high] to [start, end], evenly in the logarithm."""
    low, high = math.log10(low), math.log10(high)
    span = (high - low) or 1.0
    return lambda value: start + (math.log10(value) - low) / span * (end - start)


def linear_scale(low, high, start, end):
    span = (high - low) or 1.0
    return lambda value: start + (value - low) / span * (end - start)


def log_ticks(low, high, most=7):
    """Round numbers within [low, high]: decades, with their halves and fifths where there are few."""
    decades = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    for steps in ((1, 2, 5), (1, 3), (1,)):
        found = [step * 10.0**power for power in decades for step in steps]
        found = [tick for tick in found if low * (1 - 1e-9) <= tick <= high * (1 + 1e-9)]
        if len(found) <= most:
            return found
    return found[:: math.ceil(len(found) / most)]


def linear_ticks(high, most=5):
    """Round numbers from 0 to `high`."""
    step = 10.0 ** math.floor(math.log10(high / most))
    step *= next(factor for factor in (1, 2, 5, 10) if high / (step * factor) <= most)
    return [step * number for number in range(int(high / step + 1e-9) + 1)]


def text(x, y, words, anchor="start", style=""):
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" class="{style}">{escape(words)}</text>'


def line(x1, y1, x2, y2, style):
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" class="{style}"/>'


def dot(x, y, style, radius=4.5):
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:g}" class="{style}"/>'


def wrap(height, label, parts, width=WIDTH):
    return (f'<svg viewBox="0 0 {width} {height:.0f}" role="img" aria-label="{escape(label, quote=True)}">'
            + "".join(parts) + "</svg>")


def tone(low, high, bound=1.0):
    """What an interval of a ratio says: below the bound, above it, or neither."""
    return "win" if high < bound else "loss" if low > bound else "tie"


def ratio_range(values):
    return min(0.5, *values) / 1.15, max(2.0, *values) * 1.15


def ratio_plot(title, rows):
    """One row a peer: ours divided by it, with its interval, around the line where both are equal.
    rows: (name, ratio, low, high)"""
    rows = [row for row in rows if min(row[1:]) > 0]
    if not rows:
        return ""
    low, high = ratio_range([value for row in rows for value in row[1:]])
    x_of = log_scale(low, high, 6, WIDTH - 6)
    bottom = 36 * len(rows) + 4
    parts = []
    for tick in log_ticks(low, high, 6):
        parts += [line(x_of(tick), 2, x_of(tick), bottom, "grid"),
                  text(x_of(tick), bottom + 14, short(tick), "middle", "tick")]
    parts.append(line(x_of(1), 2, x_of(1), bottom, "even"))
    for index, (name, ratio, below, above) in enumerate(rows):
        y = 26 + 36 * index
        style = tone(below, above)
        parts += [text(6, y - 11, name), text(WIDTH - 6, y - 11, f"{ratio:.3g} ×", "end", style),
                  line(x_of(below), y, x_of(above), y, f"span {style}"), dot(x_of(ratio), y, f"dot {style}")]
    parts += [text(6, bottom + 30, "◂ ours faster", "start", "tick"),
              text(WIDTH - 6, bottom + 30, "ours slower ▸", "end", "tick")]
    return wrap(bottom + 34, f"{title}: ours divided by each peer", parts)


def target_strip(title, row):
    """A target in one line: what was reached, its interval, and the bound as a mark."""
    values = [row.get(key, 0) for key in ("reached", "low", "high", "factor")]  # 0: not measured
    if min(values) <= 0:
        return ""
    width = 220
    x_of = log_scale(min(values) / 1.3, max(values) * 1.3, 6, width - 6)
    style = tone(row["low"], row["high"], row["factor"])
    return wrap(22, f"{title}: the mark is the target", [
        line(6, 11, width - 6, 11, "track"), line(x_of(row["low"]), 11, x_of(row["high"]), 11, f"span {style}"),
        line(x_of(row["factor"]), 2, x_of(row["factor"]), 20, "bound"), dot(x_of(row["reached"]), 11, f"dot {style}"),
    ], width)


def curve(points, x_of, y_of, style):
    """points: (x, samples). The median as a line, the quartiles as whiskers."""
    marks, path = [], []
    for at, values in points:
        x, y = x_of(at), y_of(stats.median(values))
        path.append(f"{x:.1f},{y:.1f}")
        marks += [line(x, y_of(stats.quantile(values, 0.25)), x, y_of(stats.quantile(values, 0.75)), f"whisker {style}"),
                  dot(x, y, f"dot {style}", 3.5)]
    return [f'<polyline points="{" ".join(path)}" class="curve {style}"/>'] + marks


def x_axis(values, start, end):
    """(scale, position of each value): logarithmic where the values grow by factors. A 0 among them stands one
    step before the smallest other."""
    positive = sorted({value for value in values if value > 0})
    if len(positive) < 2 or positive[-1] / positive[0] < 8:
        return linear_scale(min(values), max(values) if max(values) > min(values) else min(values) + 1, start, end)
    low = positive[0] ** 2 / positive[1] if min(values) <= 0 else positive[0]
    scale = log_scale(low, positive[-1], start, end)
    return lambda value: scale(value if value > 0 else low)


def y_axis(values, bottom, top):
    """(scale, ticks): from 0 if the values are of one size, else logarithmic."""
    low, high = min(values), max(values)
    if high / low < 6:
        return linear_scale(0, high * 1.1, bottom, top), linear_ticks(high * 1.1)
    low, high = low / 1.3, high * 1.3
    return log_scale(low, high, bottom, top), log_ticks(low, high, 6)


def growth_plot(title, axis, unit, series, style_of):
    """series: {contender: [(x, samples)]}."""
    series = {name: sorted((at, [value for value in values if value > 0]) for at, values in points)
              for name, points in series.items()}
    series = {name: [point for point in points if point[1]] for name, points in series.items()}
    series = {name: points for name, points in series.items() if points}
    if not series:
        return ""
    left, right, top, bottom = 40, WIDTH - 12, 20, 200
    xs = sorted({at for points in series.values() for at, _ in points})
    x_of = x_axis(xs, left + 8, right - 8)
    y_of, ticks = y_axis([value for points in series.values() for _, values in points for value in values], bottom, top)
    parts = [text(2, 11, unit, "start", "tick")]
    for tick in ticks:
        parts += [line(left, y_of(tick), right, y_of(tick), "grid"),
                  text(left - 5, y_of(tick) + 4, short(tick), "end", "tick")]
    parts += [text(x_of(at), bottom + 16, short(at), "middle", "tick") for at in xs]
    parts.append(text((left + right) / 2, bottom + 33, axis, "middle", "tick"))
    for name, points in reversed(list(series.items())):  # the first, ours, lies on top
        parts += curve(points, x_of, y_of, style_of(name))
    return wrap(bottom + 38, f"{title}: {unit} against {axis}", parts)
