"""The API reference: `make docs` makes pages of the headers, and refuses what is not documented."""
import html
import re
import shutil
import subprocess

import pytest

from conftest import ROOT

HEADERS = ROOT / "include" / "mef3"


def docs(folder, headers=HEADERS):
    done = subprocess.run([ROOT / "tools" / "docs", folder, headers], capture_output=True, text=True,
                          timeout=120)
    return done.returncode, done.stdout + done.stderr


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    folder = tmp_path_factory.mktemp("docs")
    status, words = docs(folder)
    assert status == 0, words
    return folder / "html"


def words_of(page):
    """A page as it is read."""
    return " ".join(html.unescape(re.sub(r"<[^>]*>", "", page.read_text())).split())


def page_of(pages, header):
    return pages / f"{header.replace('_', '__').replace('.', '_8')}.html"


@pytest.mark.parametrize("header", sorted(path.name for path in HEADERS.glob("*.h")))
def test_each_function_of_a_header_is_on_its_page_with_its_words(pages, header):
    page = page_of(pages, header).read_text()
    text = re.sub(r"/\*.*?\*/", "", (HEADERS / header).read_text(), flags=re.S)
    for name in re.findall(r"MEF3_API[^;]*?\b(mef3_\w+)\(", text):
        item = re.search(rf'<h2 class="memtitle">[^\n]*</span>{name}\(\)(.*?)(?=<h2 |\Z)', page, re.S)
        assert item, name
        words = re.search(r'<div class="memdoc">\s*<p ?>(.*?)</p>', item[1], re.S)
        assert words and len(words[1]) > 10, name


def test_the_words_are_those_of_the_headers(pages):
    for header, words in [
            ("mef3.h", 'mef3_session_open_folder("night.mefd", NULL, &session, &error);'),
            ("status.h", "MEF3_ECRC the checksum does not match"),
            ("status.h", "Fill *error (NULL is allowed and does nothing) and return status,"),
            ("time.h", "a window [start, end) at rate_hz has round((end - start) x rate / 1e6)"),
            ("session.h", "Threads: any number of sessions side by side"),
            ("session.h", "MEF3_ENOENT, MEF3_EIO, MEF3_EACCES: the folder itself cannot be listed."),
            ("session.h", "MEF3_MAX_SEGMENTS 1000000")]:
        assert words in words_of(page_of(pages, header)), (header, words)
    assert "all of libmef3" in words_of(pages / "index.html")


UNDOCUMENTED = [
    ("a function", "time.h", "/* a - b,", "MEF3_API int mef3_more(void);\n\n/* a - b,", "mef3_more"),
    ("a comment that stands off", "time.h", "limits of int64_t. */\n", "limits of int64_t. */\n\n",
     "mef3_time_difference"),
    ("a struct", "time.h", "/* a - b,", "struct mef3_more {\n    int a;\n};\n\n/* a - b,", "mef3_more"),
    ("a constant", "time.h", "/* a - b,", "#define MEF3_MORE 1\n\n/* a - b,", "MEF3_MORE"),
]


@pytest.mark.parametrize("why, header, old, new, told", UNDOCUMENTED,
                         ids=[row[0] for row in UNDOCUMENTED])
def test_what_is_not_documented_is_refused(why, header, old, new, told, tmp_path):
    shutil.copytree(HEADERS, tmp_path / "include" / "mef3")
    path = tmp_path / "include" / "mef3" / header
    assert path.read_text().count(old) == 1
    path.write_text(path.read_text().replace(old, new))
    status, words = docs(tmp_path / "out", path.parent)
    assert status == 1, why
    assert told in words and "is not documented" in words


def test_a_field_may_be_told_of_by_its_struct(tmp_path):
    shutil.copytree(HEADERS, tmp_path / "include" / "mef3")
    path = tmp_path / "include" / "mef3" / "time.h"
    path.write_text(path.read_text().replace(
        "/* a - b,", "/* More. */\nstruct mef3_more {\n    int a;\n};\n\n/* a - b,"))
    assert docs(tmp_path / "out", path.parent)[0] == 0
