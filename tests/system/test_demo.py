"""mef3 demo: the recording is what the help says, and nothing is left of one that failed."""
import os
import resource
import signal
import subprocess
import time

import numpy
import pytest

from daemon import BUILD, SANITIZER_OPTIONS, run_tool, wait_until

RATE = 256
HOURS = 0.1
SECONDS = HOURS * 3600


def make(path, *words):
    done = run_tool("demo", path, *words)
    assert done.returncode == 0, done.stderr
    return path


def read(path, channel):
    done = run_tool("cat", path, "-c", channel, "--format", "f64")
    assert done.returncode == 0, done.stderr
    return numpy.frombuffer(done.stdout, "<f8")


def files(path):
    return {file.relative_to(path): file.read_bytes()
            for file in path.rglob("*") if file.is_file()}


@pytest.fixture(scope="module")
def recording(tmp_path_factory):
    return make(tmp_path_factory.mktemp("demo") / "eeg.mefd", "--hours", HOURS)


def part(values, start, end):
    """From one part of the recording to another, 0 .. 1."""
    return values[int(start * len(values)):int(end * len(values))]


def loudness(values, low, high):
    """Root of the power between two frequencies."""
    power = numpy.abs(numpy.fft.rfft(values * numpy.hanning(len(values)))) ** 2
    hz = numpy.fft.rfftfreq(len(values), 1 / RATE)
    return numpy.sqrt(power[(hz >= low) & (hz < high)].sum()) / len(values)


def test_alpha_is_at_the_back_of_the_head(recording):
    back, front = (part(read(recording, name), 0.05, 0.33) for name in ("O1", "Fp1"))
    assert loudness(back, 8, 12) > 3 * loudness(front, 8, 12)
    assert loudness(back, 8, 12) > 3 * loudness(back, 13, 17)


def test_the_background_falls_with_frequency_and_neighbours_share_it(recording):
    cz, c3, o2 = (part(read(recording, name), 0.05, 0.33) for name in ("Cz", "C3", "O2"))
    assert loudness(cz, 1, 3) > 4 * loudness(cz, 20, 22) > 6 * loudness(cz, 60, 62)
    assert numpy.corrcoef(cz, c3)[0, 1] > numpy.corrcoef(cz, o2)[0, 1] + 0.1
    assert 5 < cz.std() < 40


def test_mains_hum_at_50_hz(recording):
    quiet = part(read(recording, "Fp2"), 0.05, 0.33)
    assert loudness(quiet, 49.9, 50.1) > 5 * loudness(quiet, 49.5, 49.7)


def test_one_seizure_builds_up_at_the_left_temple_and_spreads(recording):
    near, far = read(recording, "T3"), read(recording, "T4")
    before, late = part(near, 0.5, 0.59), part(near, 0.7, 0.74)
    assert late.std() > 4 * before.std()
    assert late.std() > 2 * part(far, 0.7, 0.74).std()
    assert part(near, 0.62, 0.65).std() < late.std()
    assert part(near, 0.76, 0.8).std() < before.std()


def test_spikes_are_seen_at_the_left_temple(recording):
    near, far = (part(read(recording, name), 0.05, 0.33) for name in ("T3", "T4"))
    assert near.min() < 1.5 * far.min()


def test_there_is_one_gap_and_all_channels_have_it(recording):
    for name in ("Fp1", "O2"):
        missing = numpy.isnan(read(recording, name))
        assert missing.sum() == 5 * RATE
        assert numpy.count_nonzero(numpy.diff(missing.astype(int))) == 2


def test_the_same_options_make_the_same_bytes_and_another_seed_others(tmp_path):
    words = ["--hours", 0.005, "--channels", 3, "--rate", 249.7]
    one, two, other = (make(tmp_path / folder / "x.mefd", *words, *more)
                       for folder, more in (("a", []), ("b", []), ("c", ["--seed", 2]))
                       if (tmp_path / folder).mkdir() is None)
    assert files(one) == files(two)
    assert files(one) != files(other)


@pytest.mark.parametrize("words", [["--channels", 1, "--rate", 1, "--hours", 0.0001],
                                   ["--channels", 300, "--rate", 30, "--hours", 0.001],
                                   ["--channels", 2, "--rate", 100000, "--hours", 0.0002]], ids=str)
def test_odd_sizes_can_be_read_whole(tmp_path, words):
    path = make(tmp_path / "odd.mefd", *words)
    done = run_tool("cat", path, "--format", "i32")
    assert done.returncode == 0, done.stderr
    samples = max(1, round(words[3] * words[5] * 3600))
    assert len(done.stdout) == 4 * words[1] * samples


def test_what_exists_is_not_overwritten(tmp_path):
    path = make(tmp_path / "x.mefd", "--hours", 0.001)
    before = files(path)
    done = run_tool("demo", path)
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert files(path) == before


@pytest.mark.parametrize("words, status", [
    (["x"], 2), (["x.mefd", "y.mefd"], 2), ([], 2), (["x.mefd", "--channels", 0], 2),
    (["x.mefd", "--rate", "nan"], 2), (["x.mefd", "--hours", "1e9"], 2), (["x.mefd", "--what"], 2),
    (["x.mefd", "--channels", "3x"], 2), (["none/x.mefd"], 3)], ids=str)
def test_wrong_use_says_so_on_one_line_and_makes_nothing(tmp_path, words, status):
    words = [tmp_path / word if "mefd" in str(word) or word == "x" else word for word in words]
    done = run_tool("demo", *words)
    assert done.returncode == status
    assert len(done.stderr.splitlines()) == 1
    assert not any(tmp_path.iterdir())


def start(path, **more):
    return subprocess.Popen([str(BUILD / "mef3"), "demo", str(path), "--hours", "1000"],
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                            env=os.environ | SANITIZER_OPTIONS, **more)


def has_index(folder):
    try:
        return any(folder.rglob("*.tidx"))
    except FileNotFoundError:  # a folder got its name meanwhile
        return False


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_interrupted_it_removes_what_it_wrote(tmp_path, number):
    process = start(tmp_path / "x.mefd")
    wait_until(lambda: has_index(tmp_path), "an index")
    assert process.poll() is None
    process.send_signal(number)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 3
    assert len(said.splitlines()) == 1
    assert not any(tmp_path.iterdir())


def test_on_a_full_disk_it_removes_what_it_wrote(tmp_path):
    def small_files():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (100000, 100000))

    process = start(tmp_path / "x.mefd", preexec_fn=small_files)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 3
    assert len(said.splitlines()) == 1 and b"tdat" in said
    assert not any(tmp_path.iterdir())
