"""From Google Benchmark's JSON to samples, and from samples to rows: medians, ratios, verdicts, changes."""
import hashlib
import json
import math
import re

from . import stats

OURS = "threadgroup"
FORMAT = 1
NOT_METRICS = {
    "family_index", "per_family_instance_index", "repetitions", "repetition_index", "threads", "iterations",
    "real_time", "cpu_time",
}


def collect(raw):
    """({contest: {contender: {metric: [samples]}}}, {contest/contender: error})"""
    samples, errors = {}, {}
    for run in raw["benchmarks"]:
        if run.get("run_type") != "iteration":
            continue
        contest, contender = re.sub(r"/iterations:.*", "", run["name"]).rsplit("/", 1)
        if run.get("error_occurred"):
            errors[f"{contest}/{contender}"] = run.get("error_message", "")
            continue
        metrics = samples.setdefault(contest, {}).setdefault(contender, {})
        for key, value in run.items():
            if isinstance(value, (int, float)) and not isinstance(value, bool) and key not in NOT_METRICS:
                metrics.setdefault(key, []).append(value)
    return samples, errors


def best_peer(of_contest, peers, metric):
    """The fastest of the peers that have this metric, or None."""
    present = [peer for peer in peers if of_contest.get(peer, {}).get(metric)]
    return min(present, key=lambda peer: stats.median(of_contest[peer][metric]), default=None)


MET, MISSED, NOT_MEASURED = "met", "missed", "not measured"


def judge(target, of_contest):
    """One target as a row: what was reached, and the verdict. What lacks samples is not measured, and says so: it must
    not fall out of the count."""
    metric, factor = target["metric"], target["factor"]
    ours = of_contest.get(OURS, {}).get(metric)
    peer = best_peer(of_contest, target["peers"], metric)
    reached = None
    if ours and not target["peers"]:
        reached = [stats.quantile(ours, share) for share in (0.5, 0.25, 0.75)]
    elif ours and peer:
        reached = stats.ratio_interval(ours, of_contest[peer][metric])
    row = {"peer": peer or " or ".join(target["peers"]) or None, "metric": metric, "factor": factor}
    if not reached:
        return {**row, "verdict": NOT_MEASURED, "peer_is_quicker": False}
    return {**row, **dict(zip(("reached", "low", "high"), reached)), "ours": stats.median(ours),
            "verdict": MET if reached[0] <= factor else MISSED, "peer_is_quicker": peer is not None and reached[0] > 1}


def verdicts(result):
    """(contest, judged target) for all targets."""
    return [(contest, judge(target, result["samples"].get(contest["name"], {})))
            for contest in result["catalogue"]["contests"] for target in contest["targets"]]


def tally(result):
    """How many targets have each verdict: {verdict: count}."""
    given = [row["verdict"] for _, row in verdicts(result)]
    return {verdict: given.count(verdict) for verdict in (MET, MISSED, NOT_MEASURED)}


def run_id(result):
    """Made of all that a run has written, so that it shows if some of it comes from another run."""
    written = {key: value for key, value in result.items() if key != "run"}
    return hashlib.sha256(json.dumps(written, sort_keys=True).encode()).hexdigest()[:12]


def ratios(contest, of_contest):
    """(peer, ratio, low, high) for each peer that was measured beside ours."""
    ours = of_contest.get(OURS, {}).get("figure")
    found = []
    for name in contest["contenders"]:
        theirs = of_contest.get(name, {}).get("figure")
        interval = ours and theirs and name != OURS and stats.ratio_interval(ours, theirs)
        if interval:
            found.append((name, *interval))
    return found


def is_only_growth(contest):
    """Shown by its curve, not by a table of its own."""
    return bool(contest["axis"]) and not contest["targets"]


def families(result):
    """{(question, family, axis, unit): {contender: [(how far it has grown, samples)]}}"""
    found = {}
    for contest in result["catalogue"]["contests"]:
        if not contest["axis"]:
            continue
        family = (contest["question"], contest["name"].split("/")[0], contest["axis"], contest["unit"])
        of_contest = result["samples"].get(contest["name"], {})
        for name in contest["contenders"]:
            if of_contest.get(name, {}).get("figure"):
                found.setdefault(family, {}).setdefault(name, []).append((contest["at"], of_contest[name]["figure"]))
    return found


def changes(old, new):
    """What differs between two results, with p-values adjusted for the number of comparisons."""
    rows = []
    for contest, contenders in new["samples"].items():
        for contender, metrics in contenders.items():
            before = old["samples"].get(contest, {}).get(contender, {}).get("figure", [])
            after = metrics.get("figure", [])
            if len(before) < 3 or len(after) < 3 or not any(before + after):
                continue
            was, now = stats.median(before), stats.median(after)
            rows.append({"contest": contest, "contender": contender, "least": stats.smallest_p(len(before), len(after)),
                         "ratio": now / was if was > 0 else math.inf,
                         "effect": stats.cliffs_delta(after, before), "p": stats.mann_whitney(before, after)})
    for row, p in zip(rows, stats.holm([row["p"] for row in rows])):
        row["p_adjusted"] = p
        row["verdict"] = "no difference shown" if p >= 0.05 else "slower" if row["effect"] > 0 else "faster"
    return rows


def is_hopeless(rows):
    """True: with so few values and so many comparisons no difference, however large, can be shown."""
    return bool(rows) and all(row["least"] * len(rows) >= 0.05 for row in rows)


def check(result, origin):
    """Raises ValueError, naming what is wrong, unless `result` is one of ours."""
    if not isinstance(result, dict) or result.get("format") != FORMAT:
        raise ValueError(f"{origin}: format is {result.get('format') if isinstance(result, dict) else result!r}, not {FORMAT}")
    for field, kind in (("machine", dict), ("catalogue", dict), ("samples", dict), ("doubts", list), ("errors", dict),
                        ("repetitions", int), ("date", str)):
        if not isinstance(result.get(field), kind):
            raise ValueError(f"{origin}: {field} is {result.get(field)!r}, which is no {kind.__name__}")


def require_one_run(result):
    """Raises ValueError unless all of `result` is what one run has measured."""
    if "run" not in result:
        raise ValueError("the result does not say which run it is from: measure again")
    if result["run"] != run_id(result):
        raise ValueError(f"the result is not what run {result['run']} wrote: it was changed, or put together of several runs")
