"""mef3 ls: which recordings it finds, what it says of each, and at what cost."""
import json
import shutil

import pytest

from craft import Segment
from daemon import run_tool
from golden import GOLDEN, SESSIONS


def ls(*words, status=0, **options):
    done = run_tool("ls", *words, "--json", **options)
    assert done.returncode == status, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize("name", list(SESSIONS))
def test_a_line_says_what_info_says(name):
    session = SESSIONS[name]
    env = {"MEF3_PASSWORD": session.password} if session.password else {}
    (line,) = ls(session.path, env=env)
    info = json.loads(run_tool("info", session.path, "--json", env=env).stdout)
    rates = [channel["rate_hz"] for channel in info["channels"]]
    assert line["path"] == str(session.path)
    assert line["n_channels"] == len(session.channels)
    assert (line["rate_min_hz"], line["rate_max_hz"]) == (min(rates), max(rates))
    assert (line["start_uutc"], line["end_uutc"]) == (info["start_uutc"], info["end_uutc"])
    assert (line["start"], line["duration_s"]) == (info["start"], info["duration_s"])
    # Less than a sample is not told of here.
    gap = max(channel["gap_s"] for channel in info["channels"])
    assert line["gap_s"] == pytest.approx(gap, abs=1.1 / min(rates))
    assert line["encrypted"] == info["encrypted"]
    assert (line["locked"], line["damaged"], line["status"]) == (False, False, "OK")
    assert line["bytes"] == sum(path.stat().st_size for path in session.path.rglob("*")
                                if path.is_file())


def test_all_beneath_a_folder_in_the_order_of_their_paths(tmp_path):
    for place in ("b/2.mefd", "b/10.mefd", "a.mefd", "b/c/d/x.mefd"):
        shutil.copytree(SESSIONS["one_block"].path, tmp_path / place)
    (tmp_path / "b" / "no.mefd").write_text("a file")
    (tmp_path / "empty").mkdir()
    # What looks like a recording inside of one is none.
    (tmp_path / "a.mefd" / "inner.mefd").mkdir()
    found = [line["path"] for line in ls(tmp_path)]
    assert found == [f"{tmp_path}/{place}" for place in ("a.mefd", "b/10.mefd", "b/2.mefd",
                                                         "b/c/d/x.mefd")]
    # Several folders, one after another; a slash behind them means nothing.
    found = [line["path"] for line in ls(f"{tmp_path}/b/c/", tmp_path / "a.mefd")]
    assert found == [f"{tmp_path}/b/c/d/x.mefd", f"{tmp_path}/a.mefd"]


def test_a_recording_in_a_tar_file_is_one(copy):
    path = copy("gaps")
    (folder,) = ls(path)
    made = run_tool("archive", path)
    assert made.returncode == 0, made.stderr
    (copy.folder / "notes.mefd.tar.gz").write_text("none")
    first, tar = ls(copy.folder)
    assert first == folder
    assert tar["path"] == f"{path}.tar"
    assert tar["bytes"] == (copy.folder / "gaps.mefd.tar").stat().st_size
    for key in set(folder) - {"path", "bytes"}:
        assert tar[key] == folder[key]


def test_without_a_folder_it_is_the_current_one(tmp_path, monkeypatch):
    shutil.copytree(SESSIONS["one_block"].path, tmp_path / "sub" / "x.mefd")
    monkeypatch.chdir(tmp_path)
    assert [line["path"] for line in ls()] == ["sub/x.mefd"]
    assert [line["path"] for line in ls(".")] == ["sub/x.mefd"]


def test_nothing_to_be_found_is_no_failure(tmp_path):
    assert ls(tmp_path) == []
    done = run_tool("ls", tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


def test_links_lead_to_recordings_and_never_around_in_a_circle(tmp_path):
    shutil.copytree(SESSIONS["one_block"].path, tmp_path / "real" / "x.mefd")
    folder = tmp_path / "links"
    folder.mkdir()
    (folder / "up").symlink_to("..")
    (folder / "self").symlink_to(".")
    (folder / "other").symlink_to("../real")
    (folder / "y.mefd").symlink_to("../real/x.mefd")
    (folder / "gone.mefd").symlink_to("nowhere")
    (line,) = ls(folder)
    assert line["path"] == f"{folder}/y.mefd"
    assert line["bytes"] > 0
    # A link that is named is followed.
    assert [line["path"] for line in ls(folder / "other")] == [f"{folder}/other/x.mefd"]


def test_one_that_is_locked_says_so_and_is_no_failure():
    (line,) = ls(SESSIONS["encrypted"].path)
    assert (line["encrypted"], line["locked"], line["damaged"]) == (True, True, False)
    assert (line["status"], line["start"], line["rate_min_hz"]) == ("EPASSWORD", None, None)
    assert "(locked)" in run_tool("ls", SESSIONS["encrypted"].path).stdout.decode()


def test_one_that_is_damaged_does_not_hide_the_others(copy):
    path = copy("one_channel")
    copy("gaps")
    tmet = Segment(path, "Cz").tmet
    tmet.write_bytes(tmet.read_bytes()[:3000])
    gaps, one = ls(copy.folder, status=1)
    assert (gaps["damaged"], gaps["status"]) == (False, "OK")
    assert (one["damaged"], one["status"]) == (True, "ETRUNCATED")
    assert "Cz-000000.tmet" in one["error"]
    done = run_tool("ls", copy.folder)
    assert done.returncode == 1
    assert done.stderr.decode().startswith("mef3: 1 of 2 recordings")
    assert "one_channel.mefd  (damaged)" in done.stdout.decode()


def test_a_folder_that_cannot_be_listed_ends_with_3_and_the_rest_is_shown(tmp_path):
    shutil.copytree(SESSIONS["one_block"].path, tmp_path / "x.mefd")
    done = run_tool("ls", tmp_path / "missing", tmp_path)
    assert done.returncode == 3
    assert b"missing" in done.stderr and len(done.stderr.splitlines()) == 1
    assert b"x.mefd" in done.stdout


def test_of_many_segments_two_are_read(tmp_path):
    """The metadata between them may be anything: nobody looks at them."""
    path = tmp_path / "many.mefd"
    assert run_tool("demo", path, "--channels", 2, "--hours", 0.1, "--segments", 20).returncode == 0
    (before,) = ls(path)
    for number in range(1, 19):
        for channel in ("Fp1", "Fp2"):
            tmet = Segment(path, channel, number).tmet
            tmet.write_bytes(bytes(tmet.stat().st_size))
    assert ls(path) == [before]
    assert before["gap_s"] == pytest.approx(5, abs=0.01)


def test_the_text_is_aligned_and_has_the_path_last():
    lines = run_tool("ls", GOLDEN).stdout.decode().splitlines()
    assert lines[0].endswith("  recording")
    at = lines[0].index("recording")
    assert all(line[at - 2:at] == "  " and line[at:].startswith(f"{GOLDEN}/") for line in lines[1:])
    assert len(lines) == 1 + len([path for path in GOLDEN.iterdir() if path.suffix == ".mefd"])


def test_a_well_of_folders_ends(tmp_path):
    deep = tmp_path
    for _ in range(100):
        deep /= "d"
    deep.mkdir(parents=True)
    (deep / "x.mefd").mkdir()
    assert ls(tmp_path) == []
