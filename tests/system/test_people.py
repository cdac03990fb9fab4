"""mef3 for people: help, man page, completions, colours, progress, how commands end."""
import os
import pathlib
import re
import shlex
import shutil
import signal
import subprocess
import time

import pytest

from daemon import BUILD, PATIENCE_S, ROOT, SANITIZER_OPTIONS, run_tool, wait_until
from golden import SESSIONS
from terminal import Terminal, show

ONE = SESSIONS["one_channel"]
OVERVIEW = run_tool("--help").stdout.decode()
COMMANDS = re.findall(r"^  mef3 (\w+) +\S", OVERVIEW.split("For example:")[0], re.M)
NAMES = [name for name in COMMANDS if name != "help"]
HELP = {name: run_tool(name, "--help").stdout.decode() for name in NAMES}


def long_options(text):
    terms = re.findall(r"^  (-.*?)(?:  |$)", text, re.M)
    return {option for term in terms for option in re.findall(r"(?:^|, )--([a-z0-9-]+)", term)}


# Help

def test_all_help_fits_a_terminal():
    assert len(NAMES) >= 6
    for text in (OVERVIEW, *HELP.values()):
        for line in text.splitlines():
            assert len(line) <= 80 and line == line.rstrip(), line


@pytest.mark.parametrize("name", NAMES)
def test_each_command_has_help_in_three_ways_and_an_example(name):
    assert HELP[name].startswith(f"usage: mef3 {name} ")
    assert "For example:\n  mef3 " in HELP[name]
    assert run_tool("help", name).stdout.decode() == HELP[name]
    assert run_tool(name, "x", "--help").stdout.decode() == HELP[name]


@pytest.mark.parametrize("name", NAMES)
def test_help_has_every_option_of_the_source_and_no_other(name):
    """What getopt is told, the help tells; and man page and completions are made of the help."""
    source = "".join(path.read_text() for path in (ROOT / "cli").glob(f"cmd_{name}*.c"))
    # Tables, and parts of them, that several commands have.
    if '#include "picture.h"' in source:
        source += (ROOT / "cli" / "picture.c").read_text()
    if "CAT_OPTIONS" in source:
        source += (ROOT / "cli" / "cat.h").read_text()
    known = dict(re.findall(r'\{"([a-z0-9-]+)", \w+_argument, NULL, ([^}]+)\}', source))
    told = long_options(HELP[name])
    assert told <= set(known)
    # Of two ways to spell one, one will do.
    assert {known[option] for option in told} == set(known.values())


def test_an_example_shows_what_is_there(tmp_path):
    """Each is run as it stands, in the order of the overview, once there is something to show."""
    bin_folder = tmp_path / "bin"
    bin_folder.mkdir()
    (bin_folder / "mef3").symlink_to(BUILD / "mef3")
    env = os.environ | SANITIZER_OPTIONS | {"PATH": f"{bin_folder}:{os.environ['PATH']}"}
    lines = [line.split("   ")[0] for name in ("ls", "info", "cat", "gaps", "diff")
             for line in re.findall(r"^  (mef3 .*)$", HELP[name].split("For example:")[1], re.M)]
    assert len(lines) >= 8
    made = run_tool("demo", tmp_path / "night.mefd", "--hours", 0.03)
    assert made.returncode == 0
    shutil.copytree(tmp_path / "night.mefd", tmp_path / "copy.mefd")
    (tmp_path / "recordings").mkdir()
    for line in lines:
        done = subprocess.run(["bash", "-c", f"set -o pipefail; {line}"], cwd=tmp_path, env=env,
                              capture_output=True, timeout=PATIENCE_S, check=False)
        quiet = done.returncode in (0, 128 + signal.SIGPIPE) and not done.stderr
        assert quiet, (line, done.returncode, done.stderr)


@pytest.mark.parametrize("word, meant", [("inof", "info"), ("cta", "cat"), ("gap", "gaps"),
                                         ("dif", "diff"), ("demos", "demo"), ("ks", "ls")])
def test_a_command_that_is_nearly_one_is_guessed(word, meant):
    for words in ([word], ["help", word]):
        done = run_tool(*words)
        assert done.returncode == 2
        assert f"did you mean mef3 {meant}?" in done.stderr.decode()


@pytest.mark.parametrize("word", ["", "x", "remove", "\x1b[31m", "i" * 5000])
def test_what_is_like_no_command_is_not_guessed(word):
    done = run_tool(word)
    assert done.returncode == 2
    assert b"did you mean" not in done.stderr and b"\x1b" not in done.stderr


def test_an_option_that_is_nearly_one_is_guessed():
    assert b"did you mean --format?" in run_tool("cat", ONE.path, "--fromat=csv").stderr
    assert b"the option --from wants a value" in run_tool("cat", ONE.path, "--from").stderr
    assert b"the option --json takes no value" in run_tool("info", ONE.path, "--json=1").stderr
    assert b"did you mean" not in run_tool("cat", ONE.path, "--zzzzzz").stderr


# Man page and completions

@pytest.mark.parametrize("kind, place", [("man", "docs/mef3.1"),
                                         ("bash", "packaging/completions/mef3.bash"),
                                         ("zsh", "packaging/completions/_mef3"),
                                         ("fish", "packaging/completions/mef3.fish")])
def test_what_is_made_of_the_commands_is_up_to_date(kind, place):
    said = run_tool(f"--print-reference={kind}")
    assert said.returncode == 0
    assert said.stdout == (ROOT / place).read_bytes(), f"{place}: run make reference"
    assert b"\t" not in said.stdout


def test_the_man_page_has_every_command_option_and_example():
    done = subprocess.run(["groff", "-man", "-ww", "-Tutf8", "-P-c", "-rLL=200n",
                           ROOT / "docs" / "mef3.1"], capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
    page = re.sub(r".\x08", "", done.stdout.decode()).replace("\u2010\n", "")
    for name in NAMES:
        assert f"mef3 {name} " in page
        for option in long_options(HELP[name]):
            assert re.search(rf"^ +(-\w, )?(--.*, )?--{option}\b", page, re.M), option
        for line in re.findall(r"^  (mef3 .*?)(?:   .*)?$", HELP[name].split("For example:")[1], re.M):
            assert re.search(r"^ +" + re.escape(line) + "$", page, re.M), line


def complete(*words, cwd=None):
    """What bash would offer for the last of the words."""
    script = f"""
        source {shlex.quote(str(ROOT / "packaging/completions/mef3.bash"))}
        COMP_WORDS=({" ".join(map(shlex.quote, map(str, words)))})
        COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1))
        _mef3
        printf '%s\\n' "${{COMPREPLY[@]}}"
    """
    done = subprocess.run(["bash", "-c", script], capture_output=True, cwd=cwd, check=False,
                          env=os.environ | SANITIZER_OPTIONS)
    assert (done.returncode, done.stderr) == (0, b"")
    return done.stdout.decode().split("\n")[:-1] if done.stdout != b"\n" else []


MEF3 = BUILD / "mef3"


def test_bash_completes_commands_and_options():
    assert complete(MEF3, "") == [*COMMANDS, "--help", "--version"]
    assert complete(MEF3, "ca") == ["cat"]
    assert complete(MEF3, "help", "") == COMMANDS
    for name in NAMES:
        offered = complete(MEF3, name, "--")
        assert {word[2:] for word in offered} == long_options(HELP[name]) | {"help"}
    assert complete(MEF3, "info", "--j") == ["--json"]
    assert complete(MEF3, "cat", "--format", "") == ["csv", "f64", "f32", "i32", "npy"]
    # --format=f is three words.
    assert complete(MEF3, "cat", "--format", "=", "f") == ["f64", "f32"]
    assert complete(MEF3, "cat", "--format", "=") == ["csv", "f64", "f32", "i32", "npy"]
    assert complete(MEF3, "cat", "--from", "") == []


def test_bash_completes_recordings_and_their_channels(tmp_path, copy):
    mixed = copy("mixed_rates")
    (mixed / "late.timd").rename(mixed / "la te.timd")
    (copy.folder / "x.mefd.tar").write_text("")
    (copy.folder / "notes.txt").write_text("")
    assert complete(MEF3, "info", "", cwd=copy.folder) == ["mixed_rates.mefd", "x.mefd.tar"]
    assert complete(MEF3, "info", "mixed_rates.mefd/", cwd=copy.folder) == []
    for option in ("-c", "--channel"):
        assert complete(MEF3, "cat", mixed, option, "") == ["fast", r"la\ te", "slow"]
    assert complete(MEF3, "cat", "-c", "la", mixed)[0] != "slow"
    assert complete(MEF3, "cat", f"{mixed}/", "-c", r"la\ ") == [r"la\ te"]
    # No password is needed for names, and no recording is no failure.
    assert complete(MEF3, "cat", SESSIONS["encrypted"].path, "-c", "") == ["secret1", "secret2"]
    assert complete(MEF3, "cat", tmp_path / "gone.mefd", "-c", "") == []
    assert complete(MEF3, "cat", "-c", "") == []


def test_zsh_and_fish_can_read_theirs_and_fish_completes():
    folder = ROOT / "packaging" / "completions"
    for words in (["zsh", "-n", folder / "_mef3"], ["fish", "-n", folder / "mef3.fish"]):
        done = subprocess.run(words, capture_output=True, check=False)
        assert (done.returncode, done.stderr) == (0, b"")
    for line, expected in (("mef3 ", set(COMMANDS)), ("mef3 gaps --at", {"--at-least"}),
                           ("mef3 cat --format ", {"csv", "f64", "f32", "i32", "npy"})):
        script = f"source {shlex.quote(str(folder / 'mef3.fish'))}; complete -C {shlex.quote(line)}"
        done = subprocess.run(["fish", "--no-config", "-c", script], capture_output=True, check=False)
        assert done.returncode == 0
        assert {word.split("\t")[0] for word in done.stdout.decode().splitlines()} >= expected


# On a terminal

def test_colours_are_for_terminals_that_want_them(copy):
    path = copy("gaps")
    for name in ("ls", "gaps"):
        plain = run_tool(name, path).stdout
        assert b"\x1b" not in plain
        status, coloured = show(name, path)
        assert status == 0 and b"\x1b[1m" in coloured
        assert re.sub(rb"\x1b\[\d*m", b"", coloured) == plain
        for env in ({"NO_COLOR": "1"}, {"TERM": "dumb"}, {"TERM": ""}):
            assert show(name, path, env=env)[1] == plain


def slow_cat(tmp_path, demo, **options):
    """What a terminal shows of a cat whose reader rests for more than a second."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    terminal = Terminal("cat", demo, "--format", "f64", "-o", pipe, **options)
    with open(pipe, "rb") as reader:
        reader.read(1)
        time.sleep(1.2)
        while reader.read(1 << 20):
            pass
    shown = terminal.read()
    assert terminal.process.returncode == 0
    return shown


def test_what_takes_longer_than_a_second_shows_how_far_it_is(tmp_path, demo):
    shown = slow_cat(tmp_path, demo)
    bars = shown.decode().split("\r")
    assert bars[0] == "" and bars[-1] == "\x1b[K"
    assert len(bars) > 2
    for bar in bars[1:-1]:
        assert re.fullmatch(r"writing +\d+% \[#*\.*\] [\d.]+ [kMG]?samples/s  \d+:\d\d left\x1b\[K",
                            bar), bar
        assert len(bar) - len("\x1b[K") < 80


def test_a_narrow_terminal_gets_a_short_bar(tmp_path, demo):
    bars = slow_cat(tmp_path, demo, columns=30).decode().split("\r")
    assert len(bars) > 2
    assert all(len(bar) - len("\x1b[K") < 30 for bar in bars[1:-1])


@pytest.mark.parametrize("options", [{"env": {"TERM": "dumb"}}, {"stderr": subprocess.DEVNULL}],
                         ids=str)
def test_there_is_no_bar_where_nobody_could_see_it(tmp_path, demo, options):
    assert slow_cat(tmp_path, demo, **options) == b""


def test_names_are_aligned_by_what_they_take_on_a_terminal(tmp_path):
    path = tmp_path / "x.mefd"
    assert run_tool("demo", path, "--channels", 3, "--hours", 0.001).returncode == 0
    # Of different rates, so that each has a line of its own.
    for name, new in (("Fp1", "電極"), ("Fp2", "e\u0301"), ("F7", "plain")):
        shutil.rmtree(path / f"{name}.timd")
        part = tmp_path / new / "y.mefd"
        part.parent.mkdir()
        done = run_tool("demo", part, "--channels", 1, "--hours", 0.001, "--rate",
                        {"電極": 300, "e\u0301": 400, "plain": 500}[new])
        assert done.returncode == 0
        (part / "Fp1.timd").rename(path / f"{new}.timd")
    lines = run_tool("info", path).stdout.decode().split("\n\n")[1].splitlines()
    at = lines[0].index("rate (Hz)") + len("rate (Hz)")
    for rate, line, wider in ((500, 1, 0), (300, 3, -2), (400, 2, 1)):
        (row,) = [text for text in lines if f" {rate} " in text]
        assert row[:at + wider].endswith(f" {rate}"), row


# Hostile names

HOSTILE = [b"\x1b]0;x\x07", b"\xc2\x9b31m", b"\x9b31m", b"a\rb\nc", b"\xe2\x80\xaegpj", b"\x7f",
           "\u2028".encode()]


def commands_the_terminal(shown):
    """The first thing in it that a terminal would obey."""
    text = shown.decode("utf-8")  # and nothing in it is not UTF-8
    return re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]", text)


@pytest.mark.parametrize("name", HOSTILE, ids=repr)
def test_a_name_cannot_command_the_terminal(tmp_path, name):
    folder = os.fsencode(tmp_path)
    path = os.path.join(folder, name + b".mefd")
    shutil.copytree(ONE.path, os.fsdecode(path))
    os.rename(os.path.join(path, b"Cz.timd"), os.path.join(path, name + b".timd"))
    other = SESSIONS["gaps"].path
    session = os.fsdecode(path)
    for words, statuses in ((["ls", tmp_path], {0, 1}), (["ls", session], {0, 1}),
                            (["info", session], {0, 1}), (["gaps", session], {0, 1}),
                            (["diff", session, other], {1}), (["diff", other, session], {1}),
                            (["cat", session, "--to", "+0"], {0, 1}),
                            (["gaps", session, "--csv"], {0, 1}),
                            (["info", session, "-c", os.fsdecode(name)], {2}),
                            (["cat", session, "-c", os.fsdecode(name) + "x"], {2}),
                            (["cat", session, "-o", os.fsdecode(name) + "/no/x"], {3}),
                            (["info", f"{session}/no"], {3}), ([os.fsdecode(name)], {2}),
                            (["ls", session, os.fsdecode(name)], {3}),
                            (["ls", session, "--json"], {0, 1}),
                            (["info", session, "--json"], {0, 1}),
                            (["gaps", session, "--json"], {0, 1}),
                            (["diff", session, other, "--json"], {1})):
        status, shown = show(*words, env={"NO_COLOR": "1"})
        assert status in statuses, (words, status, shown)
        assert not commands_the_terminal(shown.replace(b"\n", b"")), (words, shown)


# How commands end

def mind_signals():
    """Whoever runs the tests in the background may have told us not to."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)


def test_a_signal_leaves_nothing_half_written(tmp_path, demo):
    out = tmp_path / "out.f64"
    out.write_text("old")
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        process = subprocess.Popen([str(BUILD / "mef3"), "cat", str(demo), "-c", "Fp1", "--from",
                                    "2024-01-01", "--to", "2024-02-01", "-o", str(out)],
                                   stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                   preexec_fn=mind_signals,
                                   env=os.environ | SANITIZER_OPTIONS)
        wait_until(lambda: len(list(tmp_path.iterdir())) == 2, "cat to write")
        process.send_signal(number)
        said, _ = process.communicate(timeout=PATIENCE_S)
        assert (process.returncode, said) == (-number, b"")
        assert [path.name for path in tmp_path.iterdir()] == ["out.f64"]
        assert out.read_text() == "old"


def test_a_signal_that_means_nothing_to_the_caller_means_nothing(tmp_path, demo):
    """As under nohup."""
    out = tmp_path / "out.f64"
    process = subprocess.Popen(
        ["bash", "-c", f"trap '' HUP; exec {shlex.quote(str(BUILD / 'mef3'))} cat "
         f"{shlex.quote(str(demo))} --format f64 -o {shlex.quote(str(out))}"],
        env=os.environ | SANITIZER_OPTIONS)
    wait_until(lambda: process.poll() is not None or len(list(tmp_path.iterdir())) == 1,
               "cat to write")
    if process.poll() is None:
        process.send_signal(signal.SIGHUP)
    assert process.wait(PATIENCE_S) == 0
    assert out.stat().st_size > 0


@pytest.mark.parametrize("words", [["ls", ONE.path], ["info", ONE.path], ["info", ONE.path, "--json"],
                                   ["gaps", ONE.path], ["gaps", ONE.path, "--csv"],
                                   ["diff", ONE.path, ONE.path], ["cat", ONE.path],
                                   ["diff", ONE.path, SESSIONS["gaps"].path], ["--help"],
                                   ["--version"], ["help", "cat"], ["--print-reference=man"]], ids=str)
def test_a_full_disk_ends_with_3(words):
    with open("/dev/full", "wb") as full:
        done = subprocess.run([str(BUILD / "mef3"), *map(str, words)], stdout=full,
                              stderr=subprocess.PIPE, check=False,
                              env=os.environ | SANITIZER_OPTIONS)
    assert done.returncode == 3
    assert b"cannot be written" in done.stderr and len(done.stderr.splitlines()) == 1
    assert run_tool("cat", ONE.path, "-o", "/dev/full").returncode == 3


@pytest.mark.parametrize("words", [["ls", ONE.path.parent], ["info", ONE.path], ["gaps", ONE.path],
                                   ["cat", ONE.path], ["--help"],
                                   ["diff", ONE.path, SESSIONS["gaps"].path, "--json"]], ids=str)
def test_a_reader_that_has_enough_is_left_quietly(words):
    """Also by a command whose caller has told it to pay no heed to broken pipes."""
    for ignored in (False, True):
        reader, writer = os.pipe()
        os.close(reader)
        process = subprocess.Popen([str(BUILD / "mef3"), *map(str, words)], stdout=writer,
                                   stderr=subprocess.PIPE, env=os.environ | SANITIZER_OPTIONS,
                                   restore_signals=not ignored)
        os.close(writer)
        assert process.stderr.read() == b""
        process.stderr.close()
        assert process.wait(PATIENCE_S) == -signal.SIGPIPE


def test_a_dash_is_standard_output():
    assert run_tool("cat", ONE.path, "-o", "-").stdout == run_tool("cat", ONE.path).stdout
    assert not pathlib.Path("-").exists()
