"""examples/: each builds as its README says, against the library as it is installed, and tells of golden
recordings what is known of them."""
import array
import json
import math
import os
import subprocess
import sys

import pytest

from conftest import ROOT, pkg_config, run

EXAMPLES = ROOT / "examples"
GOLDEN = ROOT / "tests" / "golden"
MANIFEST = json.loads((GOLDEN / "manifest.json").read_text())
COMPILERS = {".c": {"gcc": ["gcc", "-std=c17"], "clang": ["clang", "-std=c17"]},
             ".cpp": {"gcc": ["g++", "-std=c++17"], "clang": ["clang++", "-std=c++17"]}}
WARN = ["-O2", "-Wall", "-Wextra", "-Wshadow", "-Wconversion", "-Wno-sign-conversion", "-Werror",
        "-pedantic-errors"]


def counts_of(channel):
    """The golden counts of a channel or of one of its windows; NaN where nothing is recorded."""
    values = array.array("d")
    values.frombytes((GOLDEN / channel["file"]).read_bytes())
    return values


def session(name):
    return GOLDEN / MANIFEST[name]["session"]


class Examples:
    """The examples as one compiler builds them."""

    def __init__(self, staging, folder, compiler):
        self.staging, self.folder, self.compiler = staging, folder, compiler
        self.libraries = next(staging.rglob("libmef3.so")).parent
        self.env = dict(os.environ, LD_LIBRARY_PATH=str(self.libraries),
                        MEF3_LIBRARY=str(self.libraries / "libmef3.so.0"),
                        PYTHONDONTWRITEBYTECODE="1")
        self.env.pop("MEF3_PASSWORD", None)

    def build(self, source, *words):
        program = self.folder / f"{source.name}.{self.compiler}"
        if not program.exists():
            run([*COMPILERS[source.suffix][self.compiler], *WARN, source,
                 *pkg_config(self.staging, "--cflags", "--libs"), *words, "-o", program])
        return program

    def run(self, name, *words, password=None, exits=0):
        env = self.env if password is None else dict(self.env, MEF3_PASSWORD=password)
        source = EXAMPLES / name
        command = [sys.executable, source] if source.suffix == ".py" else [self.build(source)]
        done = subprocess.run([str(word) for word in (*command, *words)], env=env, timeout=60,
                              capture_output=True, text=True)
        assert done.returncode == exits, done.stdout + done.stderr
        return done.stdout, done.stderr


@pytest.fixture(scope="module", params=["gcc", "clang"])
def examples(staging, tmp_path_factory, request):
    return Examples(staging, tmp_path_factory.mktemp(request.param), request.param)


@pytest.fixture(scope="module")
def python(staging, tmp_path_factory):
    return Examples(staging, tmp_path_factory.mktemp("python"), "gcc")


def test_each_example_is_tested_here():
    found = {path.name for suffix in ("c", "cpp", "py") for path in EXAMPLES.rglob(f"*.{suffix}")}
    assert found == {"list.c", "means.cpp", "mef3.py", "window.c", "window.py", "write.c"}
    told = (EXAMPLES / "README.md").read_text()
    assert [name for name in sorted(found) if name not in told] == []


def line_of(name, channel):
    return (f"{name}: {channel['fs']:g} Hz, {channel['stored_samples']} samples of "
            f"{channel['ufact']:g} {channel['unit'][2:-1]} in")


@pytest.mark.parametrize("name", ["gaps", "many_channels", "names_utf8", "segments"])
def test_list_tells_what_a_recording_holds(examples, name):
    words, _ = examples.run("list.c", session(name))
    channels = MANIFEST[name]["channels"]
    lines = words.splitlines()
    assert lines[0] == f"{name}: {len(channels)} channels"
    assert len(lines) == 1 + len(channels)
    for line, channel in zip(lines[1:], sorted(channels, key=str.encode)):
        assert line.startswith(line_of(channel, channels[channel])), line
        assert line.endswith(" in 4 segments" if name == "segments" else " in 1 segments")


def test_list_says_what_a_missing_password_keeps_closed(examples):
    words, _ = examples.run("list.c", session("encrypted"), exits=1)
    assert words.count("the password is missing or wrong") == 2
    words, _ = examples.run("list.c", session("encrypted"), password="readall")
    assert line_of("secret1", MANIFEST["encrypted"]["channels"]["secret1"]) in words


@pytest.mark.parametrize("name", ["encrypted", "fractional_rate", "gaps", "gap_offgrid"])
def test_window_prints_the_samples_of_the_golden_windows(examples, name):
    for channel, facts in MANIFEST[name]["channels"].items():
        for window in facts["windows"]:
            words, complaints = examples.run("window.c", session(name), channel,
                                             window["start_uutc"], window["end_uutc"],
                                             password=MANIFEST[name]["password"])
            lines = [line.split() for line in words.splitlines()]
            expected = counts_of(window)
            assert len(lines) == len(expected) > 100
            assert [word for _, word in lines] == [
                "gap" if math.isnan(count) else f"{count * facts['ufact']:.17g}"
                for count in expected]
            assert lines[0][0] == str(window["start_uutc"]) and not complaints


def test_window_says_what_is_not_there(examples):
    _, complaints = examples.run("window.c", session("gaps"), "other", 0, 1, exits=2)
    assert complaints == "window: no such channel, or no such window\n"
    _, complaints = examples.run("window.c", GOLDEN / "none.mefd", "gappy", 0, 1, exits=3)
    assert "none.mefd" in complaints and "does not exist" in complaints


def test_what_write_wrote_is_read_back(examples, tmp_path):
    out = tmp_path / "out.mefd"
    examples.run("write.c", out)
    words, _ = examples.run("list.c", out)
    assert words == "out: 1 channels\nCz: 249.7 Hz, 1998 samples of 0.5 uV in 1 segments\n"
    start = 1600000007000000
    words, _ = examples.run("window.c", out, "Cz", start, start + 10000000)
    triangle = [(40 * min(i % 200, 200 - i % 200) - 2000) * 0.5 for i in range(1998)]
    n_gap = round(6 * 249.7) - 999
    expected = [f"{v:.17g}" for v in triangle[:999]] + ["gap"] * n_gap
    expected += [f"{v:.17g}" for v in triangle[999:]]
    assert [line.split()[1] for line in words.splitlines()] == expected
    _, complaints = examples.run("write.c", out, exits=3)
    assert complaints.startswith("write: ") and "exists" in complaints


def test_means_are_those_of_what_was_recorded(examples):
    words, _ = examples.run("means.cpp", session("gaps"))
    facts = MANIFEST["gaps"]["channels"]["gappy"]
    counts, means = counts_of(facts), []
    for first in range(0, len(counts), 256):
        values = [c * facts["ufact"] for c in counts[first:first + 256] if not math.isnan(c)]
        means.append(math.fsum(values) / len(values) if values else math.nan)
    printed = [float(word) for word in words.split()]
    assert printed == pytest.approx(means, rel=1e-12, nan_ok=True)
    assert len(printed) == 30 and any(math.isnan(mean) for mean in printed)


def test_a_failure_is_thrown_in_cpp(examples):
    _, complaints = examples.run("means.cpp", GOLDEN / "none.mefd", exits=3)
    assert complaints.startswith("means: ") and "does not exist" in complaints


def test_the_python_window_tells_what_was_recorded(python):
    facts = MANIFEST["encrypted"]["channels"]["secret2"]
    window = facts["windows"][2]
    words, _ = python.run("python/window.py", session("encrypted"), "secret2",
                          window["start_uutc"], window["end_uutc"], password="readall")
    values = [c * facts["ufact"] for c in counts_of(window) if not math.isnan(c)]
    assert words.splitlines() == [
        f"{window['samples']} samples: {len(values)} data, {window['samples'] - len(values)} gap, "
        "0 unreadable",
        f"from {min(values):.9g} to {max(values):.9g}"]


# A library before the library: it notes where it is told to write.
WATCH = r"""
#include <dlfcn.h>
#include <mef3/mef3.h>
typedef int read_window(struct mef3_session *, size_t, int64_t, int64_t, int32_t *, uint8_t *,
                        size_t, mef3_damage_fn *, void *, struct mef3_error *);
void *counts_seen, *truth_seen;
int mef3_read_window(struct mef3_session *session, size_t channel, int64_t start, int64_t end,
                     int32_t *counts, uint8_t *truth, size_t n, mef3_damage_fn *report, void *arg,
                     struct mef3_error *error)
{
    read_window *next = (read_window *)dlsym(RTLD_NEXT, "mef3_read_window");
    counts_seen = counts;
    truth_seen = truth;
    return next(session, channel, start, end, counts, truth, n, report, arg, error);
}
"""
NO_COPY = r"""
import ctypes, sys, numpy, mef3
path, expected, start, end = sys.argv[1], numpy.fromfile(sys.argv[2]), *map(int, sys.argv[3:])
with mef3.Session(path) as session:
    counts, truth = session.read("gappy", start, end)
assert (truth == numpy.where(numpy.isnan(expected), mef3.GAP, mef3.DATA)).all()
assert (counts == numpy.where(numpy.isnan(expected), mef3.COUNT_NAN, expected)).all()
for array, name in ((counts, "counts_seen"), (truth, "truth_seen")):
    seen = ctypes.c_void_p.in_dll(mef3._library, name).value
    assert array.flags.owndata and array.ctypes.data == seen, name
print(len(counts))
"""


def test_the_memory_of_the_numpy_array_is_what_the_library_fills(python, tmp_path):
    (tmp_path / "watch.c").write_text("#define _GNU_SOURCE\n" + WATCH)
    watch = tmp_path / "watch.so"
    run(["gcc", "-shared", "-fPIC", tmp_path / "watch.c", "-Wl,--no-as-needed",
         *pkg_config(python.staging, "--cflags", "--libs"), "-ldl", "-o", watch])
    facts = MANIFEST["gaps"]["channels"]["gappy"]
    words = run([sys.executable, "-c", NO_COPY, session("gaps"), GOLDEN / facts["file"],
                 facts["start_uutc"], facts["end_uutc"]],
                env=dict(python.env, MEF3_LIBRARY=str(watch),
                         PYTHONPATH=str(EXAMPLES / "python")))
    assert words == f"{len(counts_of(facts))}\n"


PYTHON_MISUSE = r"""
import sys, numpy, mef3
try:
    mef3.Session(sys.argv[1] + "/none.mefd")
except mef3.Error as error:
    print(error.status, error)
session = mef3.Session(sys.argv[1])
for words in (lambda: session.read("other", 0, 1), lambda: session.read("whole", 1, 0),
              lambda: session.values("whole", numpy.zeros(4, numpy.int64)),
              lambda: (session.close(), session.read("whole", 0, 1))):
    try:
        words()
        print("nothing")
    except Exception as error:
        print(type(error).__name__)
"""


def test_misuse_is_an_exception_in_python(python):
    words = run([sys.executable, "-c", PYTHON_MISUSE, session("gaps")],
                env=dict(python.env, PYTHONPATH=str(EXAMPLES / "python"))).splitlines()
    assert words[0].startswith("-4 ") and "does not exist" in words[0]
    assert words[1:] == ["ValueError", "Error", "ArgumentError", "ValueError"]
