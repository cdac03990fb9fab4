"""mef3 info and mef3 cat on recordings with one fault each: how they end, and the line they say."""
import pathlib

import numpy
import pytest

from bad_set import FAULTS, each_fault, make
from daemon import run_tool
from golden import SESSIONS, same
from pictures import DAMAGE, Picture, is_colour


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("bad")
    make(folder)
    return folder


def run(fault, folder, command, *words):
    env = {"MEF3_PASSWORD": fault.get("password", "")}
    done = run_tool(command, folder / f"{fault['name']}.mefd", *words, env=env)
    words = done.stderr.decode()
    assert done.returncode == fault[command], words
    lines = words.splitlines()
    if done.returncode == 0:
        assert lines == []
    else:
        assert len(lines) == 1 and lines[0].startswith("mef3: "), lines
    return done.stdout, words


@each_fault()
def test_info_says_what_is_wrong(fault, folder):
    output, words = run(fault, folder, "info", "--json")
    assert output
    if fault["info"] and fault["status"] == "EPASSWORD":
        assert fault["text"].split(": ", 1)[1] in words  # of any channel: all are locked
    elif fault["info"]:
        assert fault["text"] in words


@each_fault()
def test_cat_says_what_is_wrong_and_writes_the_rest(fault, folder):
    output, words = run(fault, folder, "cat", "--counts", "--format", "f64")
    if fault["cat"]:
        assert fault["text"] in words
    if fault["read"].endswith("5120 data") and fault["of"] == "one_channel":
        counts = numpy.frombuffer(output, "<f8")
        assert same(counts[:5120], SESSIONS["one_channel"].channels[0].counts)


# What is lost of these, another segment has at the same time.
COVERED = ["segment_1_index_of_2"]

# Enough to see what is marked.
SMALL = ["--size", "480x270", "-o", "-"]


@pytest.mark.parametrize("command", ["plot", "overview"])
@each_fault()
def test_a_picture_ends_as_cat_does(fault, folder, command):
    """The index does not know of all damage, so an overview may end well where a page does not."""
    env = {"MEF3_PASSWORD": fault.get("password", "")}
    path = folder / f"{fault['name']}.mefd"
    done = run_tool(command, path, "--to", "+3600", *SMALL, env=env)
    if b"the recording's start is not known" in done.stderr:
        done = run_tool(command, path, *SMALL, env=env)
    words = done.stderr.decode()
    if "nothing in it to be drawn" in words:
        assert (done.returncode, fault["cat"], done.stdout) == (3, 0, b"")
        return
    assert done.returncode in ({fault["cat"]} if command == "plot" else {0, fault["cat"]}), words
    assert len(words.splitlines()) == (done.returncode != 0)
    if done.returncode < 3 and done.stdout:
        # Of a segment nobody may know when it was.
        is_placed = done.returncode != 0 and ": 0 samples in" not in words and fault["name"] not in COVERED
        assert is_colour(Picture(done.stdout).pixels, DAMAGE).any() == is_placed


def test_the_table_has_every_fault_once():
    names = [fault["name"] for fault in FAULTS]
    assert len(names) == len(set(names)) >= 60
    assert all(pathlib.PurePath(name).name == name for name in names)
