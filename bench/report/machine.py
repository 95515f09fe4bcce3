"""Looks at the machine and says what makes figures taken on it doubtful."""
import os
import platform
import resource
import time
from pathlib import Path


def read(path, default=""):
    try:
        return Path(path).read_text().strip()
    except OSError:
        return default


def cpu_times():
    """Ticks since boot: all, idle, stolen by the hypervisor."""
    fields = [int(word) for word in read("/proc/stat", "cpu 0 0 0 0 0 0 0 0").splitlines()[0].split()[1:9]]
    fields += [0] * (8 - len(fields))
    return {"all": sum(fields), "idle": fields[3] + fields[4], "steal": fields[7]}


def busy_share(seconds):
    """How much of the processors' time is taken while we do nothing."""
    before = cpu_times()
    time.sleep(seconds)
    after = cpu_times()
    return 1 - (after["idle"] - before["idle"]) / max(1, after["all"] - before["all"])


def quota():
    """Processors that a control group allows, or None: all."""
    words = read("/sys/fs/cgroup/cpu.max", "max").split()
    return None if words[:1] == ["max"] or len(words) < 2 else int(words[0]) / int(words[1])


def cpu_model():
    for line in read("/proc/cpuinfo").splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.machine()


def describe(seconds=1.0):
    governors = {read(path) for path in Path("/sys/devices/system/cpu").glob("cpu[0-9]*/cpufreq/scaling_governor")}
    return {
        "processor": cpu_model(),
        "architecture": platform.machine(),
        "cores": len(os.sched_getaffinity(0)),
        "quota": quota(),
        "kernel": platform.release(),
        "virtual": "hypervisor" in read("/proc/cpuinfo"),
        "governors": sorted(governors),
        "clock": read("/sys/devices/system/clocksource/clocksource0/current_clocksource", "unknown"),
        "steady_tsc": all(flag in read("/proc/cpuinfo") for flag in ("constant_tsc", "nonstop_tsc")),
        "turbo": {"0": "on", "1": "off"}.get(read("/sys/devices/system/cpu/intel_pstate/no_turbo"), "unknown"),
        "load": os.getloadavg()[0],
        "busy": busy_share(seconds),
    }


def doubts_before(machine, catalogue):
    """What makes figures taken here doubtful, in words."""
    is_x86 = machine["architecture"] == "x86_64"
    questions = [
        (not catalogue["optimised"],
         "the benchmarks are built without optimisation or with assertions: use the preset 'bench'"),
        (machine["cores"] < 2, "one core: nothing here can run in parallel"),
        (machine["quota"] is not None and machine["quota"] < machine["cores"],
         f"a control group allows {machine['quota'] or 0:.1f} of {machine['cores']} cores: threads are stopped at random"),
        (machine["busy"] > 0.05, f"other programs take {machine['busy']:.0%} of the processors"),
        (machine["load"] > 0.5, f"the load was {machine['load']:.1f} in the last minute: other programs work here"),
        (not machine["governors"], "the frequency governor cannot be read"),
        (machine["governors"] not in ([], ["performance"]),
         f"the frequency governor is {', '.join(machine['governors'])}, not performance"),
        (is_x86 and machine["clock"] != "tsc", f"the clock is {machine['clock']}, not tsc: reading it is slow"),
        (is_x86 and not machine["steady_tsc"], "the processor's time stamp counter may change its rate or stop"),
        (machine["virtual"], "a virtual machine: neighbours may take its processors and caches at any time"),
    ]
    return [words for is_so, words in questions if is_so]


def own_cpu_seconds():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def snapshot():
    return {**cpu_times(), "own": own_cpu_seconds() * os.sysconf("SC_CLK_TCK")}


def doubts_after(before, after):
    """From two snapshot()s: what was taken from us while the benchmarks ran."""
    spent = max(1, after["all"] - before["all"])
    found = []
    stolen = (after["steal"] - before["steal"]) / spent
    if stolen > 0.005:
        found.append(f"the hypervisor kept {stolen:.1%} of the processors' time for others during the run")
    busy = spent - (after["idle"] - before["idle"]) - (after["steal"] - before["steal"])
    others = (busy - (after["own"] - before["own"])) / spent
    if others > 0.03:
        found.append(f"other programs took {others:.0%} of the processors' time during the run")
    return found
