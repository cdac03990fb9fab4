"""The calls that both generations of clients share: opening, closing, facts, the list."""
import os

import numpy
import pytest

from client import Client
from golden import ENCRYPTED, GOLDEN, PLAIN, SESSIONS

ONE = SESSIONS["one_channel"]
READABLE = PLAIN + [SESSIONS["encrypted"]]


@pytest.mark.parametrize("session", READABLE, ids=[s.name for s in READABLE])
def test_open_answers_with_the_facts_of_the_recording(client, session):
    info = client.open(session.path)
    assert info.file_path == str(session.path)
    assert info.file_opened
    assert not info.HasField("error_message")
    assert info.number_of_channels == len(session.channels)
    assert list(info.channel_names) == session.names()
    assert list(info.channel_sampling_rates) == [numpy.float32(c.rate) for c in session.channels]
    assert list(info.channel_start_uutc) == [c.start for c in session.channels]
    assert list(info.channel_end_uutc) == [c.end for c in session.channels]
    assert info.start_uutc == session.start
    assert info.end_uutc == session.end
    assert info.duration_s == (session.end - session.start) / 1e6


@pytest.mark.parametrize("session", READABLE, ids=[s.name for s in READABLE])
def test_file_info_of_an_open_recording_equals_the_first_open(client, session):
    opened = client.open(session.path)
    info = client.info(session.path)
    assert info == opened
    assert info.SerializeToString(deterministic=True) == \
        opened.SerializeToString(deterministic=True)


def test_opening_again_says_so_and_answers_in_full(client):
    first = client.open(ONE.path)
    again = client.open(ONE.path)
    assert again.error_message == f"File already open: {ONE.path}"
    again.ClearField("error_message")
    assert again == first


@pytest.mark.parametrize("path", [GOLDEN / "missing.mefd", "missing.mefd",
                                  GOLDEN / "missing" / "a.mefd"], ids=str)
def test_opening_what_is_not_there(client, path):
    info = client.open(path)
    assert info.file_path == str(path)
    assert not info.file_opened
    assert info.error_message == f"File does not exist: {path}"
    assert list(client.list().file_paths) == []


def test_file_info_of_what_is_not_open_has_no_facts_and_no_error(client):
    info = client.info(ONE.path)
    assert info.file_path == str(ONE.path)
    assert not info.file_opened
    assert [field.name for field, _ in info.ListFields()] == ["file_path"]


@pytest.mark.parametrize("opened", [True, False], ids=["open", "not open"])
def test_closing(client, opened):
    if opened:
        client.open(ONE.path)
    info = client.close_file(ONE.path)
    assert info.file_path == str(ONE.path)
    assert not info.file_opened
    assert info.HasField("error_message") and info.error_message == ""
    assert not client.info(ONE.path).file_opened
    assert list(client.list().file_paths) == []


def test_a_closed_recording_can_be_opened_again(client):
    first = client.open(ONE.path)
    client.close_file(ONE.path)
    assert client.open(ONE.path) == first


def test_the_list_has_the_open_ones_in_the_order_of_opening(client):
    paths = [str(SESSIONS[name].path) for name in ("zero", "gaps", "constant")]
    for path in paths:
        client.open(path)
    reply = client.list()
    assert list(reply.file_paths) == paths
    assert reply.HasField("error_message") and reply.error_message == ""
    client.close_file(paths[1])
    assert list(client.list().file_paths) == [paths[0], paths[2]]


def test_a_path_relative_to_a_root_opens_and_is_echoed_as_sent(client):
    info = client.open("one_channel.mefd")
    assert info.file_opened
    assert info.file_path == "one_channel.mefd"
    assert list(client.list().file_paths) == ["one_channel.mefd"]


def test_a_trailing_slash_is_let_pass_and_echoed(client):
    info = client.open(f"{ONE.path}/")
    assert info.file_opened
    assert info.file_path == f"{ONE.path}/"


def test_two_spellings_of_one_recording_are_two_entries(client):
    first = client.open(ONE.path)
    second = client.open("one_channel.mefd")
    assert first.file_opened and second.file_opened
    assert not second.HasField("error_message")
    assert list(client.list().file_paths) == [str(ONE.path), "one_channel.mefd"]
    client.close_file("one_channel.mefd")
    assert client.info(ONE.path).file_opened


def test_what_one_client_opens_is_open_for_all(client, golden_daemon):
    client.open(ONE.path)
    with Client(golden_daemon.address) as other:
        assert other.info(ONE.path).file_opened
        assert list(other.list().file_paths) == [str(ONE.path)]


@pytest.mark.parametrize("session", ENCRYPTED, ids=[s.name for s in ENCRYPTED])
def test_an_encrypted_recording_opens_with_a_password_file(start, tmp_path, session):
    secret = tmp_path / "password"
    secret.write_text(f"* {session.password}\n", encoding="utf-8")
    secret.chmod(0o600)
    daemon = start(GOLDEN, "--password-file", secret)
    with Client(daemon.address) as client:
        info = client.open(session.path)
        assert info.file_opened, info.error_message
        assert list(info.channel_names) == session.names()
    assert session.password not in daemon.log()


@pytest.mark.parametrize("session", ENCRYPTED, ids=[s.name for s in ENCRYPTED])
@pytest.mark.parametrize("env", [{}, {"MEF3_PASSWORD": "not this one"},
                                 {"MEF3_PASSWORD": "longer than sixteen bytes"}],
                         ids=["missing", "wrong", "too long"])
def test_a_missing_or_wrong_password_is_named(start, session, env):
    daemon = start(GOLDEN, env=env)
    with Client(daemon.address) as client:
        info = client.open(session.path)
        assert not info.file_opened
        assert "password" in info.error_message
        assert not client.info(session.path).file_opened
        assert client.open(ONE.path).file_opened


def test_a_level_one_password_reads_the_data_too(start):
    session = SESSIONS["encrypted"]
    daemon = start(GOLDEN, env={"MEF3_PASSWORD": "readsignal"})
    with Client(daemon.address) as client:
        info = client.open(session.path)
        assert info.file_opened, info.error_message
        array = client.range(session.path, session.start, session.end).array
        assert numpy.array_equal(array, session.float32(session.start, session.end))


def test_several_roots_are_served(start, copy, tmp_path):
    copy("zero")
    daemon = start(copy.folder, GOLDEN)
    with Client(daemon.address) as client:
        assert client.open(copy.folder / "zero.mefd").file_opened
        assert client.open(GOLDEN / "zero.mefd").file_opened
        assert client.open("zero.mefd").file_opened
        assert client.open("gaps.mefd").file_opened


def test_without_a_root_the_current_folder_is_served(start, monkeypatch):
    monkeypatch.chdir(GOLDEN)
    daemon = start()
    with Client(daemon.address) as client:
        assert client.open("one_channel.mefd").file_opened
        assert client.open(os.path.join(GOLDEN, "zero.mefd")).file_opened
