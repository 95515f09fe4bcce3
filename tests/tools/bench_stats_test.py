"""The statistics against a slow count of all orders, and against values known from their definition."""
import itertools
import random
import sys
import unittest
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parent.parent.parent / "bench"))

from report import stats  # noqa: E402


def u_of(a, b):
    first = sum((x > y) + 0.5 * (x == y) for x in a for y in b)
    return min(first, len(a) * len(b) - first)


def counted(a, b):
    """The two-sided p-value by trying every way to deal the values out."""
    values, observed = a + b, u_of(a, b)
    hits = total = 0
    for chosen in itertools.combinations(range(len(values)), len(a)):
        first = [values[i] for i in chosen]
        second = [values[i] for i in range(len(values)) if i not in chosen]
        total += 1
        hits += u_of(first, second) <= observed
    return min(1.0, hits / total)


class StatsTest(unittest.TestCase):
    def test_mann_whitney_equals_the_count_of_all_orders(self):
        rng = random.Random(3)
        for n, m in ((3, 4), (5, 5), (2, 6), (6, 4)):
            for shift in (0.0, 0.4, 2.0):
                a = [rng.random() for _ in range(n)]
                b = [rng.random() + shift for _ in range(m)]
                self.assertAlmostEqual(counted(a, b), stats.mann_whitney(a, b), places=12)

    def test_mann_whitney_with_ties_is_near_the_count(self):
        a, b = [1, 1, 2, 3, 3, 4, 5], [2, 3, 4, 5, 5, 6, 6]
        self.assertAlmostEqual(counted(a, b), stats.mann_whitney(a, b), delta=0.03)

    def test_equal_samples_show_no_difference(self):
        self.assertEqual(1.0, stats.mann_whitney([2.0] * 5, [2.0] * 5))

    def test_quantiles(self):
        self.assertEqual(3, stats.median([5, 1, 3]))
        self.assertEqual(2.5, stats.median([4, 1, 2, 3]))
        self.assertEqual(1, stats.quantile([3, 1, 2], 0))
        self.assertEqual(3, stats.quantile([3, 1, 2], 1))

    def test_ratio_interval_holds_the_ratio(self):
        ratio, low, high = stats.ratio_interval([1.0, 1.1, 0.9, 1.0, 1.05], [2.0, 2.1, 1.9, 2.0, 2.05])
        self.assertEqual(0.5, ratio)
        self.assertTrue(0.4 < low <= ratio <= high < 0.6)
        self.assertIsNone(stats.ratio_interval([1.0], [0.0]))

    def test_mann_whitney_on_a_textbook_table(self):
        # Critical values of U, two-sided 5 %: 17 for nine and nine; 2 for five and five.
        def p_at(n, u):
            a, b, left = [float(i) for i in range(n)], [], u
            for i in range(n):  # above all of a, but for u pairs
                below = min(left, n)
                left -= below
                b.append(n - 0.5 - below + 1e-3 * i)
            self.assertEqual(u, u_of(a, b))
            return stats.mann_whitney(a, b)

        self.assertLess(p_at(9, 17), 0.05)
        self.assertGreater(p_at(9, 18), 0.05)
        self.assertLess(p_at(5, 2), 0.05)
        self.assertGreater(p_at(5, 3), 0.05)

    def test_ratio_interval_holds_the_truth_about_as_often_as_it_says(self):
        rng = random.Random(7)
        hits = 0
        for _ in range(60):
            ours = [rng.gauss(200, 10) for _ in range(15)]
            theirs = [rng.gauss(100, 5) for _ in range(15)]
            _, low, high = stats.ratio_interval(ours, theirs)
            hits += low <= 2.0 <= high
        self.assertGreaterEqual(hits, 51)
        self.assertLess(stats.ratio_interval([200.0, 201, 199], [100.0, 101, 99])[2], 2.1)

    def test_the_smallest_p_is_that_of_complete_separation(self):
        for n, m in ((3, 3), (5, 7), (9, 9)):
            apart = stats.mann_whitney(list(range(n)), list(range(n, n + m)))
            self.assertAlmostEqual(apart, stats.smallest_p(n, m), places=12)

    def test_cliffs_delta(self):
        self.assertEqual(1.0, stats.cliffs_delta([4, 5, 6], [1, 2, 3]))
        self.assertEqual(-1.0, stats.cliffs_delta([1, 2], [3, 4, 5]))
        self.assertEqual(0.0, stats.cliffs_delta([1, 2, 3], [1, 2, 3]))
        self.assertAlmostEqual(1 / 9, stats.cliffs_delta([1, 3, 5], [2, 2, 4]))

    def test_holm_multiplies_the_smallest_by_the_number_of_questions(self):
        adjusted = stats.holm([0.04, 0.01, 0.03])
        for expected, got in zip((0.06, 0.03, 0.06), adjusted):
            self.assertAlmostEqual(expected, got)


if __name__ == "__main__":
    unittest.main()
