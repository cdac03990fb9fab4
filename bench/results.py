"""Figures of a run: a table for people, a file for docs/PERFORMANCE.md.

A file holds what was run, where, and rows: {"row": ..., "unit": "s", "values": {server: [a figure a
round]}, ...}. Whoever reads it takes the medians.
"""
import datetime
import json
import os
import pathlib
import platform
import re
import statistics
import subprocess
import sys


def median(values):
    return statistics.median(values)


def high(values):
    """The 95th of a hundred."""
    return sorted(values)[int(len(values) * 0.95)]


def first_of(path, key):
    for line in pathlib.Path(path).read_text().splitlines():
        name, _, value = line.partition(":")
        if name.strip() == key:
            return value.strip()
    return "unknown"


def compiler(build):
    log = pathlib.Path(build, "meson-logs", "meson-log.txt")
    found = re.search(r'^C compiler for the host machine: .*"(.*)"', log.read_text(), re.M)
    return found.group(1) if found else "unknown"


def git(*words):
    return subprocess.run(["git", *words], capture_output=True, text=True, check=False).stdout.strip()


def commit():
    """What was measured; what is not committed of figures and pages does not change it."""
    changed = git("status", "--porcelain", "--untracked-files=no", "--", ".", ":!bench/results",
                  ":!docs")
    return (git("rev-parse", "--short=12", "HEAD") or "unknown") + ("-changed" if changed else "")


def machine(build):
    flags = first_of("/proc/cpuinfo", "flags").split()
    vectors = [name for name in ("avx2", "avx512f", "avx512bw", "avx512dq") if name in flags]
    return {
        "cpu": first_of("/proc/cpuinfo", "model name"),
        "cores": os.cpu_count(),
        "vectors": " ".join(vectors),
        "memory_gib": round(int(first_of("/proc/meminfo", "MemTotal").split()[0]) / 2**20, 1),
        "kernel": platform.release(),
        "compiler": compiler(build),
        "python": platform.python_version(),
    }


def write(options, name, rows):
    """Rows of one program into NAME.json of the folder --results, if there is one."""
    if not options.results:
        return
    folder = pathlib.Path(options.results)
    folder.mkdir(parents=True, exist_ok=True)
    words = [pathlib.Path(sys.argv[0]).name]
    words += ["--quick"] if options.quick else []
    about = {
        "program": name,
        "quick": options.quick,
        "commit": commit(),
        "date": datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d %H:%M UTC"),
        "load_before": float(os.environ.get("BENCH_LOAD", "nan")),
        "machine": machine(options.build),
        "rows": rows,
    }
    (folder / f"{name}.json").write_text(json.dumps(about, indent=1) + "\n")


def add_options(arguments):
    arguments.add_argument("--build", required=True)
    arguments.add_argument("--quick", action="store_true")
    arguments.add_argument("--results", help="folder for the figures as JSON")


def rounds(options):
    """How often each figure is taken: ROUNDS, else three times, once when quick."""
    return int(os.environ.get("ROUNDS") or (1 if options.quick else 3))


def show(seconds):
    if seconds is None:
        return "-"
    return f"{seconds:.2f} s" if seconds >= 1 else f"{seconds * 1e3:.2f} ms"


def ratio(value, base):
    return f"{value / base:.2f}" if value and base else "-"
