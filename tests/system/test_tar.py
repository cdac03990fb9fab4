"""Recordings in tar files, served as those in folders are."""
import gzip
import os
import tarfile

import numpy
import pytest

import tars
from client import Client
from daemon import wait_until
from golden import ENCRYPTED, GOLDEN, PLAIN, SESSIONS, same
from growing import Growing

ONE = SESSIONS["one_channel"]
MANY = SESSIONS["many_channels"]
SEGMENTS = SESSIONS["segments"]


@pytest.fixture
def root(tmp_path):
    folder = tmp_path / "root"
    folder.mkdir()
    return folder


@pytest.fixture(scope="module")
def archives(tmp_path_factory):
    folder = tmp_path_factory.mktemp("archives")
    for number, session in enumerate(SESSIONS.values()):
        tars.pack(session.path, folder / f"{session.path.name}.tar",
                  layout=list(tars.FORMATS)[number % 3])
    return folder


def facts(info):
    """What OpenFile tells, but for the path."""
    copy = type(info)()
    copy.CopyFrom(info)
    copy.file_path = ""
    return copy


def is_read_whole(client, path, session):
    for names in [session.names()] if session.share_a_rate() else [[n] for n in session.names()]:
        answer = client.range(path, session.start, session.end, names)
        assert not answer.damage
        assert same(answer.array, session.float32(session.start, session.end, names))
    return True


def test_every_recording_is_the_same_in_a_tar(start, archives):
    daemon = start(archives, GOLDEN)
    with Client(daemon.address) as client:
        for session in PLAIN:
            path = f"{session.path.name}.tar"
            info = client.open(path)
            assert info.file_opened, info.error_message
            assert info.file_path == path
            assert facts(info) == facts(client.open(session.path.name))
            assert is_read_whole(client, path, session)
        assert set(client.list().file_paths) == {
            f"{session.path.name}{end}" for session in PLAIN for end in ("", ".tar")}


@pytest.mark.parametrize("session", ENCRYPTED, ids=lambda session: session.name)
def test_an_encrypted_recording_in_a_tar_wants_its_password(start, archives, session):
    path = archives / f"{session.path.name}.tar"
    daemon = start(archives, env={"MEF3_PASSWORD": session.password})
    without = start(archives, env={"MEF3_PASSWORD": "wrong"})
    with Client(daemon.address) as client, Client(without.address) as other:
        info = client.open(path)
        assert info.file_opened, info.error_message
        assert is_read_whole(client, path, session)
        assert "password" in other.open(path).error_message


def test_pages_of_a_recording_in_a_tar(start, archives):
    daemon = start(archives)
    path = str(archives / "many_channels.mefd.tar")
    with Client(daemon.address) as client:
        assert client.open(path).file_opened
        assert client.set_page_seconds(path, 1).number_of_segments > 1
        assert client.set_channels(path, MANY.names()[2:4]).error_message == ""
        page = client.page(path, 1)
        assert page.messages[0].file_path == path
        start_uutc = MANY.start + 10**6
        assert same(page.array, MANY.float64(start_uutc, start_uutc + 10**6, MANY.names()[2:4]))
        client.close_file(path)
        assert not client.list().file_paths


LAYOUTS = [
    ("GNU tar", tars.pack_by_gnu_tar),
    ("bsdtar", tars.pack_by_bsdtar),
    ("from inside", tars.pack_from_inside),
    ("without folders", lambda s, p: tars.pack(s, p, folders=False)),
    ("with ./ before names", lambda s, p: tars.pack(s, p, prefix="./" + s.name)),
    ("at the top", lambda s, p: tars.pack(s, p, prefix="")),
    ("another name", lambda s, p: tars.pack(s, p, prefix="renamed")),
    ("further down", lambda s, p: tars.pack(s, p, prefix=f"home/data/{s.name}")),
    ("long names", lambda s, p: tars.pack(s, p, "gnu", prefix="d" * 200 + f"/{s.name}")),
    ("long names, pax", lambda s, p: tars.pack(s, p, "pax", prefix="d" * 200 + f"/{s.name}")),
    ("what systems leave", lambda s, p: tars.add(tars.add(tars.pack(s, p), f"._{s.name}", b"\0" * 9),
                                                 f"{s.name}/._A.timd", b"\0" * 9)),
]


@pytest.mark.parametrize("pack", [row[1] for row in LAYOUTS], ids=[row[0] for row in LAYOUTS])
def test_a_tar_may_be_laid_out_in_many_ways(start, root, pack):
    pack(SEGMENTS.path, root / "x.mefd.tar")
    daemon = start(root)
    with Client(daemon.address) as client:
        info = client.open("x.mefd.tar")
        assert info.file_opened, info.error_message
        assert is_read_whole(client, "x.mefd.tar", SEGMENTS)


def cut(path, n):
    os.truncate(path, n if n >= 0 else path.stat().st_size + n)


def compress(path):
    path.write_bytes(gzip.compress(path.read_bytes()))


def flip(path, at):
    data = bytearray(path.read_bytes())
    data[at] ^= 1
    path.write_bytes(data)


LINK = {"type": tarfile.SYMTYPE, "linkname": "/etc/passwd"}
HOSTILE = [
    # why, what is done, a part of what is told
    ("climbs", lambda p: tars.add(p, "one_channel.mefd/../../x", b"x"), "../../x"),
    ("absolute", lambda p: tars.add(p, "/etc/x", b"x"), "/etc/x"),
    ("a link", lambda p: tars.add(p, "one_channel.mefd/link", **LINK), "a symbolic link: one_ch"),
    ("a link for a channel", lambda p: tars.add(p, "one_channel.mefd/B.timd", **LINK),
     "a symbolic link: one_channel.mefd/B.timd"),
    ("a hard link", lambda p: tars.add(p, "one_channel.mefd/link", type=tarfile.LNKTYPE,
                                       linkname="x"), "a hard link"),
    ("a pipe", lambda p: tars.add(p, "one_channel.mefd/pipe", type=tarfile.FIFOTYPE), "a pipe"),
    ("a device", lambda p: tars.add(p, "one_channel.mefd/zero", type=tarfile.CHRTYPE), "a device"),
    ("sparse", lambda p: tars.add(p, "one_channel.mefd/holes", b"", type=tarfile.GNUTYPE_SPARSE),
     "a sparse file"),
    ("two sessions", lambda p: tars.add(p, "other.mefd/x", b"x"), "more than one"),
    ("a channel outside", lambda p: tars.add(p, "B.timd/x", b"x"), "beside its folder"),
    ("file and folder", lambda p: tars.add(p, "one_channel.mefd/Cz.timd", b"x"), "Cz.timd"),
    ("compressed", compress, "gzip"),
    ("cut at its end", lambda p: cut(p, -10240), "truncated.mefd.tar"),
    ("cut in a member", lambda p: cut(p, 9000), "truncated.mefd.tar"),
    ("cut in a header", lambda p: cut(p, 700), "truncated.mefd.tar"),
    ("empty", lambda p: cut(p, 0), "tar"),
    ("no tar", lambda p: p.write_bytes(b"hello" * 1000), "a tar file"),
    ("a damaged header", lambda p: flip(p, 512 + 3), "at byte 512: header"),
]


@pytest.mark.parametrize("why, spoil, words", HOSTILE, ids=[row[0] for row in HOSTILE])
def test_a_hostile_tar_is_refused_by_its_name(start, root, why, spoil, words):
    path = root / "truncated.mefd.tar"
    tars.pack(ONE.path, path, "gnu")
    tars.pack(ONE.path, root / "good.mefd.tar")
    spoil(path)
    daemon = start(root)
    with Client(daemon.address) as client:
        info = client.open("truncated.mefd.tar")
        assert not info.file_opened
        assert "truncated.mefd.tar" in info.error_message
        assert words in info.error_message, why
        assert client.range("truncated.mefd.tar", ONE.start, ONE.end).error == info.error_message
        assert is_read_whole(client, "good.mefd.tar", ONE)


@pytest.mark.parametrize("kind, words", [("tdat", "damage"), ("tidx", "damage"),
                                         ("tmet", "Cz-000000.tmet")])
def test_damage_within_a_tar_is_told_as_in_a_folder(start, root, kind, words):
    path = tars.pack(ONE.path, root / "x.mefd.tar")
    at, n = tars.member_at(path, f".{kind}")
    flip(path, at + (n // 2 if kind != "tmet" else 2000))
    daemon = start(root)
    with Client(daemon.address) as client:
        info = client.open(path)
        if kind == "tmet":
            assert not info.file_opened
            assert words in info.error_message
            return
        answer = client.range(path, ONE.start, ONE.end)
        told = answer.damage or answer.error
        assert f"Cz-000000.{kind}" in told


@pytest.mark.parametrize("name, words", [
    ("x.tar", "Session path must end with .mefd suffix!"),
    ("x.mefd.tar.gz", "Session path must end with .mefd suffix!"),
    ("x.mefd.TAR", "Session path must end with .mefd suffix!"),
    ("x.mefd", "Not a session folder: x.mefd"),
])
def test_a_tar_is_known_by_its_suffix(start, root, name, words):
    tars.pack(ONE.path, root / name)
    daemon = start(root)
    with Client(daemon.address) as client:
        assert client.open(name).error_message == words


def test_a_folder_is_no_tar(start, root):
    (root / "x.mefd.tar").mkdir()
    daemon = start(root)
    with Client(daemon.address) as client:
        assert client.open("x.mefd.tar").error_message == "Not a session archive: x.mefd.tar"
        assert client.open("y.mefd.tar").error_message == "File does not exist: y.mefd.tar"


def test_no_tar_outside_the_roots_is_read(start, root, archives):
    (root / "x.mefd.tar").symlink_to(archives / "one_channel.mefd.tar")
    daemon = start(root)
    with Client(daemon.address) as client:
        for path in ("x.mefd.tar", archives / "one_channel.mefd.tar"):
            info = client.open(path)
            assert not info.file_opened and "outside" in info.error_message


def repack(session, path):
    """Another archive in the place of the old one, at once."""
    new = path.with_name("new")
    tars.pack(session, new, prefix=path.name.removesuffix(".tar"))
    new.rename(path)


def test_a_tar_that_is_made_anew_is_seen(start, root, tmp_path):
    (tmp_path / "away").mkdir()
    growing = Growing(SEGMENTS, tmp_path / "away")
    growing.append()
    path = root / "x.mefd.tar"
    repack(growing.path, path)
    daemon = start(root)
    with Client(daemon.address) as client:
        assert client.open(path).file_opened
        for _ in range(4):
            growing.append()
            repack(growing.path, path)
            end = max(growing.end(name) for name in growing.channels)
            wait_until(lambda: abs(client.info(path).end_uutc - end) <= 1, "the new end")
            answer = client.range(path, SEGMENTS.start, SEGMENTS.end)
            assert not answer.damage
            assert same(answer.array, growing.float32(SEGMENTS.start, SEGMENTS.end))


def test_a_tar_that_is_added_to_is_seen(start, root):
    path = root / "x.mefd.tar"
    with tarfile.open(path, "w") as tar:
        tar.add(MANY.path / "LT00.timd", "x.mefd/LT00.timd")
    daemon = start(root)
    with Client(daemon.address) as client:
        assert client.open(path).number_of_channels == 1
        with tarfile.open(path, "a") as tar:
            tar.add(MANY.path / "LT01.timd", "x.mefd/LT01.timd")
        wait_until(lambda: client.info(path).number_of_channels == 2, "the new channel")
        names = ["LT00", "LT01"]
        answer = client.range(path, MANY.start, MANY.end, names)
        assert same(answer.array, MANY.float32(MANY.start, MANY.end, names))


def test_a_tar_that_is_cut_or_gone_while_it_is_open_is_told(start, root):
    path = tars.pack(ONE.path, root / "x.mefd.tar")
    daemon = start(root)
    with Client(daemon.address) as client:
        assert client.open(path).file_opened
        cut(path, 3000)
        wait_until(lambda: client.range(path, ONE.start, ONE.end).messages[0].error_message,
                   "the cut to be seen")
        path.unlink()
        wait_until(lambda: "not exist" in client.range(path, ONE.start, ONE.end)
                   .messages[0].error_message, "the loss to be seen")
        tars.pack(ONE.path, path)
        wait_until(lambda: not client.range(path, ONE.start, ONE.end).messages[0].error_message,
                   "the new one to be seen")
        assert is_read_whole(client, path, ONE)
        assert not numpy.isnan(client.range(path, ONE.start, ONE.end).array).all()
