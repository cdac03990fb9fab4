"""The golden recordings, and what a reader must answer about them.

`Channel.window` is a model of the placement rule that shares nothing with the
library: it takes the stored samples from the expected arrays, and the times of
the blocks from the indices. test_golden_model.py holds it to the windows that
the reference software was asked for.
"""
import json
import math
import pathlib
import struct

import numpy

GOLDEN = pathlib.Path(__file__).resolve().parents[1] / "golden"
INDEX_AT = 1024
INDEX_BYTES = 56
RUN_TOLERANCE_US = 2


def half_up(x):
    return math.floor(x + 0.5)


def half_away(x):
    return int(math.copysign(math.floor(abs(x) + 0.5), x))


def n_samples(start, end, rate):
    return half_up((end - start) / 1e6 * rate)


class Channel:
    def __init__(self, session, name, facts):
        self.name = name
        self.rate = facts["fs"]
        self.factor = facts["ufact"]
        self.start = facts["start_uutc"]
        self.end = facts["end_uutc"]
        self.folder = session.path / f"{name}.timd"
        self.counts = numpy.fromfile(GOLDEN / facts["file"], "<f8")
        # (start, end, counts as the reference software reads them)
        self.windows = [(w["start_uutc"], w["end_uutc"], GOLDEN / w["file"])
                        for w in facts.get("windows", [])]
        self._runs = None

    def runs(self):
        """[(start time, samples)]: what is stored, one stretch of the clock after another."""
        if self._runs is None:  # built whole before it is kept: tests read in threads
            runs = []
            expected = None
            for start, n in self._blocks():
                at = half_away((start - self.start) / 1e6 * self.rate)
                if expected is None or abs(start - expected) > RUN_TOLERANCE_US:
                    runs.append([start, at, 0])
                run = runs[-1]
                run[2] += n
                expected = run[0] + run[2] * 1e6 / self.rate
            self._runs = [(start, self.counts[at:at + n]) for start, at, n in runs]
        return self._runs

    def _blocks(self):
        """(start time, samples) of each block; stored times are relative to the first."""
        first = None
        for index in sorted(self.folder.glob("*.segd/*.tidx")):
            data = index.read_bytes()
            for at in range(INDEX_AT, len(data), INDEX_BYTES):
                _, time, _, n = struct.unpack_from("<qqqI", data, at)
                time = abs(time)
                first = time if first is None else first
                yield time - first + self.start, n

    def window(self, start, end):
        """Counts of [start, end), NaN in gaps and outside."""
        n = n_samples(start, end, self.rate)
        counts = numpy.full(n, numpy.nan)
        for run_start, samples in self.runs():
            at = half_away((run_start - start) / 1e6 * self.rate)
            first, last = max(at, 0), min(at + len(samples), n)
            if first < last:
                counts[first:last] = samples[first - at:last - at]
        return counts

    def float64(self, start, end):
        return self.window(start, end) * self.factor

    def float32(self, start, end):
        return self.float64(start, end).astype("<f4")


class Session:
    def __init__(self, name, facts):
        self.name = name
        self.path = GOLDEN / facts["session"]
        self.password = facts["password"]
        self.channels = [Channel(self, channel, facts["channels"][channel])
                         for channel in sorted(facts["channels"])]
        self.start = min(channel.start for channel in self.channels)
        self.end = max(channel.end for channel in self.channels)

    def channel(self, name):
        return next(channel for channel in self.channels if channel.name == name)

    def names(self):
        return [channel.name for channel in self.channels]

    def share_a_rate(self):
        return len({channel.rate for channel in self.channels}) == 1

    def float64(self, start, end, names=None):
        return numpy.stack([self.channel(name).float64(start, end)
                            for name in names or self.names()])

    def float32(self, start, end, names=None):
        return self.float64(start, end, names).astype("<f4")


SESSIONS = {name: Session(name, facts)
            for name, facts in json.loads((GOLDEN / "manifest.json").read_text()).items()}
PLAIN = [session for session in SESSIONS.values() if not session.password]
ENCRYPTED = [session for session in SESSIONS.values() if session.password]


def same(a, b):
    """Equal bit for bit, but that any NaN is as good as another."""
    if a.dtype != b.dtype or a.shape != b.shape:
        return False
    return bool(numpy.array_equal(numpy.where(numpy.isnan(a), 0, a).view(f"u{a.itemsize}"),
                                  numpy.where(numpy.isnan(b), 0, b).view(f"u{b.itemsize}"))
                and numpy.array_equal(numpy.isnan(a), numpy.isnan(b)))
