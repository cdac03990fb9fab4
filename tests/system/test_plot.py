"""mef3 plot and mef3 overview: what is on the picture is what is in the recording."""
import os
import signal
import subprocess

import numpy
import pytest

from craft import Segment
from daemon import BUILD, PATIENCE_S, SANITIZER_OPTIONS, run_tool
from golden import SESSIONS
from pictures import (AXIS, DAMAGE, DARK_GAP, DARK_PAPER, EVENT, GAP, HEAD, INK, LABELS, LEFT, PAPER, PIXELS_PER_MM,
                      Picture, colours_of, is_colour, parse_svg)

GAPS = SESSIONS["gaps"]
START = 1600000007000000
SQUARE_HZ = 100


def draw(command, session, *words, n_traces=1, status=0, env=None):
    done = run_tool(command, session, *words, "-o", "-", env=env)
    assert done.returncode == status, done.stderr
    return Picture(done.stdout, n_traces)


def refuse(command, *words, status, env=None):
    """What it said; nothing else was written."""
    done = run_tool(command, *words, env=env)
    assert done.returncode == status, (done.returncode, done.stderr)
    assert done.stdout == b"" and done.stderr.count(b"\n") == 1
    return done.stderr.decode()


@pytest.fixture
def make(tmp_path):
    """A recording of one channel, of a table of values in µV; None is a gap."""
    def make_recording(values, name="A", rate=SQUARE_HZ):
        table = tmp_path / "table.csv"
        rows = [f"{START + round(i * 1e6 / rate)},{value}" for i, value in enumerate(values) if value is not None]
        table.write_text("\n".join([f'time_uutc,"{name}"', *rows]) + "\n")
        path = tmp_path / "made.mefd"
        done = run_tool("import", table, path)
        assert done.returncode == 0, done.stderr
        return path
    return make_recording


def square(seconds=10):
    """Half a second of 100 µV, half a second of -100 µV, and so on."""
    return [100 if i // (SQUARE_HZ // 2) % 2 == 0 else -100 for i in range(seconds * SQUARE_HZ)]


@pytest.mark.parametrize("up, sign", [("negative", 1), ("positive", -1)])
def test_a_square_wave_is_where_it_belongs(make, up, sign):
    picture = draw("plot", make(square()), "--scale", "10", "--up", up, "--size", "1124x500")
    assert (picture.width, picture.height, picture.columns) == (1124, 500, 1000)
    for second in range(10):
        for half, value in ((0.25, 100), (0.75, -100)):
            wanted = picture.middle(0) + sign * value / 10 * PIXELS_PER_MM
            assert picture.height_at(round(picture.x((second + half) / 10))) == pytest.approx(wanted, abs=0.1)


def test_the_trace_stands_about_its_mean(make):
    picture = draw("plot", make([v + 5000 for v in square()]), "--scale", "10", "--size", "1124x500")
    wanted = picture.middle(0) + 10 * PIXELS_PER_MM
    assert picture.height_at(round(picture.x(0.025))) == pytest.approx(wanted, abs=0.1)


def test_a_spike_of_one_sample_is_seen_however_many_there_are(make):
    rate, values = 1000, [0] * 60000
    values[31415] = -400
    picture = draw("plot", make(values, rate=rate), "--to", "+60", "--scale", "10", "--size", "1124x500")
    column = int(picture.x(31.415 / 60))
    rows, dark = picture.ink(column)
    assert rows.max() - rows.min() == pytest.approx(40 * PIXELS_PER_MM, abs=2), "as high as it is"
    assert dark[2:-2].min() > 0.95 and len(picture.ink(column - 3)[0]) <= 3 >= len(picture.ink(column + 3)[0])


def test_a_gap_is_shaded_and_has_no_line_across():
    picture = draw("plot", GAPS.path, n_traces=2)
    # Two of the ten seconds; lines of the grid are at whole seconds.
    gap = picture.lane_of(0, 0.301, 0.399)
    assert colours_of(gap) == {GAP}
    assert not is_colour(picture.lane_of(1), GAP).any(), "the other channel has none"
    assert PAPER in colours_of(picture.lane_of(0, 0.21, 0.29))
    assert is_colour(picture.lane_of(0, 0.2, 0.29), INK).any()


def test_dark_is_the_same_page():
    light, dark = draw("plot", GAPS.path, n_traces=2), draw("plot", GAPS.path, "--dark", n_traces=2)
    assert colours_of(dark.lane_of(0, 0.301, 0.399)) == {DARK_GAP}
    assert numpy.array_equal(is_colour(light.lane_of(0), PAPER), is_colour(dark.lane_of(0), DARK_PAPER))


def is_inked(lane):
    """Darker than shades and the lines of the grid are; a thin line may have no pixel of its colour."""
    return (lane.min(axis=-1) < 150).any()


@pytest.mark.parametrize("name", list(SESSIONS))
def test_every_golden_recording_has_a_page_and_an_overview(name):
    session = SESSIONS[name]
    env = {"MEF3_PASSWORD": session.password} if session.password else {}
    for command in ("plot", "overview"):
        picture = draw(command, session.path, env=env, n_traces=len(session.channels))
        assert (picture.width, picture.height) == (1600, 900)
        # Ink where there are data, of each channel that has any on the page.
        start = min(channel.start for channel in session.channels)
        for i, channel in enumerate(session.channels if len(session.channels) <= 8 else []):
            if command == "overview" or channel.start < start + 10e6:
                assert is_inked(picture.lane_of(i)), channel.name


@pytest.mark.parametrize("name", ["gaps", "segments", "jumps", "fractional_rate"])
def test_an_overview_has_ink_where_data_are_and_shade_where_not(name):
    session = SESSIONS[name]
    picture = draw("overview", session.path, n_traces=len(session.channels))
    start, end = min(c.start for c in session.channels), max(c.end for c in session.channels)
    for i, channel in enumerate(session.channels):
        covered = numpy.zeros(picture.columns, bool)
        touched = numpy.zeros(picture.columns, bool)
        for at, samples in channel.runs():
            a, b = ((t - start) / (end - start) * picture.columns
                    for t in (at, at + len(samples) * 1e6 / channel.rate))
            covered[int(numpy.ceil(a)) + 1:int(b) - 1] = True
            touched[max(0, int(a) - 1):int(b) + 2] = True
        lane = picture.lane_of(i)
        shaded = is_colour(lane, GAP).all(axis=0)
        assert not shaded[covered].any()
        clear = ~touched
        clear[:1] = clear[-1:] = False
        grid = ~(is_colour(lane, GAP) | is_colour(lane, PAPER)).any(axis=0)
        assert shaded[clear & ~grid].all()


def test_damage_is_hatched_and_told_of(copy):
    path = copy("gaps")
    segment = Segment(path, "whole")
    at, _, _, n, _ = segment.index(0)
    data = bytearray(segment.tdat.read_bytes())
    data[at + 400] ^= 0x55
    segment.tdat.write_bytes(data)
    done = run_tool("plot", path, "-o", "-")
    assert done.returncode == 1 and b"samples in 1 places are unreadable in channel whole" in done.stderr.replace(
        b", the first", b"")
    picture = Picture(done.stdout, 2)
    lost = n / GAPS.channels[1].rate / 10
    hatched = picture.lane_of(1, 0.002, lost - 0.002)
    assert {DAMAGE, GAP} <= colours_of(hatched) and not is_colour(hatched, INK).any()
    assert not is_colour(picture.lane_of(1, lost + 0.002), DAMAGE).any()
    assert not is_colour(picture.lane_of(0), DAMAGE).any()
    # The index does not know.
    assert not is_colour(draw("overview", path, n_traces=2).lane_of(1), DAMAGE).any()


def test_a_segment_that_cannot_be_read_is_hatched_in_the_overview(copy):
    path = copy("gaps")
    tmet = Segment(path, "whole").tmet
    tmet.write_bytes(tmet.read_bytes()[:5000])
    for command in ("plot", "overview"):
        done = run_tool(command, path, "-o", "-")
        assert done.returncode == 1 and b"whole" in done.stderr, done.stderr
        hatched = is_colour(Picture(done.stdout, 2).lane_of(1), DAMAGE)
        assert hatched.any(axis=0).mean() > 0.9


def test_events_are_marked(tmp_path, make):
    path = make(square(30))
    assert run_tool("note", "add", path, "--at", "+5", "here").returncode == 0
    assert run_tool("note", "add", path, "--at", "+25", "elsewhere").returncode == 0
    for command, share, words in (("plot", 0.5, ()), ("overview", 5 / 30, ("--to", "+30"))):
        picture = draw(command, path, *words)
        column = picture.pixels[HEAD + 60:picture.height - AXIS - 2, round(picture.x(share))]
        assert is_colour(column, EVENT).all()
    assert not is_colour(draw("plot", path, "--from", "+10", "--to", "+20").pixels, EVENT).any()


def test_channels_stand_as_asked_or_as_recorded(demo):
    both = draw("plot", demo, "-c", "Fz", "-c", "F3", n_traces=2)
    swapped = draw("plot", demo, "-c", "F3", "-c", "Fz", n_traces=2)
    assert is_colour(both.lane_of(1), LEFT).any() and is_colour(swapped.lane_of(0), LEFT).any()
    assert not is_colour(both.lane_of(0)[:-100], LEFT).any() and not is_colour(swapped.lane_of(1)[100:], LEFT).any()
    # The demo's first two channels are Fp1 and Fp2, those by name F3 and F4.
    label = draw("plot", demo, n_traces=8).pixels[HEAD:, :LABELS - 2]
    named = draw("plot", demo, *(word for name in ("Fp1", "Fp2", "F7", "F3", "Fz", "F4", "F8", "T3")
                                 for word in ("-c", name)), n_traces=8).pixels[HEAD:, :LABELS - 2]
    assert numpy.array_equal(label, named)


def test_svg_is_xml_of_the_size_that_was_asked_for():
    done = run_tool("plot", GAPS.path, "--format", "svg", "--size", "800x400", "-o", "-")
    root = parse_svg(done.stdout)
    assert (root.get("width"), root.get("height"), root.get("viewBox")) == ("800px", "400px", "0 0 800 400")


HOSTILE_NAMES = ['<svg onload="x">&amp;', "]]>--><!--", "\x01\x1b[31m\x7f", "\ufffe\U0001ffff\U0010ffff",
                 "ж漢👩‍⚕", "a" * 200, " ", "\u202eabc"]


@pytest.mark.parametrize("name", HOSTILE_NAMES, ids=range(len(HOSTILE_NAMES)))
def test_a_hostile_name_is_a_name(make, name, tmp_path):
    path = make(square())
    (path / "A.timd").rename(path / f"{name}.timd")
    segment = path / f"{name}.timd"
    for old in sorted(segment.rglob("A-*"), key=lambda p: -len(p.parts)):
        old.rename(old.with_name(old.name.replace("A-", f"{name}-", 1)))
    for command in ("plot", "overview"):
        done = run_tool(command, path, "--format", "svg", "-o", "-")
        assert done.returncode == 0, done.stderr
        root = parse_svg(done.stdout)
        assert not any(element.tag.endswith(("script", "a")) or element.get("onload") for element in root.iter())
        picture = draw(command, path)
        # It stays in its column.
        assert not is_colour(picture.pixels[HEAD + 2:-AXIS - 2, LABELS - 4:LABELS - 1], INK).any()


def test_a_name_that_is_no_text_is_drawn(make):
    path = make(square())
    os.rename(os.fsencode(path / "A.timd"), os.fsencode(path) + b"/\xff\xfe.timd")
    done = run_tool("plot", path, "--format", "svg", "-o", "-")
    assert done.stdout and parse_svg(done.stdout) is not None


def test_the_file_appears_whole_and_its_ending_says_what_it_is(tmp_path):
    for ending, magic in (("png", b"\x89PNG\r\n\x1a\n"), ("svg", b"<?xml"), ("other", b"\x89PNG")):
        done = run_tool("plot", GAPS.path, "-o", tmp_path / f"page.{ending}")
        assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
        assert (tmp_path / f"page.{ending}").read_bytes().startswith(magic)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["page.other", "page.png", "page.svg"]


def test_an_encrypted_recording_needs_its_password(tmp_path):
    session = SESSIONS["encrypted"]
    page = tmp_path / "page.png"
    for command in ("plot", "overview"):
        assert "password" in refuse(command, session.path, "-o", page, status=3)
        assert not page.exists()
        picture = draw(command, session.path, env={"MEF3_PASSWORD": session.password}, n_traces=2)
        assert is_colour(picture.lane_of(0), INK).any()


WRONG = [
    ("no file", [], "-o FILE"),
    ("a size that is none", ["-o", "x", "--size", "big"], "--size"),
    ("a size beyond reason", ["-o", "x", "--size", "99999x99999"], "--size"),
    ("more pixels than there may be", ["-o", "x", "--size", "16384x16384"], "pixels"),
    ("too small", ["-o", "x", "--size", "10x10"], "--size"),
    ("a scale of nothing", ["-o", "x", "--scale", "0"], "--scale"),
    ("neither up", ["-o", "x", "--up", "left"], "--up"),
    ("a format of others", ["-o", "x", "--format", "jpg"], "--format"),
    ("an empty window", ["-o", "x", "--to", "+0"], "empty"),
    ("a window that ends first", ["-o", "x", "--from", "+5", "--to", "+1"], "before"),
    ("no such channel", ["-o", "x", "-c", "nope"], "nope"),
    ("no time", ["-o", "x", "--from", "noon"], "--from"),
]


@pytest.mark.parametrize("command", ["plot", "overview"])
@pytest.mark.parametrize("why, words, named", WRONG, ids=[row[0] for row in WRONG])
def test_wrong_use_is_refused(command, why, words, named, tmp_path):
    words = [tmp_path / "x.png" if word == "x" else word for word in words]
    assert named in refuse(command, GAPS.path, *words, status=2)
    assert list(tmp_path.iterdir()) == []


def test_a_place_that_cannot_be_written_is_told_of(tmp_path):
    assert "nowhere" in refuse("plot", GAPS.path, "-o", tmp_path / "nowhere" / "x.png", status=3)
    assert "cannot be written" in refuse("plot", GAPS.path, "-o", "/dev/full", status=3)


def test_a_signal_leaves_nothing(long_demo, tmp_path):
    page = tmp_path / "page.png"
    page.write_bytes(b"before")
    # All of it, sample by sample: it is at it for a while. Who runs the tests may ignore SIGINT, and so would it.
    process = subprocess.Popen([BUILD / "mef3", "plot", long_demo, "--to", "+86400", "-o", page],
                               env=dict(os.environ) | SANITIZER_OPTIONS,
                               preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))
    while len(list(tmp_path.iterdir())) == 1 and process.poll() is None:
        pass
    assert process.poll() is None, "it was still at it"
    process.send_signal(signal.SIGINT)
    assert process.wait(PATIENCE_S) == -signal.SIGINT
    assert [p.name for p in tmp_path.iterdir()] == ["page.png"] and page.read_bytes() == b"before"
