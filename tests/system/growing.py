"""A golden recording that is written block by block, as an acquisition system does."""
import shutil
import struct

import numpy

import craft
from golden import half_away, n_samples

UH_START, UH_END, UH_ENTRIES = 16, 24, 32


class Part:
    """One segment: the files as they will be in the end, and how much of them is written."""

    def __init__(self, source, folder):
        self.folder = folder
        name = source.stem
        self.tmet, self.tidx, self.tdat = (
            [folder / f"{name}.{kind}", bytearray((source / f"{name}.{kind}").read_bytes())]
            for kind in ("tmet", "tidx", "tdat"))
        data = self.tidx[1]
        self.entries = [struct.unpack_from("<qqqII", data, at)
                        for at in range(craft.HEADER, len(data), craft.INDEX_BYTES)]
        self.rate = struct.unpack_from("<d", self.tmet[1], craft.RATE)[0]
        self.written = 0

    def data_end(self, n):
        return self.entries[n - 1][0] + self.entries[n - 1][4] if n else craft.HEADER

    def index_end(self, n):
        return craft.HEADER + craft.INDEX_BYTES * n

    def begin(self):
        """Headers that tell of nothing yet."""
        self.folder.mkdir(parents=True)
        for path, data in (self.tdat, self.tidx, self.tmet):
            path.write_bytes(data if path.suffix == ".tmet" else data[:craft.HEADER])
        self.write_headers()

    def beginnings(self):
        """The same, a step at a time."""
        self.begin()
        files = [(path, path.read_bytes()) for path, _ in (self.tdat, self.tidx, self.tmet)]
        shutil.rmtree(self.folder)
        yield lambda: self.folder.mkdir(parents=True)
        for path, data in files:
            yield path.touch
            yield lambda path=path, data=data: path.write_bytes(data)
        yield self.write_headers

    def append(self, n, torn=None):
        """The next n blocks; `torn`: only so much of "data" or "index" of the last one."""
        end = self.written + n
        self._append(self.tdat, self.data_end(end) - (100 if torn == "data" else 0))
        if torn == "data":
            self._append(self.tidx, self.index_end(end))
        elif torn == "index":
            self._append(self.tidx, self.index_end(end) - 20)
        else:
            self._append(self.tidx, self.index_end(end))
        self.written = end - (torn is not None)

    def finish_block(self):
        """What is missing of a torn one."""
        self.written += 1
        self._append(self.tdat, self.data_end(self.written))
        self._append(self.tidx, self.index_end(self.written))

    @staticmethod
    def _append(file, end):
        path, data = file
        at = path.stat().st_size
        with open(path, "ab") as out:
            out.write(data[at:end])

    def write_headers(self):
        """Say in all headers what is written by now."""
        entries = self.entries[:self.written]
        samples = sum(entry[3] for entry in entries)
        start = self.entries[0][1]
        end = start
        if entries:
            length = entries[-1][3] / self.rate * 1e6
            end = round(entries[-1][1] + (-length if start < 0 else length))
        for path, _ in (self.tmet, self.tidx, self.tdat):
            data = bytearray(path.read_bytes())
            struct.pack_into("<q", data, UH_END, end)
            struct.pack_into("<q", data, UH_ENTRIES, 1 if path.suffix == ".tmet" else len(entries))
            if path.suffix == ".tmet":
                struct.pack_into("<qq", data, craft.N_SAMPLES, samples, len(entries))
            struct.pack_into("<I", data, 4, craft.crc(data[craft.HEADER:]))
            struct.pack_into("<I", data, 0, craft.crc(data[4:craft.HEADER]))
            with open(path, "r+b") as out:
                out.write(data[:len(data) if path.suffix == ".tmet" else craft.HEADER])


class Growing:
    """`session` of the golden ones, written into `folder` step by step."""

    def __init__(self, session, folder):
        self.session = session
        self.path = folder / session.path.name
        self.path.mkdir(parents=True)
        self.channels = {}
        for source in sorted(session.path.glob("*.timd")):
            parts = [Part(segment, self.path / source.name / segment.name)
                     for segment in sorted(source.glob("*.segd"))]
            self.channels[source.stem] = parts
            parts[0].begin()

    def append(self, n=1, headers=True, channels=None, torn=None):
        """n blocks more of each channel, in the next segment where one is full."""
        for name in channels or self.channels:
            for k in range(n):
                part = self._part(name)
                part.append(1, torn if k == n - 1 else None)
                if headers:
                    part.write_headers()

    def write_headers(self):
        for parts in self.channels.values():
            for part in parts:
                if part.folder.exists():
                    part.write_headers()

    def _part(self, name):
        part = next(p for p in self.channels[name] if p.written < len(p.entries))
        if not part.folder.exists():
            part.begin()
        return part

    def finish_block(self):
        for name, parts in self.channels.items():
            part = next(p for p in parts if p.written < len(p.entries))
            part.finish_block()
            part.write_headers()

    def is_whole(self):
        return all(p.written == len(p.entries) for parts in self.channels.values() for p in parts)

    def n_written(self, name):
        return sum(entry[3] for p in self.channels[name] for entry in p.entries[:p.written])

    def snapshot(self):
        """Samples of each channel that are written."""
        return {name: self.n_written(name) for name in self.channels}

    def next_snapshot(self):
        """After one block more of each."""
        return {name: self.n_written(name) +
                next((p.entries[p.written][3] for p in parts if p.written < len(p.entries)), 0)
                for name, parts in self.channels.items()}

    def channel_float64(self, name, start, end, n):
        """The window, with the first n samples that the channel will have."""
        channel = self.session.channel(name)
        counts = numpy.full(n_samples(start, end, channel.rate), numpy.nan)
        for run_start, samples in channel.runs():
            samples, n = samples[:n], n - min(n, len(samples))
            at = half_away((run_start - start) / 1e6 * channel.rate)
            first, last = max(at, 0), min(at + len(samples), len(counts))
            if first < last:
                counts[first:last] = samples[first - at:last - at]
        return counts * channel.factor

    def channel_float32(self, name, start, end, n):
        return self.channel_float64(name, start, end, n).astype("<f4")

    def float64(self, start, end, names=None):
        """What is written by now."""
        return numpy.stack([self.channel_float64(name, start, end, self.n_written(name))
                            for name in names or self.channels])

    def float32(self, start, end, names=None):
        return self.float64(start, end, names).astype("<f4")

    def end(self, name):
        """When the samples end that are written by now."""
        channel = self.session.channel(name)
        first = abs(self.channels[name][0].entries[0][1])
        part = next(p for p in reversed(self.channels[name]) if p.written)
        entry = part.entries[part.written - 1]
        return channel.start + abs(entry[1]) - first + entry[3] / channel.rate * 1e6

    def remove(self):
        shutil.rmtree(self.path)
