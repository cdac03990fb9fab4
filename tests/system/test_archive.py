"""mef3 archive and mef3 extract, and the other commands on what is in a tar."""
import filecmp
import io
import json
import os
import signal
import subprocess
import tarfile

import pytest

import tars
from conftest import make_demo
from craft import Segment
from daemon import BUILD, run_tool, wait_until
from golden import ENCRYPTED, PLAIN, SESSIONS

ONE = SESSIONS["one_channel"]
SEGMENTS = SESSIONS["segments"]


def run(*words, **options):
    done = run_tool(*words, **options)
    assert done.returncode == 0, done.stderr
    assert not done.stderr
    return done.stdout


def fails(exit_status, *words, **options):
    """The one line on stderr of a command that must end so."""
    done = run_tool(*words, **options)
    assert done.returncode == exit_status, (done.returncode, done.stdout, done.stderr)
    lines = done.stderr.decode().splitlines()
    assert len(lines) == 1 and lines[0].startswith("mef3: "), lines
    return lines[0]


def files(folder):
    return sorted(path.relative_to(folder) for path in folder.rglob("*"))


def are_equal(a, b):
    assert files(a) == files(b)
    different = [path for path in files(a)
                 if (a / path).is_file() and not filecmp.cmp(a / path, b / path, shallow=False)]
    assert different == []
    return True


@pytest.mark.parametrize("session", SESSIONS.values(), ids=lambda session: session.name)
def test_what_is_archived_is_extracted_again(tmp_path, session):
    archive = tmp_path / f"{session.path.name}.tar"
    run("archive", session.path, archive)
    run("extract", archive)
    assert are_equal(session.path, tmp_path / session.path.name)
    # And by others.
    with tarfile.open(archive) as tar:
        tar.extractall(tmp_path / "python")
    subprocess.run(["tar", "-C", tmp_path, "--one-top-level=gnu", "-xf", archive], check=True)
    subprocess.run(["mkdir", tmp_path / "bsd"], check=True)
    subprocess.run(["bsdtar", "-C", tmp_path / "bsd", "-xf", archive], check=True)
    for by in ("python", "gnu", "bsd"):
        assert are_equal(session.path, tmp_path / by / session.path.name)


@pytest.mark.parametrize("session", [*PLAIN, *ENCRYPTED], ids=lambda session: session.name)
def test_the_other_commands_read_it_as_it_is(tmp_path, session):
    archive = tars.pack(session.path, tmp_path / "x.mefd.tar")
    env = {"MEF3_PASSWORD": session.password or ""}
    for words in (["info"], ["info", "--json"], ["cat", "--format", "f64"]):
        command, *options = words
        assert run(command, archive, *options, env=env) == \
            run(command, session.path, *options, env=env)


def test_recordings_in_archives_are_listed_and_verified(tmp_path):
    tars.pack(ONE.path, tmp_path / "a.mefd.tar")
    (tmp_path / "b.mefd.tar").symlink_to("a.mefd.tar")
    (tmp_path / "c.mefd").symlink_to(ONE.path)
    (tmp_path / "d.mefd.tar").mkdir()
    (tmp_path / "e.mefd").write_bytes(b"x")
    listed = json.loads(run("ls", "--json", tmp_path))
    listed = listed if isinstance(listed, list) else listed["recordings"]
    assert [os.path.basename(line["path"]) for line in listed] == \
        ["a.mefd.tar", "b.mefd.tar", "c.mefd"]
    for line in listed:  # an archive is longer than what is in it
        line.pop("path"), line.pop("bytes")
    assert listed[0] == listed[1] == listed[2]
    found = [json.loads(run("verify", "--json", path))
             for path in (tmp_path / "a.mefd.tar", ONE.path)]
    assert found[0].pop("session", None) != "" and found[0].get("findings") == \
        found[1].get("findings")


def test_the_same_recording_makes_the_same_bytes(tmp_path):
    first = run("archive", SEGMENTS.path, "-")
    copy = tmp_path / "segments.mefd"
    subprocess.run(["cp", "-r", SEGMENTS.path, copy], check=True)
    for path in copy.rglob("*"):
        os.utime(path, (1, 1))
        path.chmod(0o700)
    (copy / ".DS_Store").write_bytes(b"left behind")
    (copy / "seg.timd" / "._seg-000000.segd").write_bytes(b"left behind")
    assert run("archive", copy, "-") == first
    # Of an archive too.
    tars.pack(SEGMENTS.path, tmp_path / "any.mefd.tar")
    assert run("archive", tmp_path / "any.mefd.tar", "-") == first


def test_metadata_come_first_then_indices(tmp_path):
    archive = tmp_path / "x.mefd.tar"
    run("archive", SEGMENTS.path, archive)
    with tarfile.open(archive) as tar:
        names = [member.name for member in tar]
    kinds = [name.rsplit(".")[-1] for name in names]
    assert kinds == ["mefd", "timd"] + ["segd"] * 4 + ["tmet"] * 4 + ["tidx"] * 4 + ["tdat"] * 4
    with tarfile.open(archive) as tar:
        assert {(m.mtime, m.uid, m.gid, m.uname, m.gname) for m in tar} == {(0, 0, 0, "", "")}


def test_long_names_have_room(tmp_path):
    # A channel's name of 63 bytes is in the path three times: 100 bytes are not enough.
    name = "č" * 31 + "x"
    session = tmp_path / ("s" * 100 + ".mefd")
    folder = session / f"{name}.timd" / f"{name}-000000.segd"
    folder.mkdir(parents=True)
    for source in ONE.path.rglob("Cz-000000.t*"):
        (folder / f"{name}-000000{source.suffix}").write_bytes(source.read_bytes())
    run("archive", session)
    run("extract", f"{session}.tar", tmp_path / "b.mefd")
    assert are_equal(session, tmp_path / "b.mefd")
    with tarfile.open(f"{session}.tar") as tar:
        assert set(tar.getnames()) == {str(path.relative_to(tmp_path))
                                       for path in [session, *session.rglob("*")]}


def test_long_files_have_room(tmp_path):
    session = tmp_path / "a.mefd"
    session.mkdir()
    with open(session / "huge", "wb") as huge:
        huge.truncate((8 << 30) + 5)  # a hole, so no disk is filled; eleven digits are not enough
    command = subprocess.Popen([BUILD / "mef3", "archive", session, "-"], stdout=subprocess.PIPE)
    try:
        head = command.stdout.read(1 << 16)
    finally:
        command.kill()
        command.communicate()
    with tarfile.open(fileobj=io.BytesIO(head)) as tar:
        assert tar.next().name == "a.mefd"
        member = tar.next()
        assert (member.name, member.size) == ("a.mefd/huge", (8 << 30) + 5)
    # And for readers that know no pax headers.
    assert tarfile.TarInfo.frombuf(head[1536:2048], "utf-8", "strict").size == (8 << 30) + 5


def test_a_place_is_found_when_none_is_named(tmp_path):
    session = tmp_path / "a.mefd"
    subprocess.run(["cp", "-r", ONE.path, session], check=True)
    assert "a.mefd.tar" in run("archive", f"{session}/").decode()
    assert (tmp_path / "a.mefd.tar").is_file()
    subprocess.run(["rm", "-r", session], check=True)
    assert "a.mefd:" in run("extract", tmp_path / "a.mefd.tar").decode()
    assert are_equal(session, ONE.path)


def test_what_exists_is_not_replaced(tmp_path):
    archive = tmp_path / "a.mefd.tar"
    archive.write_bytes(b"mine")
    assert "exists already" in fails(3, "archive", ONE.path, archive)
    assert archive.read_bytes() == b"mine"
    tars.pack(ONE.path, tmp_path / "b.mefd.tar")
    (tmp_path / "b.mefd").mkdir()
    assert "exists already" in fails(3, "extract", tmp_path / "b.mefd.tar")
    (tmp_path / "c.mefd").symlink_to("nowhere")
    assert "exists already" in fails(3, "extract", tmp_path / "b.mefd.tar", tmp_path / "c.mefd")
    assert sorted(os.listdir(tmp_path)) == ["a.mefd.tar", "b.mefd", "b.mefd.tar", "c.mefd"]
    assert os.listdir(tmp_path / "b.mefd") == []


@pytest.mark.parametrize("words", [
    ["archive"], ["archive", "a.mefd", "b.mefd.tar", "c"], ["archive", "a.mefd", "b.tar"],
    ["archive", "a.mefd.tar"], ["archive", "--fast", "a.mefd"],
    ["extract"], ["extract", "a.mefd.tar", "b"], ["extract", "a.mefd.tar", "b.mefd", "c"],
], ids=" ".join)
def test_wrong_use_is_told(words):
    assert "usage: mef3 " in fails(2, *words)


@pytest.mark.parametrize("command", ["archive", "extract", "info", "cat"])
def test_what_is_not_there_or_is_none_is_told(tmp_path, command):
    out = [] if command in ("info", "cat") else [
        tmp_path / ("out.mefd.tar" if command == "archive" else "out.mefd")]
    assert "does not exist" in fails(3, command, tmp_path / "x.mefd.tar", *out)
    (tmp_path / "x.mefd.tar").write_bytes(b"\x1f\x8b" + b"x" * 5000)
    assert "gzip" in fails(3, command, tmp_path / "x.mefd.tar", *out)
    (tmp_path / "y.tar").write_bytes(b"x")
    assert "name" in fails(3, command, tmp_path / "y.tar", *out)
    assert sorted(os.listdir(tmp_path)) == ["x.mefd.tar", "y.tar"]


CLIMBING = [
    ("up", "one_channel.mefd/../../caught", {}),
    ("absolute", "{}/caught", {}),
    ("by a link", "one_channel.mefd/way/caught", {}),
    ("a link", "one_channel.mefd/caught", {"type": tarfile.SYMTYPE, "linkname": "../caught"}),
    ("a hard link", "one_channel.mefd/caught", {"type": tarfile.LNKTYPE, "linkname": "../caught"}),
    ("a device", "one_channel.mefd/caught", {"type": tarfile.CHRTYPE}),
    ("two sessions", "caught.mefd/caught", {}),
]


@pytest.mark.parametrize("why, name, facts", CLIMBING, ids=[row[0] for row in CLIMBING])
def test_nothing_is_written_outside_the_new_folder(tmp_path, why, name, facts):
    inside = tmp_path / "inside"
    inside.mkdir()
    archive = tars.pack(ONE.path, inside / "x.mefd.tar", "gnu")
    if why == "by a link":
        tars.add(archive, "one_channel.mefd/way", type=tarfile.SYMTYPE, linkname=str(tmp_path))
    tars.add(archive, name.format(tmp_path), b"" if facts else b"x", **facts)
    assert "x.mefd.tar" in fails(3, "extract", archive)
    assert os.listdir(inside) == ["x.mefd.tar"]
    assert os.listdir(tmp_path) == ["inside"]


def test_a_cut_archive_leaves_nothing_behind(tmp_path):
    archive = tars.pack(ONE.path, tmp_path / "x.mefd.tar")
    os.truncate(archive, 9000)
    words = fails(1, "extract", archive)
    assert "at byte" in words and "is shorter than it says" in words
    assert os.listdir(tmp_path) == ["x.mefd.tar"]


def test_a_damaged_recording_is_archived_and_extracted_as_it_is(tmp_path):
    session = tmp_path / "a.mefd"
    subprocess.run(["cp", "-r", ONE.path, session], check=True)
    Segment(session, "Cz").cut(Segment(session, "Cz").tmet, 99)
    run("archive", session)
    run("extract", tmp_path / "a.mefd.tar", tmp_path / "b.mefd")
    assert are_equal(session, tmp_path / "b.mefd")
    assert fails(1, "info", tmp_path / "a.mefd.tar")


def test_links_are_followed_and_loops_are_told(tmp_path):
    session = tmp_path / "a.mefd"
    session.mkdir()
    (session / "Cz.timd").symlink_to(ONE.path / "Cz.timd")
    run("archive", session)
    run("extract", tmp_path / "a.mefd.tar", tmp_path / "b.mefd")
    assert are_equal(tmp_path / "b.mefd", ONE.path)
    (session / "loop").symlink_to(session)
    assert "is beyond what is allowed" in fails(3, "archive", session, tmp_path / "c.mefd.tar")
    (session / "loop").unlink()
    (session / "nowhere").symlink_to("nothing")
    assert "nowhere: does not exist" in fails(3, "archive", session, tmp_path / "c.mefd.tar")
    assert sorted(os.listdir(tmp_path)) == ["a.mefd", "a.mefd.tar", "b.mefd"]


def test_the_umask_is_kept(tmp_path):
    archive = tars.pack(ONE.path, tmp_path / "x.mefd.tar")
    subprocess.run(["sh", "-c", 'umask 027; exec "$@"', "sh", BUILD / "mef3", "extract", archive],
                   check=True, stdout=subprocess.DEVNULL)
    modes = {path.stat().st_mode & 0o777 for path in (tmp_path / "x.mefd").rglob("*")}
    assert (tmp_path / "x.mefd").stat().st_mode & 0o777 == 0o750
    assert modes == {0o640, 0o750}


def interrupt(command, folder, is_under_way):
    """Interrupt a command once it has begun to write; what is left in the folder."""
    process = subprocess.Popen([str(word) for word in command], stderr=subprocess.PIPE,
                               stdout=subprocess.DEVNULL)
    wait_until(lambda: is_under_way() or process.poll() is not None, "the command to write")
    process.send_signal(signal.SIGINT)
    words = process.communicate()[1].decode()
    return process.returncode, words, sorted(os.listdir(folder))


def test_ctrl_c_leaves_nothing_half_written(tmp_path):
    session = make_demo(tmp_path, "--channels", "2", "--hours", "0.01")
    with open(session / "huge", "wb") as huge:
        huge.truncate(6 << 30)  # nobody copies it before the signal comes
    out = tmp_path / "out"
    out.mkdir()
    ended = interrupt([BUILD / "mef3", "archive", session, out / "x.mefd.tar"], out,
                      lambda: os.listdir(out))
    assert ended == (3, ended[1], []) and "interrupted" in ended[1]
    archive = tmp_path / "huge.mefd.tar"
    member = tarfile.TarInfo("huge.mefd/huge")
    member.size = 6 << 30
    with open(archive, "wb") as file:
        file.write(member.tobuf(tarfile.GNU_FORMAT))
        file.truncate(512 + member.size + 1024)
    ended = interrupt([BUILD / "mef3", "extract", archive, out / "x.mefd"], out,
                      lambda: os.listdir(out))
    assert ended == (3, ended[1], []) and "interrupted" in ended[1]


def test_a_full_disk_is_told(tmp_path):
    tars.pack(ONE.path, tmp_path / "x.mefd.tar")
    limited = ["prlimit", "--fsize=4000", BUILD / "mef3"]
    for words in (["archive", ONE.path, tmp_path / "y.mefd.tar"],
                  ["extract", tmp_path / "x.mefd.tar", tmp_path / "y.mefd"]):
        done = subprocess.run([*limited, *words], capture_output=True, text=True,
                              preexec_fn=lambda: signal.signal(signal.SIGXFSZ, signal.SIG_IGN))
        assert done.returncode == 3 and "cannot be written" in done.stderr
        assert os.listdir(tmp_path) == ["x.mefd.tar"]


def test_an_archive_goes_through_a_pipe(tmp_path):
    with tarfile.open(fileobj=io.BytesIO(run("archive", ONE.path, "-"))) as tar:
        assert "one_channel.mefd/Cz.timd/Cz-000000.segd/Cz-000000.tdat" in tar.getnames()
