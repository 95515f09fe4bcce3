"""tools/bench around the measuring: verdicts, the page, README's table, comparisons, and what it says to bad input.
A script stands in for threadgroup_bench, so that nothing is measured here."""
import copy
import html.parser
import json
import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.dont_write_bytecode = True
sys.path.insert(0, str(ROOT / "bench"))

from report import duration, machine, page, readme, results, svg, terminal  # noqa: E402

# What --catalogue says and what Google Benchmark writes: two contests, one of them on a growth curve.
STAND_IN = """#!/usr/bin/env python3
import json, sys
contests = [
    {"question": "P2", "name": "task/limit:1", "unit": "ns a task", "axis": "", "at": 0,
     "contenders": ["threadgroup", "peer"], "targets": [{"peers": ["peer"], "factor": 0.5, "metric": "figure"}]},
    {"question": "P2", "name": "task/tasks:100", "unit": "ns a task", "axis": "tasks", "at": 100,
     "contenders": ["threadgroup", "peer"], "targets": []}]
if "--catalogue" in sys.argv:
    print(json.dumps({"contests": contests, "absent": ["Taskflow"], "repetitions": 3, "optimised": True, "compiler": "c"}))
    sys.exit()
runs = []
for contest in contests:
    for factor, name in ((1, "threadgroup"), (4, "peer")):
        print("@progress 1 4", contest["name"] + "/" + name, file=sys.stderr)
        full = contest["name"] + "/" + name + "/iterations:1/manual_time"
        for i in range(3):
            runs.append({"name": full, "run_type": "iteration", "repetition_index": i, "real_time": 1, "iterations": 1,
                         "figure": factor * (100 + i), "p99": factor * 200})
        runs.append({"name": full, "run_type": "aggregate", "figure": 7})
if FAILS:
    runs.append({"name": "task/limit:1/peer/iterations:1", "run_type": "iteration", "error_occurred": True,
                 "error_message": "lost a task"})
out = next(word.split("=", 1)[1] for word in sys.argv if word.startswith("--benchmark_out="))
json.dump({"benchmarks": runs}, open(out, "w"))
"""


def a_result():
    """Ours meets one of two targets of task/limit:1 and misses that of wake; condition's is met by the slower; service's
    p99 has no samples; task/tasks has a curve."""
    def contest(question, name, contenders, targets, axis="", at=0):
        return {"question": question, "name": name, "unit": "ns a task", "axis": axis, "at": at,
                "contenders": contenders, "targets": targets}

    def target(peer, factor, metric="figure"):
        return {"peers": [peer] if peer else [], "factor": factor, "metric": metric}

    def around(middle):
        return {"figure": [middle * (1 + 0.01 * i) for i in (-4, -3, -2, -1, 0, 1, 2, 3, 4)]}

    contests = [contest("P2", "task/limit:1", ["threadgroup", "fast", "slow"], [target("fast", 0.5), target("slow", 0.1)]),
                contest("P6", "wake", ["threadgroup", "<futex>"], [target("<futex>", 1.2)]),
                contest("P8", "condition", ["threadgroup", "<futex>"], [target("<futex>", 2)]),
                contest("P9", "heap", ["threadgroup"], [target("", 0)]),
                contest("P12", "service", ["threadgroup", "fast", "slow"],
                        [{"peers": ["fast", "slow"], "factor": 1, "metric": metric} for metric in ("figure", "p99")])]
    samples = {"task/limit:1": {"threadgroup": around(100), "fast": around(250), "slow": around(500)},
               "wake": {"threadgroup": around(300), "<futex>": around(200)},
               "condition": {"threadgroup": around(150), "<futex>": around(100)},
               "heap": {"threadgroup": {"figure": [0] * 9}},
               "service": {"threadgroup": around(100), "fast": around(200), "slow": around(400)}}
    for count in (100, 1000, 10000):
        name = f"task/tasks:{count}"
        contests.append(contest("P2", name, ["threadgroup", "slow"], [], "tasks", count))
        samples[name] = {"threadgroup": around(90), "slow": around(400 + count / 10)}
    result = {"format": 1, "date": "2024-05-06T07:08:09+00:00", "seconds": 100.0, "repetitions": 9,
            "machine": {"processor": "A & B", "cores": 2, "kernel": "6", "virtual": True}, "doubts": ["<noise>"],
            "catalogue": {"contests": contests, "absent": ["Taskflow"], "compiler": "12", "optimised": True,
                          "repetitions": 9},
            "samples": samples, "errors": {}}
    return {**result, "run": results.run_id(result)}


class Page(html.parser.HTMLParser):
    """Collects the texts; complains about tags that do not match and about what would come from elsewhere."""
    VOID = {"meta", "wbr", "line", "circle", "polyline", "br"}

    def __init__(self, text):
        super().__init__()
        self.open, self.texts, self.tags, self.problems = [], [], [], []
        self.feed(text)
        self.close()
        self.problems += [f"{tag} is not closed" for tag in self.open]

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        if tag not in self.VOID:
            self.open.append(tag)
        self.problems += [f"{tag} has {name}={value}" for name, value in attributes
                          if name in ("src", "srcset") or (name == "href" and not value.startswith("#"))]

    def handle_endtag(self, tag):
        if tag in self.VOID:
            return
        if not self.open or self.open.pop() != tag:
            self.problems.append(f"</{tag}> closes something else")

    def handle_data(self, data):
        self.texts.append(data)


class ResultsTest(unittest.TestCase):
    def test_targets_are_judged_by_the_ratio_of_medians(self):
        rows = {(contest["name"], row["peer"]): row for contest, row in results.verdicts(a_result())}
        self.assertAlmostEqual(0.4, rows["task/limit:1", "fast"]["reached"])
        for key, wanted in ((("task/limit:1", "fast"), "met"), (("task/limit:1", "slow"), "missed"),
                            (("wake", "<futex>"), "missed"), (("heap", None), "met"), (("service", "fast"), "met")):
            self.assertEqual(wanted, rows[key]["verdict"], key)

    def test_a_target_may_be_met_though_the_peer_is_quicker(self):
        rows = {contest["name"]: row for contest, row in results.verdicts(a_result())}
        self.assertEqual("met, the peer is quicker", terminal.verdict(rows["condition"]))
        self.assertEqual("missed", terminal.verdict(rows["wake"]))
        self.assertEqual("met", terminal.verdict(rows["heap"]))

    def test_a_target_without_samples_is_not_measured_and_counted(self):
        result = a_result()
        every = sum(len(contest["targets"]) for contest in result["catalogue"]["contests"])
        self.assertEqual({"met": 4, "missed": 2, "not measured": 1}, results.tally(result))
        for lose in ((lambda samples: samples["wake"].pop("<futex>")), (lambda samples: samples["heap"].clear()),
                     (lambda samples: samples["task/limit:1"]["fast"].update(figure=[0.0] * 9)),
                     (lambda samples: samples.clear())):
            lose(result["samples"])
            self.assertEqual(every, len(results.verdicts(result)))
            self.assertEqual(every, sum(results.tally(result).values()))
        self.assertEqual({"met": 0, "missed": 0, "not measured": every}, results.tally(result))
        self.assertIn(f"0 of {every} met, {every} not measured", terminal.tally(result))

    def test_a_result_of_several_runs_is_known(self):
        other = a_result()
        other["samples"]["wake"]["threadgroup"]["figure"][0] += 1
        for change in ({"samples": other["samples"]}, {"date": "2025-01-01"}, {"repetitions": 8}, {"run": "0"}):
            with self.assertRaisesRegex(ValueError, "is not what run"):
                results.require_one_run({**a_result(), **change})
        with self.assertRaisesRegex(ValueError, "does not say which run"):
            results.require_one_run({key: value for key, value in a_result().items() if key != "run"})
        results.require_one_run(json.loads(json.dumps(a_result())))

    def test_changes_find_the_one_that_changed(self):
        old, new = a_result(), a_result()
        new["samples"]["wake"]["threadgroup"]["figure"] = [3 * v for v in old["samples"]["wake"]["threadgroup"]["figure"]]
        rows = {(row["contest"], row["contender"]): row for row in results.changes(old, new)}
        changed = rows.pop(("wake", "threadgroup"))
        self.assertEqual(("slower", 1.0), (changed["verdict"], changed["effect"]))
        self.assertAlmostEqual(3.0, changed["ratio"])
        self.assertLess(changed["p"], changed["p_adjusted"])
        self.assertEqual({"no difference shown"}, {row["verdict"] for row in rows.values()})

    def test_calls_of_a_heap_where_there_were_none_are_a_change(self):
        old, new = a_result(), a_result()
        new["samples"]["heap"]["threadgroup"]["figure"] = [5] * 9
        row = next(row for row in results.changes(old, new) if row["contest"] == "heap")
        self.assertEqual("slower", row["verdict"])

    def test_a_comparison_that_cannot_show_anything_is_known(self):
        old, new = a_result(), a_result()
        self.assertFalse(results.is_hopeless(results.changes(old, new)))
        for result in (old, new):
            for metrics in (metrics for contest in result["samples"].values() for metrics in contest.values()):
                metrics["figure"] = metrics["figure"][:4]
        for metrics in (metrics for contest in new["samples"].values() for metrics in contest.values()):
            metrics["figure"] = [100 * value + 1 for value in metrics["figure"]]
        rows = results.changes(old, new)
        self.assertTrue(results.is_hopeless(rows))
        self.assertEqual({"no difference shown"}, {row["verdict"] for row in rows})

    def test_the_duration_rises_with_the_repetitions(self):
        catalogue = a_result()["catalogue"]
        once = duration.expected_s({**catalogue, "repetitions": 1}, False)
        self.assertGreater(once, 0)
        self.assertAlmostEqual(9 * once, duration.expected_s(catalogue, False))


class MachineTest(unittest.TestCase):
    QUIET = {"architecture": "x86_64", "cores": 8, "quota": None, "busy": 0.0, "load": 0.1, "governors": ["performance"],
             "clock": "tsc", "steady_tsc": True, "virtual": False}

    def test_a_quiet_machine_gives_no_doubt(self):
        self.assertEqual([], machine.doubts_before(self.QUIET, {"optimised": True}))

    def test_each_trouble_gives_one(self):
        for field, value in (("cores", 1), ("quota", 1.5), ("busy", 0.5), ("load", 3.0), ("governors", []),
                             ("governors", ["powersave"]), ("clock", "hpet"), ("steady_tsc", False), ("virtual", True)):
            with self.subTest(field=field, value=value):
                self.assertEqual(1, len(machine.doubts_before({**self.QUIET, field: value}, {"optimised": True})))
        self.assertEqual(1, len(machine.doubts_before(self.QUIET, {"optimised": False})))

    def test_what_others_took_meanwhile(self):
        before = {"all": 0, "idle": 0, "steal": 0, "own": 0}
        self.assertEqual([], machine.doubts_after(before, {"all": 1000, "idle": 400, "steal": 0, "own": 600}))
        self.assertIn("20.0%", machine.doubts_after(before, {"all": 1000, "idle": 0, "steal": 200, "own": 800})[0])
        self.assertIn("50%", machine.doubts_after(before, {"all": 1000, "idle": 0, "steal": 0, "own": 500})[0])


class PageTest(unittest.TestCase):
    def test_it_is_whole_and_needs_nothing_else(self):
        text = page.render(a_result(), results.changes(a_result(), a_result()))
        parsed = Page(text)
        self.assertEqual([], parsed.problems)
        self.assertNotIn("script", parsed.tags)
        self.assertNotRegex(text, r"https?://|@import|url\(")
        self.assertIn("prefers-color-scheme: dark", text)

    def test_it_shows_doubts_verdicts_ratios_and_curves(self):
        text = page.render(a_result())
        said = " ".join(Page(text).texts)
        for wanted in ("<noise>", "<futex>", "A & B", "Taskflow", "4 of 7", "missed", "not measured", "met, the peer is quicker",
                       "0.4 ×", "1.5 ×", "How cost grows"):
            self.assertIn(wanted, said)
        self.assertEqual(2, text.count("<polyline"))

    def test_charts_stay_inside_their_frame(self):
        for low, high in ((0.001, 0.002), (0.9, 1.1), (50, 4000)):
            plot = svg.ratio_plot("t", [("peer", (low + high) / 2, low, high)])
            for x in [float(part.split('"')[1]) for part in plot.split("<line ")[1:] for part in part.split(" ")[:1]]:
                self.assertTrue(0 <= x <= svg.WIDTH, plot)

    def test_a_curve_from_zero_has_a_place_for_it(self):
        plot = svg.growth_plot("t", "us", "ns", {"threadgroup": [(0, [1.0]), (1, [2.0]), (10, [30.0]), (100, [99.0])]},
                               lambda name: "s0")
        self.assertEqual(4, plot.count("<circle"))
        self.assertIn(">0</text>", plot)


class ReadmeTest(unittest.TestCase):
    def test_the_table_has_the_losses_and_the_rest_stays(self):
        text = f"before\n{readme.BEGIN}\nold\n{readme.END}\nafter\n"
        new = readme.with_table(text, a_result())
        self.assertTrue(new.startswith("before\n") and new.endswith("\nafter\n"))
        self.assertNotIn("old", new)
        self.assertIn("Targets: 4 of 7 met, 1 not measured.", new)
        self.assertEqual(new, readme.with_table(new, a_result()))

    def test_each_target_has_a_row_with_its_verdict(self):
        table = readme.table(a_result())
        for wanted in (r"\| P2 \| task/limit:1 \| 100 ns \| fast \| 0\.40 \(.*\) \| ≤ 0\.5 \| \*\*met\*\* \|",
                       r"\|  \|  \| 100 ns \| slow \| 0\.20 \(.*\) \| ≤ 0\.1 \| \*\*missed\*\* \|",
                       r"\| P6 \| wake \| 300 ns \| <futex> \| 1\.50 \(.*\) \| ≤ 1\.2 \| \*\*missed\*\* \|",
                       r"\| P8 \| condition \| .* \| ≤ 2 \| \*\*met\*\*, the peer is quicker \|",
                       r"\| P9 \| heap \| 0 ns \| - \| - \| ≤ 0 ns \| \*\*met\*\* \|",
                       r"\| P12 \| service \| 100 ns \| fast \| 0\.50 \(.*\) \| ≤ 1 \| \*\*met\*\* \|",
                       r"\| P12 \| service, p99 \| - \| fast or slow \| - \| ≤ 1 \| \*\*not measured\*\* \|",
                       r"\|  \|  \| 100 ns \| slow \| 0\.25 \(.*\) \|  \|  \|"):
            self.assertRegex(table, wanted)
        verdicts = sum(table.count(f"**{word}**") for word in ("met", "missed", "not measured"))
        self.assertEqual(len(results.verdicts(a_result())), verdicts)
        self.assertNotIn("task/tasks", table)

    def test_the_lateness_of_the_generator_stands_beside(self):
        result = a_result()
        result["samples"]["service"]["threadgroup"]["late_p99"] = [2000.0] * 9
        self.assertIn("| P12 | service, late_p99 | 2 us | - | - |  | the generator's lateness |", readme.table(result))
        self.assertIn("late_p99 2 us", terminal.further_metrics(result["samples"]["service"]["threadgroup"], "ns"))

    def test_the_caption_says_which_run_where_and_how(self):
        caption = readme.caption(a_result())
        for wanted in (a_result()["run"], "2024-05-06", "A & B", "12, optimised", "9 repetitions"):
            self.assertIn(wanted, caption)

    def test_a_result_put_together_does_not_become_a_table(self):
        mixed = {**a_result(), "date": "2025-01-01"}
        with self.assertRaisesRegex(ValueError, "put together"):
            readme.with_table(f"{readme.BEGIN}\n{readme.END}", mixed)

    def test_a_missing_marker_is_named(self):
        for text in ("nothing", f"{readme.BEGIN} only", f"{readme.END} {readme.BEGIN}", f"{readme.BEGIN * 2}{readme.END}"):
            with self.assertRaisesRegex(ValueError, "ratios: "):
                readme.with_table(text, a_result())


class CommandTest(unittest.TestCase):
    def setUp(self):
        self.scratch = tempfile.TemporaryDirectory()
        self.folder = Path(self.scratch.name)
        self.addCleanup(self.scratch.cleanup)

    def file(self, name, content):
        path = self.folder / name
        path.write_text(content if isinstance(content, str) else json.dumps(content))
        return path

    def stand_in(self, fails=False):
        path = self.file("stand_in", STAND_IN.replace("FAILS", str(fails)))
        os.chmod(path, 0o755)
        return path

    def bench(self, *words):
        return subprocess.run([ROOT / "tools" / "bench", *map(str, words)], text=True, capture_output=True, timeout=60)

    def test_a_run_writes_table_json_and_page(self):
        done = self.bench("--binary", self.stand_in(), "--out", self.folder / "out")
        self.assertEqual(0, done.returncode, done.stderr)
        self.assertEqual("", done.stderr)  # no progress line where no terminal is
        self.assertIn("absent peer: Taskflow", done.stdout)
        self.assertRegex(done.stdout, r"about \d+ s on two cores")
        self.assertIn("ours / it: 0.250", done.stdout)
        self.assertRegex(done.stdout, r"met +P2 +task/limit:1")
        self.assertIn("1 of 1 met", done.stdout)
        result = json.loads((self.folder / "out" / "result.json").read_text())
        self.assertEqual([100, 101, 102], result["samples"]["task/limit:1"]["threadgroup"]["figure"])
        results.require_one_run(result)
        self.assertEqual([], Page((self.folder / "out" / "result.html").read_text()).problems)

    def test_a_contender_that_fails_is_told(self):
        done = self.bench("--binary", self.stand_in(fails=True), "--out", self.folder / "out")
        self.assertEqual(1, done.returncode)
        self.assertIn("failed: task/limit:1/peer: lost a task", done.stdout)

    def test_compare_tells_and_fails_on_demand(self):
        old, new = a_result(), a_result()
        new["samples"]["wake"]["threadgroup"]["figure"] = [v * 3 for v in new["samples"]["wake"]["threadgroup"]["figure"]]
        words = ("--from", self.file("new.json", new), "--compare", self.file("old.json", old))
        self.assertEqual(0, self.bench(*words).returncode)
        done = self.bench(*words, "--fail-if-slower")
        self.assertEqual(3, done.returncode)
        self.assertRegex(done.stdout, r"slower +wake/threadgroup +x 3\.000 +effect \+1\.00")
        self.assertIn("for 16 comparisons", done.stdout)
        self.assertEqual(0, self.bench("--from", words[3], "--compare", words[3], "--fail-if-slower").returncode)

    def test_readme_from_a_result(self):
        target = self.file("README.md", f"# x\n{readme.BEGIN}\n{readme.END}\n")
        done = self.bench("--from", self.file("r.json", a_result()), "--readme", target)
        self.assertEqual(0, done.returncode, done.stderr)
        self.assertIn("**missed**", target.read_text())
        self.assertFalse((self.folder / "out").exists())

    def test_bad_input_is_named(self):
        half = copy.deepcopy(a_result())
        half["samples"] = 7
        good = self.file("good.json", a_result())
        for words, wanted in (
                (("--repetitions", "0"), "'0' is not a whole number"),
                (("--compare", self.folder / "none.json"), "none.json: No such file"),
                (("--compare", self.file("text.json", "{")), "text.json is not a result"),
                (("--from", self.file("list.json", [])), "format is []"),
                (("--from", self.file("other.json", {"format": 9})), "format is 9, not 1"),
                (("--from", self.file("half.json", half)), "samples is 7"),
                (("--binary", self.folder / "none"), "--binary: there is no file"),
                (("--binary", self.file("plain", "no program")), "not a threadgroup_bench"),
                (("--fail-if-slower",), "--fail-if-slower"),
                (("--smoke", "--readme"), "--readme"),
                (("--from", good, "--readme", self.folder / "none.md"), "none.md: No such file"),
                (("--from", self.file("mixed.json", {**a_result(), "repetitions": 7}), "--readme",
                  self.file("x.md", f"{readme.BEGIN}{readme.END}")), "put together of several runs"),
                (("--from", good, "--readme", self.file("bare.md", "no markers")), "bare.md: the marker"),
                (("--from", good, "--out", good), "--out: cannot write")):
            with self.subTest(words=words):
                done = self.bench(*words)
                self.assertNotEqual(0, done.returncode)
                self.assertIn(wanted, done.stderr)
                self.assertNotIn("Traceback", done.stderr)


class TerminalTest(unittest.TestCase):
    def test_units(self):
        self.assertEqual(["0.5 ns", "1.5 us", "2 ms", "3.25 s", "12"],
                         [terminal.human(0.5, "ns"), terminal.human(1500, "ns"), terminal.human(2e6, "ns a set"),
                          terminal.human(3.25e9, "ns"), terminal.human(12, "heap calls")])
        self.assertEqual(["45 s", "5 min", "1 h 10 min"], [terminal.span(45), terminal.span(290), terminal.span(4200)])

    def test_what_is_left_begins_as_expected_and_ends_at_nothing(self):
        progress = terminal.Progress(100.0)
        self.assertEqual(100.0, progress.left_s(1, 10))
        progress.start -= 50
        self.assertLess(progress.left_s(10, 10), 12)


if __name__ == "__main__":
    unittest.main()
