#!/usr/bin/env python3
"""The page that `tgtrace html` writes, in headless Chromium: it is loaded, zoomed and read.

usage: page_test.py TGTRACE DEMO_SCENE

The page has a part that uses it by synthetic events, as a reader would with mouse and keys, and notes what came of
it; it runs when the address ends with #selftest. Needs `chromium` or `chromium-headless-shell` in the path.
"""

import html
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
import programs

BROWSERS = ["chromium-headless-shell", "chromium", "chromium-browser"]
# It asks nobody for anything: there may be no network, and the page must not need one.
QUIET = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
         "--disable-background-networking", "--disable-component-update", "--window-size=1400,1000",
         "--virtual-time-budget=5000"]


def said_by(dom):
    said = re.search(r'<output id="selftest"[^>]*>(.*?)</output>', dom, re.S)
    return json.loads(html.unescape(said.group(1)) or "{}") if said else {}


def dom_of(page, folder):
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        sys.exit(f"page_test.py: none of {', '.join(BROWSERS)} is installed (tools/setup full)")
    command = [browser, *QUIET, f"--user-data-dir={folder}/profile", "--dump-dom", f"file://{page}#selftest"]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=True).stdout


class Page(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        with tempfile.TemporaryDirectory() as folder:
            trace, page = pathlib.Path(folder, "demo.tgtrace"), pathlib.Path(folder, "demo.html")
            subprocess.run([programs.DEMO_SCENE, trace], check=True, timeout=60)
            subprocess.run([programs.TGTRACE, "html", trace, "-o", page], check=True, timeout=60)
            report = subprocess.run([programs.TGTRACE, "report", trace, "--json"], capture_output=True, check=True, timeout=60)
            cls.report = json.loads(report.stdout)
            cls.dom = dom_of(page, folder)
        cls.said = said_by(cls.dom)

    def test_the_script_ran_to_its_end(self):
        self.assertIn("themes", self.said)

    def test_it_shows_the_whole_at_first(self):
        self.assertEqual(self.said["whole"], [0, self.report["length_ns"]])
        self.assertEqual(self.said["reset"], self.said["whole"])
        self.assertGreater(self.said["drawn"], 30)

    def test_the_wheel_zooms_and_a_key_moves(self):
        whole, wheel, right = (to - since for since, to in (self.said[at] for at in ("whole", "wheel", "right")))
        self.assertAlmostEqual(wheel / whole, 2.718281828 ** -0.22, places=2)
        self.assertEqual(wheel, right)
        self.assertGreater(self.said["right"][0], self.said["wheel"][0])

    def test_what_is_under_the_pointer_is_told(self):
        slowest = next(one for one in self.report["slowest"] if any(part["what"] == "ran" for part in one["why_late"]))
        self.assertIn(f"task {slowest['task']} of '{slowest['group']}'", self.said["tip"])
        self.assertIn("waited", self.said["tip"])

    def test_values_of_the_report_are_on_the_page(self):
        self.assertIn(f"<b>{self.report['whole']['tasks']['run']}</b>", self.dom)
        self.assertIn("request 2", self.dom)

    def test_a_click_chooses_a_group(self):
        self.assertEqual(self.said["scope"], "in 'service'")
        self.assertGreaterEqual(self.said["histograms"], 3)

    def test_arrows_lead_to_who_heard(self):
        self.assertEqual(self.said["arrows"], 3)

    def test_where_events_crowd_the_view_it_says_so_instead(self):
        with tempfile.TemporaryDirectory() as folder:
            trace, page = pathlib.Path(folder, "many.tgtrace"), pathlib.Path(folder, "many.html")
            subprocess.run([programs.DEMO_SCENE, trace, "100"], check=True, timeout=60)
            subprocess.run([programs.TGTRACE, "html", trace, "-o", page], check=True, timeout=60)
            dom = dom_of(page, folder)
        self.assertEqual(said_by(dom)["arrows"], 0)
        self.assertIn("100 sets, 300 heard: zoom in for the arrows", dom)
        self.assertIn("stopped by deadline × 100", dom)

    def test_it_is_light_and_dark(self):
        self.assertNotEqual(*self.said["themes"])


if __name__ == "__main__":
    programs.main(__doc__)
