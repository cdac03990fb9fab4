"""mef3 export: what other programs read, and what comes back when it is imported again."""
import io
import json
import struct
import subprocess

import numpy
import pytest

import edflib
from craft import Segment
from daemon import BUILD, run_tool
from edf import Signal, build, tal
from golden import SESSIONS

ONE = SESSIONS["one_channel"]
GAPS = SESSIONS["gaps"]
MIXED = SESSIONS["mixed_rates"]
START = 1015079225000000  # of edf.build: 2002-03-02T14:27:05Z


def run(*words, status=0, env=None):
    """What it said on stderr."""
    done = run_tool(*words, env=env)
    assert done.returncode == status, (done.returncode, done.stderr)
    return done.stderr.decode()


def window(session, channel, *words, env=None):
    done = run_tool("cat", session, "-c", channel, "--format", "f64", *words, env=env)
    assert done.returncode == 0, done.stderr
    return numpy.frombuffer(done.stdout, "<f8")


def facts(session):
    done = run_tool("info", session, "--json")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    found["by_name"] = {channel["name"]: channel for channel in found["channels"]}
    return found


def records(session):
    done = run_tool("records", session, "--json")
    assert done.returncode == 0, done.stderr
    return [(row["type"], row["time_uutc"], row["duration_s"], row["text"])
            for row in json.loads(done.stdout)["records"]]


def same(a, b):
    return numpy.array_equal(a, b, equal_nan=True)


def there_and_back(session, folder, form="edf", *words, env=None):
    """Export, import; the new session and what was said."""
    said = run("export", session, folder / f"out.{form}", *words, env=env)
    assert run("import", folder / f"out.{form}", folder / "back.mefd").count("\n") <= 1
    return folder / "back.mefd", said


def fits(session, bits):
    most = 2 ** (bits - 1) - 1
    return all(numpy.abs(samples.astype("f8")).max(initial=0) <= most
               for channel in session.channels for _, samples in channel.runs())


@pytest.mark.parametrize("form, bits", [("edf", 16), ("bdf", 24)])
@pytest.mark.parametrize("name", list(SESSIONS))
def test_each_golden_session_comes_back(name, form, bits, tmp_path):
    """Counts that fit are the same, and all values within a step of what EDF can say."""
    session = SESSIONS[name]
    env = {"MEF3_PASSWORD": session.password} if session.password else {}
    back, said = there_and_back(session.path, tmp_path, form, env=env)
    assert ("coarser steps" in said) <= (not fits(session, bits)), said
    found = facts(back)
    # EDF's names have 16 ASCII characters, and its channels come in the order of ours.
    order = sorted(found["channels"], key=lambda channel: channel["acquisition_number"])
    assert len(order) == len(session.channels)
    for channel, got in zip(session.channels, order):
        assert got["rate_hz"] == pytest.approx(channel.rate, rel=1e-6)
        words = ["--from", channel.start, "--to", channel.end]
        before = window(session.path, channel.name, *words, env=env)
        after = window(back, got["name"], *words)
        if got["rate_hz"] != channel.rate:
            after = after[:len(before)]
        scale = abs(got["units_factor"]) * {"uV": 1, "mV": 1e3, "V": 1e6}[got["units"]]
        after = after * (scale / abs(got["units_factor"]))
        if fits(session, bits):
            assert scale == pytest.approx(abs(channel.factor), rel=1e-6)
            assert same(numpy.round(before / channel.factor), numpy.round(after / scale))
        else:
            finite = numpy.isfinite(before)
            assert numpy.abs(before - after)[finite].max(initial=0) <= 1.01 * scale


def test_edflib_reads_what_is_written(tmp_path):
    """A library that others wrote."""
    rng = numpy.random.default_rng(7)
    signals = [Signal("EEG Fp1-Ref", rng.integers(-30000, 30000, 2560), prefilter="HP:0.1Hz LP:70Hz",
                      transducer="cup"),
               Signal("SaO2", rng.integers(0, 1000, 10), units="%", physical=(0, 100),
                      digital=(0, 1000), rate=1)]
    texts = [[tal(0.25, "Lights öff".encode(), duration=1.5)], [], [tal(7.5, b"note", b"two")]]
    (tmp_path / "in.edf").write_bytes(build(signals, texts=texts, patient="MCH-1 X X Haagse_Harry"))
    run("import", tmp_path / "in.edf", tmp_path / "s.mefd")
    for form, kind in (("edf", edflib.EDFPLUS), ("bdf", edflib.BDFPLUS)):
        assert run("export", tmp_path / "s.mefd", tmp_path / f"out.{form}") == ""
        header, samples, annotations = edflib.read(tmp_path / f"out.{form}")
        assert header.filetype == kind and header.edfsignals == 2
        assert (header.startdate_year, header.startdate_month, header.startdate_day) == (2002, 3, 2)
        assert (header.starttime_hour, header.starttime_minute, header.starttime_second) == (
            14, 27, 5)
        assert header.patientcode == b"MCH-1" and header.patient_name == b"Haagse Harry"
        assert header.equipment == b"mef3"
        for found, signal, got in zip(header.signalparam, signals, samples):
            assert found.label.strip() == signal.label.encode()
            assert found.physdimension.strip() == signal.units.encode()
            assert found.prefilter.strip() == signal.prefilter.encode()
            assert found.transducer.strip() == signal.transducer.encode()
            assert found.smp_in_datarecord == signal.rate
            assert found.phys_max / found.dig_max == pytest.approx(0.1)
            assert numpy.array_equal(got, signal.samples)
        assert annotations == [(0.25, 1.5, "Lights öff"), (7.5, -1, "note"), (7.5, -1, "two")]


def test_annotations_come_back_with_type_time_and_duration(tmp_path):
    """So many at one time that one record has no room for them all."""
    texts = [[tal(0.000001, b"first")], [tal(-3, b"before the start", duration=0)],
             [tal(2, b"x" * 300, duration=2.5)], [tal(2, *[b"%d" % i for i in range(100)])]]
    path = tmp_path / "in.edf"
    path.write_bytes(build([Signal("x", numpy.zeros(5 * 256))], texts=texts, annotation_bytes=800))
    run("import", path, tmp_path / "s.mefd")
    before = records(tmp_path / "s.mefd")
    assert len(before) == 103
    assert ("EDFA", START + 2_000_000, 2.5, "x" * 300) in before
    assert ("Note", START + 1, None, "first") in before
    assert ("EDFA", START - 3_000_000, 0.0, "before the start") in before
    back, said = there_and_back(tmp_path / "s.mefd", tmp_path)
    assert said == "" and sorted(map(repr, records(back))) == sorted(map(repr, before))
    header, _, annotations = edflib.read(tmp_path / "out.edf")
    assert len(annotations) == 103


def test_records_that_are_no_texts_are_left_out_and_told(copy, tmp_path):
    path = copy("annotations")
    said = run("export", path, tmp_path / "out.edf")
    kinds = {row[0] for row in records(path)}
    texts = kinds & {"Note", "SyLg", "EDFA", "Seiz", "Epoc"}
    assert texts and ("no texts" in said) == bool(kinds - texts)
    run("import", tmp_path / "out.edf", tmp_path / "back.mefd")
    assert len(records(tmp_path / "back.mefd")) == sum(row[0] in texts for row in records(path))


def test_gaps_come_back_where_they_were(tmp_path):
    back, said = there_and_back(GAPS.path, tmp_path, "bdf")
    assert "samples that are not there" in said
    before, after = facts(GAPS.path)["by_name"], facts(back)["by_name"]
    for name in before:
        assert after[name]["n_gaps"] == before[name]["n_gaps"]
        assert after[name]["gap_s"] == pytest.approx(before[name]["gap_s"], abs=1e-5)
        assert same(window(back, name), window(GAPS.path, name))


def test_where_no_channel_has_data_there_is_no_record(tmp_path):
    run("export", GAPS.path, tmp_path / "out.edf", "-c", "gappy")
    head = (tmp_path / "out.edf").read_bytes()[:256]
    channel = GAPS.channel("gappy")
    assert head[192:197] == b"EDF+D"
    assert int(head[236:244]) < (channel.end - channel.start) / 1e6 / float(head[244:252])


def test_a_window_ends_where_it_was_asked_to(tmp_path):
    words = ["--from", "+1.5", "--to", "+3.25"]
    back, _ = there_and_back(ONE.path, tmp_path, "bdf", *words)
    assert same(window(back, "Cz"), window(ONE.path, "Cz", *words))
    run("export", ONE.path, tmp_path / "out.edf", *words)
    header, _, _ = edflib.read(tmp_path / "out.edf")
    assert header.starttime_subsecond == 5000000


def test_a_clock_of_a_zone_means_the_same(tmp_path):
    run("export", ONE.path, tmp_path / "out.edf", "--time-zone", "+02:00")
    header, _, _ = edflib.read(tmp_path / "out.edf")
    assert header.starttime_hour == 14  # 12:26:47 UTC
    run("import", tmp_path / "out.edf", tmp_path / "back.mefd", "--time-zone", "+02:00")
    assert facts(tmp_path / "back.mefd")["start_uutc"] == ONE.start


def saved(folder, values, *words):
    numpy.save(folder / "in.npy", values)
    run("import", folder / "in.npy", folder / "s.mefd", "--rate", "100", "--start",
        "2020-09-13T12:26:40", *words)
    return folder / "s.mefd"


@pytest.mark.parametrize("factor", ["1", "0.1", "0.0244140625", "0.0488758553", "1e-3", "-0.5",
                                    "3.14159e-5", "123.456", "0.3333333333333333"])
def test_counts_of_16_bits_are_kept_whatever_a_count_is_worth(tmp_path, factor):
    values = numpy.concatenate([numpy.random.default_rng(8).integers(-32000, 32000, 990),
                                numpy.zeros(8, int), [-32000, 32000]])
    session = saved(tmp_path, values, "--factor", factor)
    back, said = there_and_back(session, tmp_path)
    assert said == ""
    got = numpy.frombuffer(run_tool("cat", back, "--counts", "--format", "f64").stdout, "<f8")
    assert numpy.array_equal(got, values)
    assert facts(back)["channels"][0]["units_factor"] == pytest.approx(float(factor), rel=2e-6)


@pytest.mark.parametrize("values, form", [
    (numpy.linspace(-1e6, 1e6, 1000).round(), "edf"),
    (numpy.linspace(1e6, 1e6 + 20, 1000).round(), "edf"),
    (numpy.full(1000, 123456), "edf"),
    (numpy.linspace(-9e6, 9e6, 1000).round(), "bdf"),
])
def test_what_does_not_fit_has_coarser_steps_and_nothing_is_clipped(tmp_path, values, form):
    session = saved(tmp_path, values)
    back, said = there_and_back(session, tmp_path, form)
    got = window(back, "ch1")
    step = facts(back)["channels"][0]["units_factor"]
    bits = 16 if form == "edf" else 24
    assert numpy.abs(got - values).max() <= 1.01 * step  # the zero is moved by up to half of one
    assert step <= max(1.001, (values.max() - values.min() + 2) / (2 ** bits - 4))
    assert ("coarser steps" in said) == (step > 1)


def test_small_values_in_volts_are_told_in_microvolts(tmp_path):
    session = saved(tmp_path, numpy.arange(-500, 500), "--factor", "1e-7", "--units", "V")
    back, _ = there_and_back(session, tmp_path)
    channel, = facts(back)["channels"]
    assert channel["units"] == "uV" and channel["units_factor"] == pytest.approx(0.1)
    assert numpy.allclose(window(back, "ch1"), numpy.arange(-500, 500) * 0.1, atol=1e-6)


def test_large_values_in_microvolts_are_told_in_volts(tmp_path):
    session = saved(tmp_path, numpy.arange(-500, 500), "--factor", "1e6")
    back, _ = there_and_back(session, tmp_path)
    channel, = facts(back)["channels"]
    assert channel["units"] == "mV" and channel["units_factor"] == pytest.approx(1000)


def test_values_of_more_than_eight_digits_are_refused(tmp_path):
    session = saved(tmp_path, numpy.array([1, 2000]), "--factor", "1e6", "--units", "Pa")
    assert "eight digits" in run("export", session, tmp_path / "out.edf", status=2)
    assert not (tmp_path / "out.edf").exists()


def test_rates_that_fit_no_record_are_refused(tmp_path):
    table = "time_s,x\n" + "".join(f"{i},1\n" for i in range(10))
    (tmp_path / "in.csv").write_text(table)
    run("import", tmp_path / "in.csv", tmp_path / "s.mefd", "--start", "2020-09-13", "--rate",
        "1.0000001")
    said = run("export", tmp_path / "s.mefd", tmp_path / "out.edf")
    assert "off by" in said and "digital" not in said.split("\n")[0]


def test_names_are_labels_of_sixteen_characters(tmp_path):
    names = ["a channel of many letters", "a channel of many words", "Ä"]
    numpy.save(tmp_path / "in.npy", numpy.zeros((3, 100), "i2"))
    run("import", tmp_path / "in.npy", tmp_path / "s.mefd", "--rate", "100", "--start", "2020-09-13",
        *[word for name in names for word in ("--name", name)])
    said = run("export", tmp_path / "s.mefd", tmp_path / "out.edf")
    assert "3 names" in said
    header, _, _ = edflib.read(tmp_path / "out.edf")
    labels = [header.signalparam[i].label.decode().strip() for i in range(3)]
    assert labels == ["a channel of man", "a channel of m-2", "_"]


def test_what_is_unreadable_is_told_and_not_made_up(copy, tmp_path):
    path = copy("one_channel")
    Segment(path, "Cz").flip(0, 400)
    n = Segment(path, "Cz").index(0)[3]
    said = run("export", path, tmp_path / "out.edf", status=1)
    assert f"{n} samples in 1 places are unreadable" in said
    run("import", tmp_path / "out.edf", tmp_path / "back.mefd")
    channel = ONE.channel("Cz")
    got = window(tmp_path / "back.mefd", "Cz", "--from", channel.start, "--to", channel.end)
    assert numpy.isnan(got[:n]).all() and not numpy.isnan(got[n:]).any()


def wav(data):
    """The chunks of a file: what fmt says, and where the data begin."""
    assert data[8:12] == b"WAVE"
    at, chunks = 12, {}
    while at < len(data):
        n = struct.unpack("<I", data[at + 4:at + 8])[0]
        chunks[data[at:at + 4]] = (at + 8, n)
        at += 8 + n
    kind, channels, rate, _, frame, bits = struct.unpack("<HHIIHH", data[chunks[b"fmt "][0]:][:16])
    sub = struct.unpack("<H", data[chunks[b"fmt "][0] + 24:][:2])[0]
    assert kind == 0xFFFE and frame == 4 * channels and bits == 32
    return sub, channels, rate, chunks[b"data"]


def test_wav_holds_counts_or_values(tmp_path):
    assert "as 0" in run("export", GAPS.path, tmp_path / "out.wav")
    data = (tmp_path / "out.wav").read_bytes()
    sub, channels, rate, (at, n) = wav(data)
    assert (sub, channels, rate) == (1, 2, 256)
    assert struct.unpack("<I", data[4:8])[0] == len(data) - 8 and at + n == len(data)
    expected = numpy.stack([channel.window(GAPS.start, GAPS.end) for channel in GAPS.channels])
    assert same(numpy.frombuffer(data[at:], "<i4").reshape(-1, 2).T,
                numpy.nan_to_num(expected).astype("<i4"))
    assert "as NaN" in run("export", GAPS.path, tmp_path / "f.wav", "--format", "wav-f32")
    data = (tmp_path / "f.wav").read_bytes()
    sub, channels, rate, (at, n) = wav(data)
    assert sub == 3
    values = GAPS.float64(GAPS.start, GAPS.end).astype("<f4")
    assert same(numpy.frombuffer(data[at:], "<f4").reshape(-1, 2).T, values)


def test_a_wav_file_of_more_than_four_gigabytes_is_rf64(tmp_path):
    numpy.save(tmp_path / "in.npy", numpy.zeros((8, 100), "i2"))
    run("import", tmp_path / "in.npy", tmp_path / "s.mefd", "--rate", "10000", "--start",
        "2020-09-13")
    process = subprocess.Popen([BUILD / "mef3", "export", tmp_path / "s.mefd", "-", "--format",
                                "wav", "--to", "2020-09-13T06:00"], stdout=subprocess.PIPE,
                               stderr=subprocess.DEVNULL)
    head = process.stdout.read(104)
    process.stdout.close()
    process.wait()
    frames = 6 * 3600 * 10000
    assert head[:4] == b"RF64" and head[4:8] == b"\xff" * 4 and head[12:16] == b"ds64"
    assert struct.unpack("<QQQ", head[20:44]) == (frames * 32 + 96, frames * 32, frames)
    assert head[96:104] == b"data" + b"\xff" * 4


def test_npy_and_csv_are_those_of_cat(tmp_path):
    for form in ("npy", "csv"):
        for words in ([], ["--counts"], ["-c", "gappy", "--from", "+1", "--to", "+2"]):
            run("export", GAPS.path, tmp_path / f"out.{form}", *words)
            expected = run_tool("cat", GAPS.path, "--format", form, *words).stdout
            assert (tmp_path / f"out.{form}").read_bytes() == expected


@pytest.mark.parametrize("form", ["edf", "bdf", "npy", "csv", "wav", "wav-f32"])
def test_standard_output_has_the_same_bytes(tmp_path, form):
    run("export", ONE.path, tmp_path / "out", "--format", form)
    done = run_tool("export", ONE.path, "-", "--format", form)
    assert done.returncode == 0 and done.stdout == (tmp_path / "out").read_bytes()


@pytest.mark.parametrize("words, expected", [
    ([ONE.path], "a recording and a file"),
    ([ONE.path, "out"], "--format"),
    ([ONE.path, "out.doc"], "--format"),
    ([ONE.path, "out.edf", "--format", "doc"], "--format takes"),
    ([ONE.path, "out.edf", "-c", "nope"], "nope"),
    ([ONE.path, "out.edf", "--counts"], "--counts"),
    ([ONE.path, "out.npy", "--time-zone", "Z"], "--time-zone"),
    ([ONE.path, "out.edf", "--time-zone", "here"], "--time-zone"),
    ([MIXED.path, "out.wav"], "different rates"),
    ([ONE.path, "out.edf", "--from", "2030-01-01", "--to", "2030-01-02"], "nothing was recorded"),
])
def test_wrong_words_are_refused(words, expected):
    assert expected in run("export", *words, status=2)


def test_a_password_is_needed(tmp_path):
    secret = SESSIONS["encrypted"]
    for form in ("edf", "wav", "csv"):
        assert "password" in run("export", secret.path, tmp_path / f"out.{form}", status=3)
    assert not (tmp_path / "out.edf").exists()


def test_an_array_is_a_numpy_file(tmp_path):
    run("export", ONE.path, tmp_path / "out.npy")
    assert numpy.load(io.BytesIO((tmp_path / "out.npy").read_bytes())).shape[0] == 1
