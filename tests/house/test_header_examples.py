"""The example in the opening comment of each public header: it compiles as C17 and as C++17, by both
compilers, runs, and prints what the comment says that it prints."""
import os
import re
import shutil

import pytest

from conftest import ROOT, run

HEADERS = sorted((ROOT / "include" / "mef3").glob("*.h"))
WARN = ["-Wall", "-Wextra", "-Wconversion", "-Wno-sign-conversion", "-Werror", "-pedantic-errors"]
LANGUAGES = {
    "C17, gcc": ["gcc", "-std=c17", "-xc"],
    "C17, clang": ["clang", "-std=c17", "-xc"],
    "C++17, gcc": ["g++", "-std=c++17", "-xc++"],
    "C++17, clang": ["clang++", "-std=c++17", "-xc++"],
}


def example_of(text):
    """The program in a header's opening comment, and what it is said to print."""
    comment = re.match(r"/\*(.*?)\*/", text, re.S)
    assert comment, "a header begins with a comment"
    lines = "\n".join(re.sub(r"^ \* ?", "", line) for line in comment.group(1).split("\n"))
    found = re.findall(r"^```c\n(.*?)^``` *$.*?^```text\n(.*?)^``` *$", lines, re.S | re.M)
    assert len(found) == 1, ("the opening comment has one example: a program between ```c and ```, "
                             "then what it prints between ```text and ```")
    return found[0]


@pytest.fixture
def beside_a_recording(tmp_path):
    """Examples find a recording, night.mefd, where they are run."""
    shutil.copytree(ROOT / "tests" / "golden" / "gaps.mefd", tmp_path / "night.mefd")
    return tmp_path


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("header", HEADERS, ids=lambda path: path.name)
def test_a_headers_example_prints_what_it_says(header, language, build, beside_a_recording):
    program, words = example_of(header.read_text())
    assert f"#include <mef3/{header.name}>" in program
    folder = beside_a_recording
    (folder / "example").write_text(program)
    run([*LANGUAGES[language], *WARN, f"-I{ROOT / 'include'}", folder / "example", "-xnone",
         f"-L{build / 'lib'}", "-lmef3", "-o", folder / "a.out"])
    printed = run([folder / "a.out"], cwd=folder,
                  env=dict(os.environ, LD_LIBRARY_PATH=str(build / "lib")))
    assert printed == words


PARTS = ["/* a.h - a.\n *\n", " * ```c\n * int a;\n *\n * int b; // ```\n * ```\n",
         " * It prints\n *\n", " * ```text\n *   1\n * ```", " */\nint c;\n/* ```c\n * ``` */\n"]


def test_an_example_is_found_without_its_stars():
    assert example_of("".join(PARTS)) == ("int a;\n\nint b; // ```\n", "  1\n")


@pytest.mark.parametrize("text", ["int a;\n", PARTS[0] + PARTS[4], PARTS[0] + PARTS[1] + PARTS[4],
                                  PARTS[0] + PARTS[3] + PARTS[4],
                                  "".join(PARTS[:4] + ["\n *\n"] + PARTS[1:])],
                         ids=["no comment", "no example", "nothing printed", "no program", "two"])
def test_a_header_without_its_example_is_seen(text):
    with pytest.raises(AssertionError):
        example_of(text)
