"""Looks at the machine and says what makes figures taken on it doubtful."""
import os
import platform
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


def cpu_model():
    for line in read("/proc/cpuinfo").splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.machine()


def describe():
    governors = {read(path) for path in Path("/sys/devices/system/cpu").glob("cpu[0-9]*/cpufreq/scaling_governor")}
    return {
        "processor": cpu_model(),
        "cores": len(os.sched_getaffinity(0)),
        "kernel": platform.release(),
        "virtual": "hypervisor" in read("/proc/cpuinfo"),
        "governors": sorted(governors),
        "clock": read("/sys/devices/system/clocksource/clocksource0/current_clocksource", "unknown"),
        "steady_tsc": all(flag in read("/proc/cpuinfo") for flag in ("constant_tsc", "nonstop_tsc")),
        "turbo": {"0": "on", "1": "off"}.get(read("/sys/devices/system/cpu/intel_pstate/no_turbo"), "unknown"),
        "load": os.getloadavg()[0],
    }


def doubts_before(machine, catalogue):
    found = []
    if not catalogue["optimised"]:
        found.append("the benchmarks are built without optimisation or with assertions: use the preset 'bench'")
    if machine["cores"] < 2:
        found.append("one core: nothing here can run in parallel")
    if machine["load"] > 0.3:
        found.append(f"the load is {machine['load']:.1f}: other programs work beside the benchmarks")
    if machine["governors"] and machine["governors"] != ["performance"]:
        found.append(f"the frequency governor is {', '.join(machine['governors'])}, not performance")
    if not machine["governors"]:
        found.append("the frequency governor cannot be read")
    if platform.machine() == "x86_64" and machine["clock"] != "tsc":
        found.append(f"the clock is {machine['clock']}, not tsc: reading it is slow")
    if platform.machine() == "x86_64" and not machine["steady_tsc"]:
        found.append("the processor's time stamp counter may change its rate or stop")
    if machine["virtual"]:
        found.append("a virtual machine: neighbours may take its processors and caches at any time")
    return found


def doubts_after(before, after):
    """From two cpu_times(): what was taken from us while the benchmarks ran."""
    spent = max(1, after["all"] - before["all"])
    stolen = (after["steal"] - before["steal"]) / spent
    if stolen > 0.005:
        return [f"the hypervisor kept {stolen:.1%} of the processors' time for others during the run"]
    return []
