"""mef3 import: EDF, BDF, NumPy arrays and tables become sessions with the same samples and times."""
import io
import json
import os
import pathlib
import resource
import signal
import struct
import subprocess
import sys
import time

import numpy
import pytest

import edflib
from daemon import BUILD, SANITIZED, run_tool
from edf import Signal, build, tal
from golden import SESSIONS

START = 1015079225000000  # 2002-03-02T14:27:05Z
rng = numpy.random.default_rng(6)


def same(a, b):
    return numpy.array_equal(a, numpy.asarray(b, "f8"), equal_nan=True)


def noise(n, low=-32768, high=32768):
    return rng.integers(low, high, n)


def imports(source, out, *words, status=0):
    """Import, and give what was said on stderr, line by line."""
    done = run_tool("import", source, out, *words)
    assert done.returncode == status, (done.returncode, done.stderr)
    return done.stderr.decode().splitlines()


def refused(source, out, *words, status=3):
    """The one line of an import that is refused, and leaves nothing."""
    lines = imports(source, out, *words, status=status)
    assert len(lines) == 1 and lines[0].startswith("mef3: "), lines
    assert not out.exists()
    return lines[0]


def counts(session, channel, *words):
    done = run_tool("cat", session, "-c", channel, "--counts", "--format", "f64", *words)
    assert done.returncode == 0, done.stderr
    return numpy.frombuffer(done.stdout, "<f8")


def values(session, channel):
    done = run_tool("cat", session, "-c", channel, "--format", "f64")
    assert done.returncode == 0, done.stderr
    return numpy.frombuffer(done.stdout, "<f8")


def facts(session):
    done = run_tool("info", session, "--json")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    found["channels"] = {channel["name"]: channel for channel in found["channels"]}
    return found


def notes(session):
    """(seconds from the start, duration or None, text) of each record."""
    done = run_tool("records", session, "--json")
    assert done.returncode == 0, done.stderr
    return sorted(((row["time_uutc"] - START) / 1e6, row["duration_s"], row["text"])
                  for row in json.loads(done.stdout)["records"])


def checked(session, *words):
    """A second opinion on a session: nothing in it contradicts anything else."""
    script = pathlib.Path(__file__).parent.parent / "help" / "mef3_check.py"
    done = subprocess.run([sys.executable, script, session, *words], capture_output=True, check=False)
    assert done.returncode == 0, done.stdout


def physical(signal):
    """The values of a signal's samples, as the format defines them."""
    step = (signal.physical[1] - signal.physical[0]) / (signal.digital[1] - signal.digital[0])
    return (signal.samples - signal.digital[0]) * step + signal.physical[0], abs(step)


@pytest.fixture
def out(tmp_path):
    return tmp_path / "out.mefd"


@pytest.fixture
def put(tmp_path):
    def put_file(data, name="in.edf"):
        (tmp_path / name).write_bytes(data)
        return tmp_path / name
    return put_file


def test_a_file_of_edflib_has_its_values_within_its_resolution(tmp_path, out):
    """Written by a library that others wrote."""
    signals = [Signal("EEG Fp1-Ref", noise(2560), prefilter="HP:0.1Hz LP:75Hz N:50Hz",
                      transducer="AgAgCl cup"),
               Signal("EEG Cz-Ref", noise(2560), physical=(-3200, 3200)),
               Signal("SaO2", noise(10, 0, 1001), units="%", physical=(0, 100), digital=(0, 1000),
                      rate=1),
               Signal("fast", noise(20000), units="mV", physical=(3.5, -3.5),
                      digital=(-32767, 32767), rate=2000)]
    annotations = [(0.5, 2, "Lights off"), (3.25, -1, "Äther")]
    edflib.write(tmp_path / "in.edf", signals, annotations=annotations, name=b"Haagse Harry",
                 code=b"MCH-1")
    lines = imports(tmp_path / "in.edf", out)
    assert len(lines) == 1 and "zero of 1 signals" in lines[0] and "EEG Cz-Ref" in lines[0]
    found = facts(out)
    assert found["subject_id"] == "MCH-1" and found["subject_name_1"] == "Haagse Harry"
    assert found["start_uutc"] == START and found["end_uutc"] == START + 10_000_000
    for signal in signals:
        expected, step = physical(signal)
        channel = found["channels"][signal.label]
        assert channel["rate_hz"] == signal.rate and channel["units"] == signal.units
        assert channel["n_gaps"] == 0
        got = values(out, signal.label)
        # What has an offset of half a step is moved by it: MEF has none.
        assert numpy.abs(got - expected).max() <= 0.5 * step + 1e-9
        if signal.label != "EEG Cz-Ref":
            assert numpy.abs(got - expected).max() <= 0.05 * step  # EDFlib cuts the limits' digits
    channel = found["channels"]["EEG Fp1-Ref"]
    assert channel["low_filter_hz"] == 0.1 and channel["high_filter_hz"] == 75
    assert channel["notch_hz"] == 50 and channel["description"] == "AgAgCl cup"
    assert channel["acquisition_number"] == 1
    assert same(counts(out, "EEG Fp1-Ref"), signals[0].samples)
    assert notes(out) == [(0.5, 2, "Lights off"), (3.25, None, "Äther")]
    checked(out)


def test_a_bdf_file_of_edflib_is_exact(tmp_path, out):
    limits = {"physical": (-262144, 262143), "digital": (-8388608, 8388607)}
    signals = [Signal("A1", noise(1024, -8388608, 8388608), **limits),
               Signal("Status", numpy.resize([0, 65536, -8388608, 8388607], 1024), units="Boolean",
                      physical=(-8388608, 8388607), digital=(-8388608, 8388607))]
    edflib.write(tmp_path / "in.bdf", signals, kind=edflib.BDFPLUS, subsecond=0.5,
                 annotations=[(1, 0.5, "go")])
    line, = imports(tmp_path / "in.bdf", out)
    assert "half a step" in line and "A1" in line
    assert facts(out)["start_uutc"] == START + 500000
    # 524287 uV in 16777215 steps: zero lies 15.5 steps off.
    assert same(counts(out, "A1"), signals[0].samples - 16)
    assert same(counts(out, "Status"), signals[1].samples)
    assert notes(out) == [(1.5, 0.5, "go")]
    assert facts(out)["channels"]["Status"]["units_factor"] == 1


def test_records_of_part_seconds_have_their_rate(tmp_path, out):
    signals = [Signal("a", noise(499 * 4), rate=249.5), Signal("b", noise(40), rate=5)]
    edflib.write(tmp_path / "in.edf", signals, record_s=2)
    assert imports(tmp_path / "in.edf", out) == []
    assert facts(out)["channels"]["a"]["rate_hz"] == 249.5
    for name, found in zip("ab", signals):
        assert same(counts(out, name), found.samples)


@pytest.mark.parametrize("kind", ["EDF", "EDF+C", "EDF+D", "BDF", "BDF+C", "BDF+D"])
def test_each_kind_is_read(put, out, kind):
    found = Signal("x", noise(768))
    assert imports(put(build([found], kind)), out) == []
    assert same(counts(out, "x"), found.samples)
    assert facts(out)["start_uutc"] == START


def test_gaps_of_edf_d_are_gaps(put, out):
    onsets = [0, 1, 2.5, 3.5, 10.000001, 11.000001]
    slow = Signal("slow", noise(12), rate=2)
    fast = Signal("fast", noise(1536))
    assert imports(put(build([fast, slow], "EDF+D", onsets=onsets)), out) == []
    for found in (fast, slow):
        rate = found.rate
        expected = numpy.full(12 * rate, numpy.nan)
        for i, onset in enumerate(onsets):
            at = round(onset * rate)
            expected[at:at + rate] = found.samples[i * rate:(i + 1) * rate]
        assert same(counts(out, found.label, "--to", "+12"), expected)
        assert facts(out)["channels"][found.label]["n_gaps"] == 2
    checked(out)


def test_times_that_are_only_rounded_are_no_gaps(put, out):
    """Records of a third of a second, with times of four digits."""
    found = Signal("x", noise(300), rate=30)
    onsets = [round(i / 3, 4) for i in range(30)]
    imports(put(build([found], "EDF+D", onsets=onsets, record_s=0.333333)), out)
    channel = facts(out)["channels"]["x"]
    assert channel["n_gaps"] == 0 and channel["n_runs"] == 1


def test_a_record_out_of_order_or_without_a_time_is_lost_alone(put, out):
    found = Signal("x", noise(1280))
    line, = imports(put(build([found], "EDF+D", onsets=[0, 1, 0.5, None, 4])), out, status=1)
    assert "in 2 places" in line and "record 2 begins 1.5 s before" in line
    expected = numpy.full(1280, numpy.nan)
    expected[:512], expected[1024:] = found.samples[:512], found.samples[1024:]
    assert same(counts(out, "x"), expected)


def test_a_zone_or_a_start_says_what_the_clock_meant(put, tmp_path):
    path = put(build([Signal("x", noise(256))]))
    for words, start, zone in [(["--time-zone", "+01:00"], START - 3600_000_000, 3600),
                               (["--time-zone=-05:30"], START + 19800_000_000, -19800),
                               (["--start", "2020-09-13T12:26:40"], 1600000000000000, None)]:
        out = tmp_path / f"{start}.mefd"
        assert imports(path, out, *words) == []
        assert facts(out)["start_uutc"] == start and facts(out)["gmt_offset_s"] == zone


def test_names_that_no_folder_may_have_are_changed_and_told(put, out):
    labels = ["A1/A2", "T3", "T3", "", ".x", "µ"]
    line, = imports(put(build([Signal(label, noise(256)) for label in labels])), out)
    assert "3 channels got another name" in line and "A1_A2" in line
    assert sorted(facts(out)["channels"]) == sorted(["A1_A2", "T3", "T3-2", "ch4", "_x", "µ"])


def test_what_mef_has_no_place_for_is_told(put, out):
    line, = imports(put(build([Signal("x", noise(256))], patient="M-1 F 02-MAY-1951 Haagse_Harry",
                              recording="Startdate 02-MAR-2002 EMG561 BK/JOP Sony. Median Nerve")),
                    out)
    assert "sex" in line and "1951" not in line
    assert facts(out)["description"] == "EMG561, BK/JOP, Sony., Median Nerve"


HEADER = 256 * 3


def spoil(at, text, n=8):
    data = bytearray(build([Signal("x", noise(512))]))
    data[at:at + n] = text.encode().ljust(n)
    return bytes(data)


@pytest.mark.parametrize("data, words", [
    (b"", ["EDF, BDF nor NPY"]),
    (b"0       " + b" " * 100, ["header", "256 bytes"]),
    (spoil(252, "0", 4), ["byte 252", "number of signals", '"0"']),
    (spoil(252, "9999", 4), ["byte 184", "bytes in the header", '"768"']),
    (spoil(184, "256"), ["byte 184", '"256"']),
    (spoil(236, "many"), ["byte 236", "number of records", '"many"']),
    (spoil(244, "0"), ["byte 244", "duration of a record", '"0"']),
    (spoil(244, "nan"), ["byte 244", '"nan"']),
    (spoil(256 + 2 * 104, "1,5"), ["byte 464", "physical minimum", '"1,5"']),
    (spoil(256 + 2 * 216, "-1"), ["byte 688", "samples in a record", '"-1"']),
    (spoil(256 + 2 * 216, "\x1b[31m"), ["byte 688", "?[31m"]),
    (spoil(256 + 2 * 216 + 8, "99999999"), ["signal 2", "199999998"]),
    (spoil(168, "30.02.02")[:88] + b"X".ljust(80) + spoil(168, "30.02.02")[168:],
     ["byte 168", "30.02.02", "--start"]),
    (build([Signal("x", noise(512))])[:700], ["header", "700 bytes"]),
    (build([Signal("x", noise(512), digital=(5, 5))]), ["no channel", "digital minimum"]),
])
def test_a_header_that_makes_no_sense_is_refused_by_field_and_value(put, out, data, words):
    line = refused(put(data, "in"), out, *([] if data else []))
    for word in words:
        assert word in line, line


def test_a_signal_without_a_scale_is_lost_alone(put, out):
    good = Signal("good", noise(512))
    bad = Signal("bad", noise(512), physical=(0, 0))
    line, = imports(put(build([bad, good])), out, status=1)
    assert 'signal 1 "bad"' in line and "physical minimum and maximum are equal" in line
    assert list(facts(out)["channels"]) == ["good"]
    assert same(counts(out, "good"), good.samples)


@pytest.mark.parametrize("n_records, cut, n_kept, words", [
    (-1, 0, 5, None), (-1, 100, 4, "record 4 is cut short"),
    (None, 100, 4, "ends after 4 of 5 records"), (3, 0, 3, "after the 3 records"),
    (None, 5 * (512 + 120), 0, "ends after 0 of 5 records"),
])
def test_records_are_those_that_are_there(put, out, n_records, cut, n_kept, words):
    found = Signal("x", noise(1280))
    data = build([found], n_records=n_records)
    lines = imports(put(data[:len(data) - cut]), out, status=1 if words else 0)
    assert (words in lines[0]) if words else lines == []
    if n_kept:
        assert same(counts(out, "x"), found.samples[:256 * n_kept])


def test_annotations_have_their_times_and_texts(put, out):
    texts = [[tal(0.25, b"a", b"b"), tal(-2, "ä".encode(), duration=0)],
             [tal(100, b"\xe4 in Latin-1", duration=1.5)], [b"+7\x14\x14\0"]]
    assert imports(put(build([Signal("x", noise(768))], texts=texts)), out) == []
    assert notes(out) == [(-2, 0, "ä"), (0.25, None, "a"), (0.25, None, "b"),
                          (100, 1.5, "ä in Latin-1")]


def test_a_list_that_makes_no_sense_is_told_and_the_samples_are_there(put, out):
    found = Signal("x", noise(512))
    line, = imports(put(build([found], texts=[[b"1\x14no sign\x14\0"]])), out, status=1)
    assert "record 0" in line and "annotation" in line
    assert same(counts(out, "x"), found.samples)


def test_a_long_record_is_read_in_pieces(put, out):
    """One record of a million samples, and its time behind them."""
    found = Signal("x", noise(1_000_000), rate=1000)
    other = Signal("y", noise(1_000_000), rate=1000)
    assert imports(put(build([found, other], "EDF+D", onsets=[2], record_s=1000)), out) == []
    assert same(counts(out, "x"), found.samples) and same(counts(out, "y"), other.samples)
    assert facts(out)["start_uutc"] == START + 2_000_000


ARRAY = ["--rate", "250", "--start", "2020-09-13T12:26:40Z"]


def saved(array, **options):
    file = io.BytesIO()
    numpy.save(file, array, **options)
    return file.getvalue()


@pytest.mark.parametrize("dtype", ["<i2", ">i2", "<i4", ">i4", "<i8", "i1", "u1", "<u2", "<f4", ">f4",
                                   "<f8", ">f8"])
@pytest.mark.parametrize("order", ["C", "F"])
def test_an_array_of_each_kind_is_exact(put, out, dtype, order):
    array = numpy.array(noise(3 * 70000, 0, 100).reshape(3, 70000), dtype, order=order)
    assert imports(put(saved(array), "in.npy"), out, *ARRAY, "--name", "a", "--name", "b") == []
    assert list(facts(out)["channels"]) == ["a", "b", "ch3"]
    for name, row in zip(["a", "b", "ch3"], array):
        assert same(counts(out, name), row.astype("f8"))


def test_an_array_may_be_transposed_or_of_one_channel(put, tmp_path):
    array = noise(30).reshape(10, 3)
    imports(put(saved(array), "in.npy"), tmp_path / "a.mefd", *ARRAY, "--transpose")
    imports(put(saved(array[:, 1]), "in.npy"), tmp_path / "b.mefd", *ARRAY, "--units", "mV")
    assert same(counts(tmp_path / "a.mefd", "ch2"), array[:, 1])
    assert same(counts(tmp_path / "b.mefd", "ch1"), array[:, 1])
    channel = facts(tmp_path / "b.mefd")["channels"]["ch1"]
    assert (channel["units"], channel["rate_hz"], channel["start_uutc"]) == (
        "mV", 250, 1600000000000000)


def test_nan_is_a_gap_and_a_factor_the_resolution(put, out):
    array = numpy.round(rng.normal(0, 100, 1000), 2)
    array[100:200] = numpy.nan
    assert imports(put(saved(array), "in.npy"), out, *ARRAY, "--factor", "0.01") == []
    got = values(out, "ch1")
    assert numpy.isnan(got[100:200]).all() and facts(out)["channels"]["ch1"]["n_gaps"] == 1
    assert numpy.nanmax(numpy.abs(got - array)) < 1e-9


@pytest.mark.parametrize("array, words, expected, status", [
    (numpy.array([1.0, 1.5]), ARRAY, "1.5 is no whole number", 2),
    (numpy.array([1 << 40]), ARRAY, "beyond 32 bits", 2),
    (numpy.array([1e300]), [*ARRAY, "--factor", "1"], "--factor", 2),
    (numpy.zeros((2, 2, 2)), ARRAY, "shape", 3),
    (numpy.zeros(2, "c8"), ARRAY, "descr", 3),
    (numpy.zeros(2, [("a", "<f8")]), ARRAY, "descr", 3),
    (numpy.zeros((70000, 2)), ARRAY, "--transpose", 2),
    (numpy.zeros(2), [], "--rate and --start", 2),
    (numpy.zeros((0, 5)), ARRAY, "no channel", 3),
])
def test_an_array_that_cannot_be_told_is_refused(put, out, array, words, expected, status):
    assert expected in refused(put(saved(array), "in.npy"), out, *words, status=status)


def test_an_array_that_ends_early_is_told(put, out):
    line, = imports(put(saved(numpy.arange(1000).reshape(2, 500))[:-800], "in.npy"), out, *ARRAY,
                    status=1)
    assert "400 of 500 samples of channel 2 of 2" in line
    assert same(counts(out, "ch2"), numpy.arange(500., 900))


def test_a_table_with_times_has_its_gaps_and_its_rate(put, out):
    n, first = numpy.arange(700), 1600000000000000
    at = numpy.where(n < 300, n, n + 512)
    cells = [f"{first + int(numpy.floor(i * 1e6 / 256 + 0.5))},{i},{-i}" for i in at]
    cells[10] = cells[10].rsplit(",", 1)[0] + ","
    table = "\n".join(["time_uutc,a,\"b, c\"", *cells]) + "\n"
    line, = imports(put(table.encode(), "in.csv"), out)
    assert "256 Hz" in line
    expected = numpy.full(1212, numpy.nan)
    expected[at] = at
    assert same(counts(out, "a"), expected)
    expected[10] = numpy.nan
    assert same(counts(out, "b, c"), -expected)
    assert facts(out)["channels"]["a"]["n_gaps"] == 1


@pytest.mark.parametrize("table, words", [
    ("x;y\n1;2\n3;4\n", ARRAY),
    ("x,y\r\n1,2\r\n3,4\r\n", ARRAY),
    ("\ufeffx\ty\n1\t2\n3\t4", ARRAY),
    ("time,x,y\n2020-09-13T12:26:40Z,1,2\n2020-09-13T12:26:40.004Z,3,4\n", []),
    ("time_s,x,y\n0,1,2\n0.004,3,4\n", ["--start", "2020-09-13T12:26:40Z"]),
    ("when,x,y\n0,1,2\n0.004,3,4\n", ["--start", "2020-09-13T12:26:40Z", "--time", "seconds"]),
    ("time,x,y\n7,1,2\n8,3,4\n", None),
])
def test_a_table_is_read_however_it_is_written(put, out, table, words):
    if words is None:
        imports(put(table.encode(), "in.csv"), out, *ARRAY, "--time", "none")
        assert sorted(facts(out)["channels"]) == ["time", "x", "y"]
    else:
        imports(put(table.encode(), "in.csv"), out, *words)
        assert facts(out)["channels"]["y"]["rate_hz"] == 250
    assert same(counts(out, "x"), [1, 3]) and same(counts(out, "y"), [2, 4])
    assert facts(out)["start_uutc"] == 1600000000000000


@pytest.mark.parametrize("table, words, expected, status", [
    ("", ARRAY, "a line of names", 3),
    ("1,2\n3,4\n", ARRAY, "line 1: expected the channels' names", 3),
    ("x,y\n1,2\n3\n", ARRAY, "line 3: expected 2 cells, found 1", 3),
    ("x,y\n1,2\n3,z\n", ARRAY, 'line 3, column 2: expected a number, found "z"', 3),
    ("x\n0x10\n", ARRAY, 'found "0x10"', 3),
    ('x\n"1\n', ARRAY, "line 2: expected the end of a quotation", 3),
    ("x\n1.5\n", ARRAY, "line 2, column 1: 1.5 is no whole number", 2),
    ("x\n1\n", [], "--rate and --start", 2),
    ("time,x\nnow,1\n", ["--rate", "1"], 'expected a time, found "now"', 3),
    ("time,x\n5,1\n4,1\n", ["--rate", "1"], "line 3: expected a time from", 3),
    ("time,x\n5,1\n", [], "do not tell its rate", 2),
    ("time_s,x\n5,1\n6,1\n", [], "--start", 2),
])
def test_a_table_that_makes_no_sense_is_refused_by_line(put, out, table, words, expected, status):
    assert expected in refused(put(table.encode(), "in.csv"), out, *words, status=status)


def test_passwords_are_of_a_file(put, tmp_path, out):
    (tmp_path / "secret").write_text("reader\nowner\n")
    path = put(build([Signal("x", noise(256))], patient="M-1 X X X"))
    assert imports(path, out, "--new-password-file", tmp_path / "secret") == []
    assert run_tool("cat", out).returncode == 3
    for password, subject in (("reader", ""), ("owner", "M-1")):
        done = run_tool("info", out, "--json", env={"MEF3_PASSWORD": password})
        assert done.returncode == 0 and json.loads(done.stdout)["subject_id"] == subject
        checked(out, "--password", password)
    assert "missing" in refused(path, tmp_path / "b.mefd", "--new-password-file",
                                tmp_path / "missing")


def test_blocks_are_as_long_as_one_says(put, out):
    imports(put(build([Signal("x", noise(2560))])), out, "--block", "100")
    assert (out / "x.timd/x-000000.segd/x-000000.tidx").stat().st_size == 1024 + 26 * 56


def test_what_is_there_is_not_written_over(put, out):
    out.mkdir()
    lines = imports(put(build([Signal("x", noise(256))])), out, status=2)
    assert "new folder" in lines[0] and list(out.iterdir()) == []


@pytest.mark.parametrize("words", [
    [], ["in.edf"], ["in.edf", "out.mefd", "more"], ["in.edf", "out.mefd", "--rate", "0"],
    ["in.edf", "out.mefd", "--format", "doc"], ["in.edf", "out.mefd", "--time-zone", "Berlin"],
    ["in.edf", "out.mefd", "--start", "+1"], ["in.edf", "out.mefd", "--block", "0"],
    ["in.edf", "out.mefd", "--factor", "0"], ["in.edf", "out.mefd", "--time", "now"],
])
def test_wrong_words_are_refused(words):
    done = run_tool("import", *words)
    assert done.returncode == 2 and done.stderr.startswith(b"mef3: import: ")


def test_options_of_other_formats_are_refused(put, out):
    assert "--rate" in refused(put(build([Signal("x", noise(256))])), out, "--rate", "5", status=2)
    assert "--time-zone" in refused(put(saved(numpy.zeros(3)), "in.npy"), out, *ARRAY,
                                    "--time-zone", "+01:00", status=2)


def test_a_file_that_is_not_there_is_told(tmp_path, out):
    assert "cannot be opened" in refused(tmp_path / "missing.edf", out)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_import_leaves_nothing(tmp_path, out, number):
    """From a pipe that never ends."""
    pipe = tmp_path / "in.npy"
    os.mkfifo(pipe)
    process = subprocess.Popen([BUILD / "mef3", "import", pipe, out, "--format", "csv", *ARRAY],
                               stderr=subprocess.PIPE)
    with open(pipe, "wb", buffering=0) as to:
        to.write(b"x\n" + b"1\n" * 100000)
        while not out.exists():
            time.sleep(0.01)
        process.send_signal(number)
        try:
            while process.poll() is None:
                to.write(b"1\n" * 10000)
        except BrokenPipeError:
            pass
    assert process.wait() == 3
    assert b"interrupted" in process.stderr.read()
    process.stderr.close()
    assert not out.exists()


def limit_memory():
    resource.setrlimit(resource.RLIMIT_DATA, (48 << 20, 48 << 20))


@pytest.mark.skipif(SANITIZED, reason="sanitizers have memory of their own")
@pytest.mark.parametrize("name", ["in.edf", "in.npy"])
def test_memory_does_not_grow_with_the_file(tmp_path, out, name):
    """80 million bytes, of zeros that take no room on the disk."""
    head = build([Signal("x", [], rate=1000000), Signal("y", [], rate=1000000)], n_records=20)
    if name == "in.npy":
        text = "{'descr': '<i2', 'fortran_order': True, 'shape': (2, 20000000)}\n"
        head = b"\x93NUMPY\1\0" + struct.pack("<H", len(text)) + text.encode()
    n = 20 * (4_000_000 + 120) if name == "in.edf" else 80_000_000
    with open(tmp_path / name, "wb") as file:
        file.write(head)
        file.truncate(len(head) + n)
    words = ["--rate", "1000000", "--start", "2020-09-13"] if name == "in.npy" else []
    done = subprocess.run([BUILD / "mef3", "import", tmp_path / name, out, *words],
                          capture_output=True, check=False, preexec_fn=limit_memory)
    assert done.returncode == 0, done.stderr
    assert b"2 channels, 40000000 samples" in done.stdout


def test_a_recording_as_csv_and_npy_comes_back_equal(tmp_path):
    gaps = SESSIONS["gaps"]
    channel = gaps.channel("gappy")
    expected = channel.window(channel.start, channel.end)
    for form in ("csv", "npy"):
        path = tmp_path / f"out.{form}"
        done = run_tool("cat", gaps.path, "-c", "gappy", "--format", form, "-o", path)
        assert done.returncode == 0
        words = ["--factor", repr(channel.factor)]
        if form == "npy":
            words += ["--rate", channel.rate, "--start", channel.start, "--name", "gappy"]
        imports(path, tmp_path / f"{form}.mefd", *words)
        assert same(counts(tmp_path / f"{form}.mefd", "gappy"), expected)
