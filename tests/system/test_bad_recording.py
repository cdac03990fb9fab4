"""Recordings that are damaged, hostile or odd: each gets a clear answer, and the next request works."""
import os
import shutil

import grpc
import numpy
import pytest

import craft
from client import Client
from craft import Segment, crc
from golden import GOLDEN, SESSIONS, same

ONE = SESSIONS["one_channel"]
MANY = SESSIONS["many_channels"]
SEGMENTS = SESSIONS["segments"]
BLOCK = 1000  # samples a block of one_channel, which has six
FAR = 2**62


def test_the_checksum_is_the_formats():
    assert crc(b"123456789") == 0xD2C22F51
    assert crc(b"") == 0xFFFFFFFF
    assert crc(bytes(1024)) == 0xF433C385


class Served:
    """A daemon on the folder of copies, asked about one recording."""

    def __init__(self, start, copy):
        self.start, self.copy = start, copy
        self.daemon = self.client = None

    def ask(self, path, expected, start, end):
        """How the recording is answered: "refused" when opening, "error" when reading, "damage",
        "data", or "gap" where samples are silently missing. A wrong sample is never an answer."""
        self.daemon = self.start(self.copy.folder, GOLDEN)
        with Client(self.daemon.address) as client:
            answer = self._ask(client, path, expected, start, end)
            # Whatever it was, nobody else notices.
            assert client.health() == 1
            assert client.open(ONE.path).file_opened
            assert same(client.range(ONE.path, ONE.start, ONE.end).array,
                        ONE.float32(ONE.start, ONE.end))
            return answer

    def _ask(self, client, path, expected, start, end):
        info = client.open(path)
        if not info.file_opened:
            assert info.error_message
            assert not client.info(path).file_opened
            self.words = info.error_message
            return "refused"
        reply = client.range(path, start, end)
        self.words = reply.damage
        if reply.messages[0].error_message:
            self.words = reply.error
            return "error"
        self.array = reply.array
        assert self.array.shape == expected.shape
        missing = numpy.isnan(self.array) & ~numpy.isnan(expected)
        wrong = ~missing & ~numpy.isnan(expected) & (self.array != expected)
        assert not wrong.any(), f"wrong samples from {numpy.argmax(wrong)}"
        assert not (numpy.isnan(expected) & ~numpy.isnan(self.array)).any(), "samples in a gap"
        if reply.damage:
            return "damage"
        return "gap" if missing.any() else "data"


@pytest.fixture
def served(start, copy):
    return Served(start, copy)


def ask_one(served, path, factor=None):
    expected = ONE.float32(ONE.start, ONE.end)
    if factor is not None:
        counts = ONE.channels[0].counts
        expected = (counts * factor).astype("<f4")[numpy.newaxis]
    return served.ask(path, expected, ONE.start, ONE.end)


DAMAGED_METADATA = [
    # why, what is done
    ("version 4", lambda s: s.put(s.tmet, craft.VERSION, "B", 4)),
    ("version 2", lambda s: s.put(s.tmet, craft.VERSION, "B", 2)),
    ("another kind of file", lambda s: s.put(s.tmet, craft.TYPE, "5s", b"tdat")),
    ("header checksum", lambda s: s.tmet.write_bytes(b"\1\2\3\4" + s.tmet.read_bytes()[4:])),
    ("empty", lambda s: s.cut(s.tmet, 0)),
    ("a byte short of a header", lambda s: s.cut(s.tmet, 1023)),
    ("a header and nothing else", lambda s: s.cut(s.tmet, 1024)),
    ("cut in section 2", lambda s: s.cut(s.tmet, 5000)),
    ("cut in section 3", lambda s: s.cut(s.tmet, 16383)),
    ("rate zero", lambda s: s.put(s.tmet, craft.RATE, "d", 0.0)),
    ("rate missing", lambda s: s.put(s.tmet, craft.RATE, "d", -1.0)),
    ("rate not a number", lambda s: s.put(s.tmet, craft.RATE, "d", float("nan"))),
    ("rate infinite", lambda s: s.put(s.tmet, craft.RATE, "d", float("inf"))),
    ("rate absurd", lambda s: s.put(s.tmet, craft.RATE, "d", 1e300)),
    ("rate vanishing", lambda s: s.put(s.tmet, craft.RATE, "d", 1e-300)),
    ("encryption of level 3", lambda s: s.put(s.tmet, craft.LEVEL_OF_SECTION_2, "b", 3)),
    ("encryption of level 127", lambda s: s.put(s.tmet, craft.LEVEL_OF_SECTION_2, "b", 127)),
]


@pytest.mark.parametrize("why, damage", DAMAGED_METADATA, ids=[row[0] for row in DAMAGED_METADATA])
def test_damaged_metadata_is_refused_with_words(served, copy, why, damage):
    path = copy("one_channel")
    damage(Segment(path, "Cz"))
    answer = ask_one(served, path)
    assert answer == "refused", f"{why}: {answer} {served.words}"
    assert "Cz" in served.words


def test_a_big_endian_recording_is_refused_by_name(served, copy):
    path = copy("one_channel")
    segment = Segment(path, "Cz")
    segment.put(segment.tmet, craft.BYTE_ORDER, "B", 0)
    assert ask_one(served, path) == "refused"
    assert "endian" in served.words


CONTRADICTING_METADATA = [
    ("fewer samples than there are", craft.N_SAMPLES, "q", 7),
    ("more samples than there are", craft.N_SAMPLES, "q", 10**9),
    ("samples beyond all bounds", craft.N_SAMPLES, "q", FAR),
    ("samples below zero", craft.N_SAMPLES, "q", -5),
    ("blocks beyond all bounds", craft.N_BLOCKS, "q", FAR),
    ("blocks below zero", craft.N_BLOCKS, "q", -1),
    ("start sample below zero", craft.START_SAMPLE, "q", -(2**63)),
    ("start sample beyond all bounds", craft.START_SAMPLE, "q", 2**63 - 1),
    ("blocks of no bytes", craft.MOST_BLOCK_BYTES, "q", 0),
    ("blocks of endless bytes", craft.MOST_BLOCK_BYTES, "q", FAR),
    ("blocks of no samples", craft.MOST_BLOCK_SAMPLES, "I", 0),
    ("blocks of endless samples", craft.MOST_BLOCK_SAMPLES, "I", 2**32 - 1),
    ("file begins after it ends", 16, "q", 2**63 - 1),
    ("file begins before all time", 16, "q", -(2**63)),
    ("file ends before all time", 24, "q", -(2**63)),
    ("file ends after all time", 24, "q", 2**63 - 1),
    ("segment number", 48, "i", 2**31 - 1),
    ("time offset beyond all bounds", craft.TIME_OFFSET, "q", 2**63 - 1),
    ("units factor infinite", craft.FACTOR, "d", float("inf")),
    ("units factor not a number", craft.FACTOR, "d", float("nan")),
]


@pytest.mark.parametrize("why, at, layout, value", CONTRADICTING_METADATA,
                         ids=[row[0] for row in CONTRADICTING_METADATA])
def test_metadata_that_contradicts_the_data_leads_to_no_wrong_sample(served, copy, why, at, layout,
                                                                     value):
    path = copy("one_channel")
    segment = Segment(path, "Cz")
    segment.put(segment.tmet, at, layout, value)
    if at == craft.FACTOR:
        # Nothing can be right; what matters is that there is an answer.
        served.daemon = served.start(copy.folder)
        with Client(served.daemon.address) as client:
            if client.open(path).file_opened:
                assert client.range(path, ONE.start, ONE.end).messages
            assert client.health() == 1
        return
    answer = ask_one(served, path)
    assert answer in ("data", "damage", "error", "refused"), f"{why}: {answer}"


@pytest.mark.parametrize("stored, used", [(0.0, 1.0), (-0.5, -0.5), (1e-30, 1e-30)])
def test_units_factors_that_are_legal(served, copy, stored, used):
    path = copy("one_channel")
    segment = Segment(path, "Cz")
    segment.put(segment.tmet, craft.FACTOR, "d", stored)
    assert ask_one(served, path, factor=used) == "data"


def block_two(field, layout, *values):
    return lambda s: s.put_block(2, field, layout, *values)


def index_two(field, layout, value):
    return lambda s: s.put_index(2, field, layout, value)


DAMAGED_BLOCKS = [
    ("a bit in the payload", lambda s: s.flip(2, 400)),
    ("a bit in the header", lambda s: s.flip(2, 33)),
    ("a bit in the checksum", lambda s: s.flip(2, 0)),
    ("one sample fewer than the index says", block_two(craft.BLOCK_SAMPLES, "I", 999)),
    ("endless samples", block_two(craft.BLOCK_SAMPLES, "I", 2**32 - 1)),
    ("no samples", block_two(craft.BLOCK_SAMPLES, "I", 0)),
    ("endless differences", block_two(craft.BLOCK_DIFFERENCES, "I", 2**32 - 1)),
    ("no differences", block_two(craft.BLOCK_DIFFERENCES, "I", 0)),
    ("one difference fewer", block_two(craft.BLOCK_DIFFERENCES, "I", 1)),
    ("no bytes", block_two(craft.BLOCK_BYTES, "I", 0)),
    ("endless bytes", block_two(craft.BLOCK_BYTES, "I", 2**32 - 8)),
    ("bytes that are no multiple of eight", block_two(craft.BLOCK_BYTES, "I", 311)),
    ("statistics of nothing", block_two(craft.BLOCK_COUNTS, "256B", *[0] * 256)),
    ("statistics of one symbol", block_two(craft.BLOCK_COUNTS, "256B", *[255] + [0] * 255)),
    ("encrypted though there is no password", block_two(craft.BLOCK_FLAGS, "B", 2)),
    ("encrypted at level 2 though there is no password", block_two(craft.BLOCK_FLAGS, "B", 4)),
    ("the index points past the end", index_two(craft.INDEX_OFFSET, "q", 2**40)),
    ("the index points into the block before", index_two(craft.INDEX_OFFSET, "q", 1024 + 8)),
]


@pytest.mark.parametrize("why, damage", DAMAGED_BLOCKS, ids=[row[0] for row in DAMAGED_BLOCKS])
def test_a_damaged_block_is_nan_and_named_and_all_others_are_right(served, copy, why, damage):
    path = copy("one_channel")
    damage(Segment(path, "Cz"))
    answer = ask_one(served, path)
    assert answer == "damage", f"{why}: {answer} {served.words}"
    expected = ONE.float32(ONE.start, ONE.end)
    expected[0, 2 * BLOCK:3 * BLOCK] = numpy.nan
    assert same(served.array, expected)
    assert "Cz" in served.words
    assert served.words.isascii() and served.words.isprintable()
    assert len(served.words) <= 4096


@pytest.mark.parametrize("how", [["--damage", "error"], ["env"]], ids=["option", "variable"])
def test_damage_fails_the_reading_where_that_is_asked_for(start, copy, how):
    path = copy("one_channel")
    segment = Segment(path, "Cz")
    segment.flip(2, 400)
    if how == ["env"]:
        daemon = start(copy.folder, env={"MEF3D_DAMAGE": "error"})
    else:
        daemon = start(copy.folder, *how)
    with Client(daemon.address) as client:
        client.open(path)
        client.set_page_seconds(path, 60)
        for answer in (client.range(path, ONE.start, ONE.end), client.page(path, 0)):
            words = answer.messages[-1].error_message
            # Which channel, segment and block, where in the file, and why.
            for part in ("Cz", "000000", "2", str(segment.index(2)[0]), "checksum"):
                assert part in words, words
        # What does not touch the damage is read.
        end = ONE.start + 5 * 10**6
        assert same(client.range(path, ONE.start, end).array, ONE.float32(ONE.start, end))


def test_an_index_that_names_another_block_is_not_believed(served, copy):
    path = copy("one_channel")
    segment = Segment(path, "Cz")
    segment.put_index(2, craft.INDEX_OFFSET, "q", segment.index(3)[0])
    assert ask_one(served, path) in ("damage", "error", "refused")


HOSTILE_INDICES = [
    ("offset below zero", index_two(craft.INDEX_OFFSET, "q", -8)),
    ("offset in the header", index_two(craft.INDEX_OFFSET, "q", 8)),
    ("offset at the end of all numbers", index_two(craft.INDEX_OFFSET, "q", 2**63 - 8)),
    ("offset before all numbers", index_two(craft.INDEX_OFFSET, "q", -(2**63))),
    ("endless samples", index_two(craft.INDEX_SAMPLES, "I", 2**32 - 1)),
    ("no samples", index_two(craft.INDEX_SAMPLES, "I", 0)),
    ("one sample more", index_two(craft.INDEX_SAMPLES, "I", 1001)),
    ("no bytes", index_two(craft.INDEX_BLOCK_BYTES, "I", 0)),
    ("endless bytes", index_two(craft.INDEX_BLOCK_BYTES, "I", 2**32 - 8)),
    ("cut in an entry", lambda s: s.cut(s.tidx, 1024 + 3 * 56 + 20)),
    ("cut between entries", lambda s: s.cut(s.tidx, 1024 + 3 * 56)),
    ("a header and nothing else", lambda s: s.cut(s.tidx, 1024)),
    ("a byte short of a header", lambda s: s.cut(s.tidx, 1023)),
    ("empty", lambda s: s.cut(s.tidx, 0)),
    ("gone", lambda s: s.tidx.unlink()),
    ("header checksum", lambda s: s.tidx.write_bytes(b"\1\2\3\4" + s.tidx.read_bytes()[4:])),
    ("another kind of file", lambda s: s.put(s.tidx, craft.TYPE, "5s", b"tdat")),
    ("a folder", lambda s: (s.tidx.unlink(), s.tidx.mkdir())),
]


@pytest.mark.parametrize("why, damage", HOSTILE_INDICES, ids=[row[0] for row in HOSTILE_INDICES])
def test_a_hostile_index_is_told_and_leads_to_no_wrong_sample(served, copy, why, damage):
    path = copy("one_channel")
    damage(Segment(path, "Cz"))
    answer = ask_one(served, path)
    assert answer in ("damage", "error", "refused"), f"{why}: {answer}"
    assert served.words


@pytest.mark.parametrize("sample", [-1000, 1000, FAR, -(2**63), 2**63 - 1])
def test_a_wrong_start_sample_in_the_index_leads_to_no_wrong_sample(served, copy, sample):
    # The times and lengths of the blocks say the same: it may do without.
    path = copy("one_channel")
    Segment(path, "Cz").put_index(2, craft.INDEX_START, "q", sample)
    assert ask_one(served, path) in ("data", "damage", "error", "refused")


MOVED_TIMES = [-(2**63), 2**63 - 1, 0, -1, ONE.start - 3600 * 10**6]


@pytest.mark.parametrize("time", MOVED_TIMES)
def test_a_block_at_an_absurd_time_is_answered(served, copy, time):
    path = copy("one_channel")
    Segment(path, "Cz").put_index(2, craft.INDEX_TIME, "q", time)
    served.daemon = served.start(copy.folder)
    with Client(served.daemon.address) as client:
        if client.open(path).file_opened:
            reply = client.range(path, ONE.start, ONE.end)
            if not reply.messages[0].error_message:
                expected = ONE.float32(ONE.start, ONE.end)
                assert same(reply.array[:, :2 * BLOCK], expected[:, :2 * BLOCK])
        assert client.health() == 1


CUT_DATA = [
    # bytes left of the block that is cut, whole blocks before it
    ("between blocks", 0), ("in a block's header", 100), ("in a block's payload", 400),
]


@pytest.mark.parametrize("why, left", CUT_DATA, ids=[row[0] for row in CUT_DATA])
def test_data_that_are_cut_are_right_as_far_as_they_go(served, copy, why, left):
    path = copy("one_channel")
    segment = Segment(path, "Cz")
    segment.cut(segment.tdat, segment.index(3)[0] + left)
    # A recording that is still being written looks like this: it may pass for one.
    assert ask_one(served, path) in ("damage", "gap"), why
    expected = ONE.float32(ONE.start, ONE.end)
    expected[0, 3 * BLOCK:] = numpy.nan
    assert same(served.array, expected)


LOST_DATA = [
    ("a header and nothing else", lambda s: s.cut(s.tdat, 1024)),
    ("a byte short of a header", lambda s: s.cut(s.tdat, 1023)),
    ("empty", lambda s: s.cut(s.tdat, 0)),
    ("gone", lambda s: s.tdat.unlink()),
    ("a folder", lambda s: (s.tdat.unlink(), s.tdat.mkdir())),
]


@pytest.mark.parametrize("why, damage", LOST_DATA, ids=[row[0] for row in LOST_DATA])
def test_lost_data_are_answered(served, copy, why, damage):
    path = copy("one_channel")
    damage(Segment(path, "Cz"))
    answer = ask_one(served, path)
    allowed = ("damage", "error", "refused")
    if why == "a header and nothing else":
        allowed += ("gap",)  # a recording that has just begun
    assert answer in allowed, f"{why}: {answer}"


HEADERS_OF_DATA = [
    ("another kind of file", lambda s: s.put(s.tdat, craft.TYPE, "5s", b"tidx")),
    ("header checksum", lambda s: s.tdat.write_bytes(b"\1\2\3\4" + s.tdat.read_bytes()[4:])),
    ("body checksum", lambda s: s.tdat.write_bytes(s.tdat.read_bytes()[:4] + b"\1\2\3\4"
                                                   + s.tdat.read_bytes()[8:])),
    ("entries beyond all bounds", lambda s: s.put(s.tdat, craft.N_ENTRIES, "q", FAR)),
]


@pytest.mark.parametrize("why, damage", HEADERS_OF_DATA, ids=[row[0] for row in HEADERS_OF_DATA])
def test_a_damaged_header_of_the_data_leads_to_no_wrong_sample(served, copy, why, damage):
    # Blocks have checksums of their own: they may be read for all that.
    path = copy("one_channel")
    damage(Segment(path, "Cz"))
    assert ask_one(served, path) in ("data", "damage", "error", "refused"), why


@pytest.mark.parametrize("kind", ["tdat", "tidx", "tmet"])
def test_an_overlong_file_is_read_or_refused(served, copy, kind):
    path = copy("one_channel")
    file = getattr(Segment(path, "Cz"), kind)
    with open(file, "ab") as end:
        end.write(os.urandom(1000))
    answer = ask_one(served, path)
    assert answer == "data" if kind == "tdat" else answer in ("data", "damage", "error", "refused")


@pytest.mark.parametrize("kind", ["file", "folder", "other suffix"])
def test_what_is_no_session_is_refused(served, copy, kind):
    copy("zero")
    path = copy.folder / ("thing.txt" if kind == "other suffix" else "thing.mefd")
    if kind == "file":
        path.write_bytes(b"not a recording")
    else:
        path.mkdir()
    served.daemon = served.start(copy.folder)
    with Client(served.daemon.address) as client:
        info = client.open(path)
        if kind == "folder" and info.file_opened:
            # Without a channel there is nothing to read, and that is said.
            assert info.number_of_channels == 0
            assert client.range(path, 0, 10**6).error
        else:
            assert not info.file_opened
            assert info.error_message
        if kind == "other suffix":
            assert info.error_message == "Session path must end with .mefd suffix!"
        assert client.open(copy.folder / "zero.mefd").file_opened


def test_a_session_without_channels_has_no_pages(start, copy):
    path = copy.folder / "empty.mefd"
    path.mkdir()
    daemon = start(copy.folder)
    with Client(daemon.address) as client:
        client.open(path)
        reply = client.set_page_seconds(path, 10)
        assert reply.number_of_segments == 0
        assert client.page(path, 0).error
        assert client.health() == 1


def empty_segment(segment):
    for file in (segment.tidx, segment.tdat):
        segment.cut(file, 1024)
        segment.put(file, craft.N_ENTRIES, "q", 0)
    segment.put(segment.tmet, craft.N_SAMPLES, "qq", 0, 0)


BARE_CHANNELS = [
    ("an empty segment", lambda path: empty_segment(Segment(path, "LT05"))),
    ("no segment", lambda path: shutil.rmtree(Segment(path, "LT05").folder)),
    ("a segment without files", lambda path: (shutil.rmtree(Segment(path, "LT05").folder),
                                              Segment(path, "LT05").folder.mkdir())),
    ("damaged metadata", lambda path: Segment(path, "LT05").cut(Segment(path, "LT05").tmet, 99)),
]


@pytest.mark.parametrize("why, damage", BARE_CHANNELS, ids=[row[0] for row in BARE_CHANNELS])
def test_one_bad_channel_of_twelve(start, copy, why, damage):
    path = copy("many_channels")
    damage(path)
    others = [name for name in MANY.names() if name != "LT05"]
    daemon = start(copy.folder)
    with Client(daemon.address) as client:
        info = client.open(path)
        if info.file_opened:
            answer = client.range(path, MANY.start, MANY.end, others)
            assert same(answer.array, MANY.float32(MANY.start, MANY.end, others)), why
        else:
            assert "LT05" in info.error_message, why
        assert client.health() == 1


LOST_SEGMENTS = [
    ("the folder is gone", lambda path: shutil.rmtree(Segment(path, "seg", 1).folder)),
    ("the folder is empty", lambda path: (shutil.rmtree(Segment(path, "seg", 1).folder),
                                          Segment(path, "seg", 1).folder.mkdir())),
    ("the data are gone", lambda path: Segment(path, "seg", 1).tdat.unlink()),
    ("the index is gone", lambda path: Segment(path, "seg", 1).tidx.unlink()),
    ("the metadata are gone", lambda path: Segment(path, "seg", 1).tmet.unlink()),
    ("nothing is in it", lambda path: empty_segment(Segment(path, "seg", 1))),
]


@pytest.mark.parametrize("why, damage", LOST_SEGMENTS, ids=[row[0] for row in LOST_SEGMENTS])
def test_the_other_segments_of_a_channel_are_read(served, copy, why, damage):
    path = copy("segments")
    # Segment 1 of 4, each of 1600 samples: the second.
    lost = Segment(path, "seg", 1)
    before = abs(Segment(path, "seg", 0).index(0)[1])
    first = (abs(lost.index(0)[1]) - before) * 400 // 10**6
    damage(path)
    expected = SEGMENTS.float32(SEGMENTS.start, SEGMENTS.end)
    answer = served.ask(path, expected, SEGMENTS.start, SEGMENTS.end)
    if answer == "refused" and not lost.tmet.is_file():
        # Nobody knows what was in it, and the answer says which it is.
        assert "seg-000001" in served.words
        return
    assert answer in ("damage", "gap"), f"{why}: {answer} {served.words}"
    expected[0, first:first + 1600] = numpy.nan
    assert same(served.array, expected)


def test_what_other_systems_leave_behind_is_passed_over(served, copy):
    path = copy("one_channel")
    segment = Segment(path, "Cz")
    for place in (path, path / "Cz.timd", segment.folder):
        for name in (".DS_Store", "._Cz.timd", "Thumbs.db", "tmp~", "._Cz-000000.tmet"):
            (place / name).write_bytes(b"\0" * 100)
        (place / "notes").mkdir()
    (path / "cam.vidd").mkdir()
    (path / "._Cz.timd").unlink()
    (path / "._Cz.timd").mkdir()
    assert ask_one(served, path) == "data"


def outside(kind, folder):
    """A path that leads out of the root, and how it is spelt."""
    golden = GOLDEN / "one_channel.mefd"
    if kind == "absolute":
        return golden
    if kind == "dots":
        return os.path.relpath(golden, folder)
    if kind == "absolute with dots":
        return f"{folder}/{os.path.relpath(golden, folder)}"
    link = folder / "link.mefd"
    if kind == "a link":
        link.symlink_to(golden)
        return link
    if kind == "a link in the path":
        (folder / "away").symlink_to(GOLDEN)
        return folder / "away" / "one_channel.mefd"
    link.mkdir()
    if kind == "a link to a channel":
        (link / "Cz.timd").symlink_to(golden / "Cz.timd")
    if kind == "links to files":
        inside = Segment(golden, "Cz")
        folder = link / "Cz.timd" / "Cz-000000.segd"
        folder.mkdir(parents=True)
        for file in (inside.tmet, inside.tidx, inside.tdat):
            (folder / file.name).symlink_to(file)
    return link


@pytest.mark.parametrize("kind", ["absolute", "dots", "absolute with dots", "a link",
                                  "a link in the path", "a link to a channel", "links to files"])
def test_nothing_outside_the_roots_is_read(start, copy, kind):
    copy("zero")
    path = outside(kind, copy.folder)
    daemon = start(copy.folder)
    with Client(daemon.address) as client:
        info = client.open(path)
        assert info.file_opened or info.error_message
        # Where the folder is inside and links to what is not, it may open; it has no data.
        reply = client.range(path, ONE.start, ONE.end)
        assert reply.messages[0].error_message or numpy.isnan(reply.array).all()
        assert client.open(copy.folder / "zero.mefd").file_opened


@pytest.mark.parametrize("path", ["", ".", "..", "/", "//", "/etc/passwd", "/etc",
                                  "a" * 5000 + ".mefd", "a/" * 3000 + "b.mefd", "né\n\t.mefd",
                                  "../" * 100 + "etc/passwd", ".mefd", "zero.mefd/zero.mefd",
                                  "%2e%2e/x.mefd", "zero.mefd/flat.timd"],
                         ids=lambda path: repr(path[:20]))
def test_paths_that_lead_nowhere(start, copy, path):
    copy("zero")
    daemon = start(copy.folder)
    with Client(daemon.address) as client:
        info = client.open(path)
        assert not info.file_opened
        assert info.error_message
        assert info.file_path == path
        assert client.range(path, 0, 10**6).error
        assert client.page(path, 0).error == f"File not open: {path}"
        assert client.open("zero.mefd").file_opened


@pytest.mark.parametrize("path", ["\0", "zero.mefd\0", "a\0.mefd"], ids=repr)
def test_a_zero_byte_in_a_path_opens_nothing(client, path):
    # No file has such a name: it is not there, or the message is malformed.
    try:
        info = client.open(path)
    except grpc.RpcError as error:
        assert error.code() == grpc.StatusCode.INVALID_ARGUMENT
    else:
        assert not info.file_opened and info.error_message
    assert client.open("zero.mefd").file_opened


@pytest.mark.parametrize("what", ["session", "channel", "tmet", "tidx", "tdat"])
def test_what_may_not_be_read_is_told(start, copy, what):
    path = copy("one_channel")
    copy("zero")
    segment = Segment(path, "Cz")
    place = {"session": path, "channel": path / "Cz.timd"}.get(what) or getattr(segment, what)
    # Root reads anything, unless it has lost the capabilities that let it.
    prefix = ["setpriv", "--bounding-set=-all", "--inh-caps=-all"] if os.geteuid() == 0 else []
    mode = place.stat().st_mode
    place.chmod(0)
    try:
        daemon = start(copy.folder, prefix=prefix)
        with Client(daemon.address) as client:
            info = client.open(path)
            if info.file_opened:
                reply = client.range(path, ONE.start, ONE.end)
                if not reply.messages[0].error_message:
                    assert numpy.isnan(reply.array).all()
                    assert reply.damage
            else:
                assert info.error_message
                assert "not exist" not in info.error_message
            assert client.open(copy.folder / "zero.mefd").file_opened
    finally:
        place.chmod(mode)


def test_a_recording_that_loses_its_data_while_it_is_open(start, copy):
    path = copy("one_channel")
    daemon = start(copy.folder)
    with Client(daemon.address) as client:
        assert client.open(path).file_opened
        shutil.rmtree(path)
        for _ in range(2):
            reply = client.range(path, ONE.start, ONE.end)
            assert reply.messages
        assert client.health() == 1


SECOND = 10**6
ABSURD = [
    ("all of time", -(2**63), 2**63 - 1),
    ("from the first moment", -(2**63), ONE.start + SECOND),
    ("to the last moment", ONE.start, 2**63 - 1),
    ("a thousand years", ONE.start, ONE.start + 1000 * 365 * 86400 * SECOND),
]


@pytest.mark.parametrize("why, start, end", ABSURD, ids=[row[0] for row in ABSURD])
def test_an_absurdly_long_window_is_refused_or_begins_and_can_be_left(client, why, start, end):
    client.open(ONE.path)
    call = client.start_range(ONE.path, start, end)
    first = next(iter(call))
    if not first.error_message:
        # A reply that would never end: it comes in messages of the usual size.
        assert len(first.array_bytes) <= 5 << 19
        assert first.start_uutc == start
        call.cancel()
    answer = client.range(ONE.path, ONE.start, ONE.end)
    assert same(answer.array, ONE.float32(ONE.start, ONE.end))


REVERSED = [(2**63 - 1, -(2**63)), (0, -(2**63)), (2**63 - 1, 0)]


@pytest.mark.parametrize("start, end", REVERSED)
def test_an_absurdly_reversed_window_is_refused(client, start, end):
    client.open(ONE.path)
    assert client.range(ONE.path, start, end).error == "end_uutc must be greater than start_uutc"


def test_thousands_of_channels_asked_for(client):
    client.open(MANY.path)
    names = [f"no such channel {n}" for n in range(1000)]
    assert client.range(MANY.path, MANY.start, MANY.end, names).error.startswith("Unknown")
    twice = MANY.names() * 20
    answer = client.range(MANY.path, MANY.start, MANY.end, twice)
    assert same(answer.array, MANY.float32(MANY.start, MANY.end, twice))
