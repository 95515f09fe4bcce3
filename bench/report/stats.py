"""Order statistics, a bootstrap interval for a ratio of medians, the Mann-Whitney U test and its effect size."""
import functools
import math
import random


def quantile(values, share):
    """Linear interpolation between the two nearest ranks."""
    ordered = sorted(values)
    position = share * (len(ordered) - 1)
    below = math.floor(position)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (position - below)


def median(values):
    return quantile(values, 0.5)


def ratio_interval(ours, theirs):
    """Median(ours) / median(theirs) with its 95 % percentile-bootstrap interval: (ratio, low, high). None if theirs
    is 0."""
    return bootstrap(tuple(ours), tuple(theirs))


@functools.lru_cache(maxsize=None)  # the terminal, the page and the verdicts ask for the same ones
def bootstrap(ours, theirs, rounds=2000, level=0.95):
    base = median(theirs)
    if base <= 0:
        return None
    rng = random.Random(1)
    ratios = []
    for _ in range(rounds):
        below = median(rng.choices(theirs, k=len(theirs)))
        if below > 0:
            ratios.append(median(rng.choices(ours, k=len(ours))) / below)
    tail = (1 - level) / 2
    return median(ours) / base, quantile(ratios, tail), quantile(ratios, 1 - tail)


def ranks(values):
    """Ranks from 1; equal values share the mean of their ranks. Also the sizes of the groups of equals."""
    order = sorted(range(len(values)), key=values.__getitem__)
    out, ties, start = [0.0] * len(values), [], 0
    while start < len(order):
        end = start
        while end < len(order) and values[order[end]] == values[order[start]]:
            end += 1
        for index in order[start:end]:
            out[index] = (start + 1 + end) / 2
        ties.append(end - start)
        start = end
    return out, ties


def exact_tail(u, n, m):
    """P(U <= u) without ties. Counts the orders of n and m values by their U (Mann and Whitney's recurrence)."""
    counts = [[[1]] + [[1] for _ in range(m)]] + [[[1]] + [None] * m for _ in range(n)]
    for i in range(1, n + 1):
        for j in range(1, m + 1):
            last_from_first, last_from_second = counts[i - 1][j], counts[i][j - 1]
            row = [0] * (i * j + 1)
            for k, ways in enumerate(last_from_first):
                row[k + j] += ways
            for k, ways in enumerate(last_from_second):
                row[k] += ways
            counts[i][j] = row
    row = counts[n][m]
    return sum(row[: int(u) + 1]) / sum(row)


def mann_whitney(a, b):
    """Two-sided p-value that a and b come from one distribution. Exact for small samples without ties, else the
    normal approximation with corrections for ties and continuity."""
    n, m = len(a), len(b)
    if n == 0 or m == 0:
        return 1.0
    rank, ties = ranks(list(a) + list(b))
    u = sum(rank[:n]) - n * (n + 1) / 2
    u = min(u, n * m - u)
    if max(ties) == 1 and n <= 20 and m <= 20:
        return min(1.0, 2 * exact_tail(u, n, m))
    total = n + m
    variance = n * m / 12 * (total + 1 - sum(t**3 - t for t in ties) / (total * (total - 1)))
    if variance <= 0:
        return 1.0
    z = max(0.0, (n * m / 2 - u - 0.5) / math.sqrt(variance))
    return math.erfc(z / math.sqrt(2))


def smallest_p(n, m):
    """The least that mann_whitney can answer for n and m values: all of one side larger."""
    return min(1.0, 2 / math.comb(n + m, n))


def cliffs_delta(a, b):
    """How much larger a's values are than b's: the share of pairs in which they are, less the share in which they
    are smaller. From -1 to 1."""
    larger = sum((x > y) - (x < y) for x in a for y in b)
    return larger / (len(a) * len(b))


def holm(p_values):
    """Adjusted for having asked so many questions at once (Holm 1979)."""
    order = sorted(range(len(p_values)), key=p_values.__getitem__)
    adjusted, floor = [1.0] * len(p_values), 0.0
    for done, index in enumerate(order):
        floor = max(floor, min(1.0, (len(p_values) - done) * p_values[index]))
        adjusted[index] = floor
    return adjusted
