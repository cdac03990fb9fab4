"""docs/EVENTS.md: every event that a program logs is in it, with its level and fields, and no other."""
import re

import pytest

from conftest import ROOT

CALL = re.compile(r"\blog_(debug|info|warn|error|event)\(")
FIELD = re.compile(r'\bLOG_(?:(?:STR|WORD|I64|U64)\(|(?:I64|U64)_IF\([^,"]*,)\s*"(\w+)"')
ROW = re.compile(r"^\| `(\w+)` \|([^|\n]*)\|([^|\n]*)\|", re.M)


def call_at(text, start):
    """A call's words, from its opening parenthesis to the one that closes it."""
    depth = 0
    for match in re.finditer(r'"(?:\\.|[^"\\])*"|[()]', text[start:]):
        depth += {"(": 1, ")": -1}.get(match.group(), 0)
        if depth == 0:
            return text[start + 1:start + match.start()]
    raise AssertionError("a call without an end")


def logged(text):
    """The events of a source: name, level ("" when it is decided there), fields."""
    for match in CALL.finditer(text):
        words = call_at(text, match.end() - 1)
        level = match.group(1)
        if level == "event":
            level, words = "", words.partition(",")[2]
        name = re.match(r'\s*"(\w+)"', words)
        assert name, f"an event's name is spelled out where it is logged: {words!r}"
        yield name.group(1), level, FIELD.findall(words)


def sources():
    return [path for path in sorted((ROOT / "daemon").rglob("*.c"))]


def in_the_sources():
    return [(path, *event) for path in sources() for event in logged(path.read_text())]


def catalogue():
    rows = ROW.findall((ROOT / "docs" / "EVENTS.md").read_text())
    assert len({name for name, _, _ in rows}) == len(rows), "an event is in the catalogue once"
    return {name: (re.findall(r"\w+", levels), re.findall(r"`(\w+)`", fields))
            for name, levels, fields in rows}


def test_every_event_is_in_the_catalogue_with_its_level_and_fields():
    known = catalogue()
    found = in_the_sources()
    assert len(found) > 15, "the sources are seen"
    for path, name, level, fields in found:
        where = f"{path.relative_to(ROOT)}: {name}"
        assert name in known, f"{where} is not in docs/EVENTS.md"
        levels, told = known[name]
        assert not level or level in levels, f"{where} is logged as {level}"
        assert set(fields) <= set(told), f"{where}: {set(fields) - set(told)} are not told of"


def test_the_catalogue_has_nothing_that_is_not_logged():
    found = in_the_sources()
    for name, (levels, told) in catalogue().items():
        mine = [(level, fields) for _, event, level, fields in found if event == name]
        assert mine, f"{name} is in docs/EVENTS.md and is not logged"
        if all(level for level, _ in mine):
            assert {level for level, _ in mine} == set(levels), name
        assert {field for _, fields in mine for field in fields} == set(told), name


@pytest.mark.parametrize("text, events", [
    ('log_warn("a", LOG_STR("why", f("(")), LOG_U64("n", 1));', [("a", "warn", ["why", "n"])]),
    ('log_event(is ? LOG_INFO : LOG_DEBUG, "b",\n  LOG_I64("i", g(1, 2)));', [("b", "", ["i"])]),
    ('log_info("d", LOG_U64_IF(a && b, "n", 1), LOG_WORD("w", "x"));', [("d", "info", ["n", "w"])]),
    ('log_error("c"); log_flush(); log_end();', [("c", "error", [])]),
])
def test_calls_are_found(text, events):
    assert list(logged(text)) == events
