"""The model that the other tests compare with agrees with the reference software."""
import numpy
import pytest

from golden import SESSIONS, same

WINDOWS = [(session, channel, window) for session in SESSIONS.values()
           for channel in session.channels for window in channel.windows]


@pytest.mark.parametrize("session", SESSIONS.values(), ids=SESSIONS)
def test_the_model_gives_each_whole_channel(session):
    for channel in session.channels:
        assert same(channel.window(channel.start, channel.end), channel.counts)


@pytest.mark.parametrize("session, channel, window", WINDOWS,
                         ids=[f"{s.name}-{c.name}-{w[2].stem}" for s, c, w in WINDOWS])
def test_the_model_gives_each_window(session, channel, window):
    start, end, path = window
    assert same(channel.window(start, end), numpy.fromfile(path, "<f8"))
