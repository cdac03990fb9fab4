"""What programs linked with libmef3 rely on changes only where lib/libmef3.abi and .map say so."""
import re
import shutil
import subprocess

import pytest

from conftest import ROOT, run


def abi(root):
    done = subprocess.run([ROOT / "tools" / "abi", "--root", root], capture_output=True, text=True,
                          timeout=120)
    return done.returncode, done.stdout + done.stderr


def test_the_headers_say_what_the_files_say():
    status, words = abi(ROOT)
    assert status == 0, words


def test_the_library_exports_what_the_map_says(build):
    text = (ROOT / "lib" / "libmef3.map").read_text()
    version = re.search(r"^(LIBMEF3_\S+) \{", text, re.M)[1]
    mapped = set(re.findall(r"^    (\w+);", text, re.M))
    words = run(["nm", "-D", "--defined-only", build / "lib" / "libmef3.so"])
    exported = {line.split()[-1] for line in words.splitlines()}
    assert exported == {f"{name}@@{version}" for name in mapped} | {version}


def test_every_function_of_the_public_headers_is_in_the_map():
    mapped = set(re.findall(r"^    (\w+);", (ROOT / "lib" / "libmef3.map").read_text(), re.M))
    declared = set()
    for header in (ROOT / "include" / "mef3").glob("*.h"):
        text = re.sub(r"/\*.*?\*/", "", header.read_text(), flags=re.S)
        declared |= set(re.findall(r"MEF3_API[^;]*?\b(mef3_\w+)\(", text))
    assert declared == mapped and len(mapped) > 40


def test_the_loader_knows_the_library_by_its_name(build):
    words = run(["readelf", "-d", build / "lib" / "libmef3.so"])
    assert re.search(r"\(SONAME\).*\[(.*)\]", words)[1] == "libmef3.so.0"


@pytest.fixture
def house(tmp_path):
    """Headers that may be changed."""
    shutil.copytree(ROOT / "include", tmp_path / "include")
    (tmp_path / "lib").mkdir()
    for name in ("meson.build", "lib/libmef3.abi", "lib/libmef3.map"):
        shutil.copy(ROOT / name, tmp_path / name)
    return tmp_path


CHANGES = [
    # why, header, what is there, what is put in its place, what is told
    ("a field in between", "read.h", "    int64_t origin_sample;\n",
     "    int32_t more;\n    int64_t origin_sample;\n", "+       8 int32_t more"),
    ("a field in the room that is left", "read.h", "    uint32_t block_samples;",
     "    uint32_t block_samples; uint32_t more;", "+      36 uint32_t more"),
    ("two fields change places", "status.h", "    char expected[96];", "    char found_[96];",
     "-     464 char[96] expected"),
    ("another type of the same size", "read.h", "    uint64_t file_offset;", "    int64_t file_offset;",
     "+       0 int64_t file_offset"),
    ("another argument", "read.h", "mef3_segment_runs(struct mef3_session *session, size_t channel,",
     "mef3_segment_runs(struct mef3_session *session, int channel,",
     "+function mef3_segment_runs: int (struct mef3_session *, int,"),
    ("another answer", "time.h", "MEF3_API int64_t mef3_time_difference",
     "MEF3_API double mef3_time_difference", "+function mef3_time_difference: double"),
    ("another number", "status.h", "X(ECHANGED,    -14", "X(ECHANGED,    -15",
     "+enum mef3_status MEF3_ECHANGED = -15"),
    ("another constant", "counts.h", "MEF3_COUNT_NAN INT32_MIN", "MEF3_COUNT_NAN (-1)",
     "+constant MEF3_COUNT_NAN: (-1)"),
    ("a function more", "time.h", "/* a - b,", "MEF3_API int mef3_more(void);\n\n/* a - b,",
     "+    mef3_more;"),
    ("a function less", "mef3.h", "MEF3_API const char *mef3_version(void);", "",
     "-    mef3_version;"),
]


@pytest.mark.parametrize("why, header, old, new, told", CHANGES, ids=[row[0] for row in CHANGES])
def test_a_change_is_seen(house, why, header, old, new, told):
    path = house / "include" / "mef3" / header
    assert path.read_text().count(old) == 1
    path.write_text(path.read_text().replace(old, new))
    status, words = abi(house)
    assert status == 1, why
    assert told in words, words


def test_another_minor_version_before_one_is_another_library(house):
    path = house / "meson.build"
    path.write_text(re.sub(r"version: '0\.\d+\.0'", "version: '0.99.0'", path.read_text()))
    status, words = abi(house)
    assert status == 1 and "+LIBMEF3_0.99 {" in words


def test_make_abi_puts_the_files_right(house):
    for name in ("libmef3.abi", "libmef3.map"):
        (house / "lib" / name).write_text("something else\n")
    assert abi(house)[0] == 1
    run([ROOT / "tools" / "abi", "--write", "--root", house])
    assert abi(house) == (0, "")
