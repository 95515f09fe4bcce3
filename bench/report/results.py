"""From Google Benchmark's JSON to samples, and from samples to rows: medians, ratios, verdicts, changes."""
import re

from . import stats

OURS = "threadgroup"
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


def judge(target, of_contest):
    """One target as a row: what was reached and whether that meets it; None if it was not measured."""
    metric = target["metric"]
    ours = of_contest.get(OURS, {}).get(metric)
    if not ours:
        return None
    if not target["peers"]:
        reached, low, high = (stats.quantile(ours, share) for share in (0.5, 0.25, 0.75))
        peer = None
    else:
        peer = best_peer(of_contest, target["peers"], metric)
        interval = peer and stats.ratio_interval(ours, of_contest[peer][metric])
        if not interval:
            return None
        reached, low, high = interval
    return {"peer": peer, "metric": metric, "factor": target["factor"], "reached": reached, "low": low,
            "high": high, "met": reached <= target["factor"]}


def verdicts(result):
    """(contest, judged target) for all targets that were measured."""
    found = []
    for contest in result["catalogue"]["contests"]:
        of_contest = result["samples"].get(contest["name"], {})
        for target in contest["targets"]:
            row = judge(target, of_contest)
            if row:
                found.append((contest, row))
    return found


def changes(old, new):
    """What differs between two results, with p-values adjusted for the number of comparisons."""
    rows = []
    for contest, contenders in new["samples"].items():
        for contender, metrics in contenders.items():
            before = old["samples"].get(contest, {}).get(contender, {}).get("figure", [])
            after = metrics.get("figure", [])
            if len(before) < 3 or len(after) < 3 or stats.median(before) <= 0:
                continue
            rows.append({"contest": contest, "contender": contender, "before": stats.median(before),
                         "after": stats.median(after), "ratio": stats.median(after) / stats.median(before),
                         "p": stats.mann_whitney(before, after)})
    for row, p in zip(rows, stats.holm([row["p"] for row in rows])):
        row["p_adjusted"] = p
        row["verdict"] = "no difference shown" if p >= 0.05 else "slower" if row["ratio"] > 1 else "faster"
    return rows
