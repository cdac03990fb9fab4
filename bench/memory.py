"""The memory of a daemon whose clients are slow or jump about, against what it promises.

usage: memory.py SESSION.mefd --build BUILD [--quick] [--cache MIB] [--workers N] [--maps]

Eight clients ask for the whole recording and take a message a second: gRPC's own flow control
holds the server back, with windows that do not grow. Eight others read 10 s of all channels at
random places, as fast as they get them. Meanwhile, all 100 ms, the resident memory of all
processes of the daemon is added up from /proc/PID/smaps_rollup. PSS: pages that several processes
share count once; that is what the daemon takes of the machine, and what is promised: --cache + 64
MiB + 16 MiB a worker. RSS: such pages count for each process that has touched them, as in a column
of ps that is added up. arena: what the memory file of the decoded samples takes, whoever has
touched it. --maps says what the largest mappings of each process are at the end.
"""
import argparse
import collections
import os
import pathlib
import random
import sys
import threading
import time

import grpc

from client import SECOND, Client, api, mef3
from daemon import Daemon

MIB = 1 << 20
CLIENTS = 8  # of each kind
PAUSE_S = 1
SAMPLE_S = 0.1
# Its own connection, and no window that grows with the line's speed.
STEADY = [("grpc.use_local_subchannel_pool", 1), ("grpc.http2.bdp_probe", 0)]


class Crowd:
    """Clients, until `ended` is set. What went wrong is in `faults`."""

    def __init__(self, daemon, path):
        self.daemon, self.path = daemon, path
        self.ended = threading.Event()
        self.counts = collections.Counter()
        self.faults = []
        self.threads = [threading.Thread(target=self.live, args=(what, i))
                        for what in (self.slow, self.jumping) for i in range(CLIENTS)]

    def taken(self, what):
        return sum(n for (whose, _), n in self.counts.items() if whose == what) / MIB

    def live(self, what, number):
        client = Client(self.daemon.port)
        client.channel.close()
        client.channel = grpc.insecure_channel(f"127.0.0.1:{self.daemon.port}", options=STEADY)
        client.stub = api.gRPCMef3ServerStub(client.channel)
        try:
            what(client, client.open(self.path), number)
        except grpc.RpcError as error:
            self.faults.append(f"{what.__name__} {number}: {error.code().name} {error.details()}")
        except SystemExit as error:
            self.faults.append(f"{what.__name__} {number}: {error}")
        client.channel.close()

    def slow(self, client, info, number):
        while not self.ended.is_set():
            call = client.stub.GetSignalRange(mef3.SignalRangeRequest(
                file_path=self.path, start_uutc=info.start_uutc, end_uutc=info.end_uutc))
            for message in call:
                if message.error_message:
                    raise SystemExit(message.error_message)
                self.counts["slow", number] += len(message.array_bytes)
                if self.ended.wait(PAUSE_S):
                    call.cancel()
                    return

    def jumping(self, client, info, number):
        dice = random.Random(number)
        while not self.ended.is_set():
            start = dice.randrange(info.start_uutc, info.end_uutc - 10 * SECOND)
            n = client.range(self.path, start, start + 10 * SECOND)
            self.counts["jumping", number] += n

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.ended.set()
        for thread in self.threads:
            thread.join(60)


def rollup(pid):
    """Bytes of one process by smaps_rollup's names."""
    lines = pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]
    return {line.split(":")[0]: 1024 * int(line.split()[1]) for line in lines}


def arena_bytes(pid):
    for entry in pathlib.Path(f"/proc/{pid}/fd").iterdir():
        if os.readlink(entry).startswith("/memfd:mef3d-arena"):
            return entry.stat().st_blocks * 512
    return 0


class Peaks:
    """The most there was of each figure, by process and of all together."""

    def __init__(self, daemon):
        self.daemon = daemon
        self.most = collections.Counter()
        self.n = 0

    def sample(self):
        sums = collections.Counter()
        for pid, name in self.daemon.processes().items():
            try:
                taken = rollup(pid)
            except OSError:  # it has just ended
                continue
            for figure in ("Pss", "Rss", "Pss_Anon"):
                sums[name, figure] += taken[figure]
                sums["all", figure] += taken[figure]
        sums["all", "arena"] = arena_bytes(self.daemon.process.pid)
        self.most |= sums
        self.n += 1


def watch(daemon, path, seconds):
    peaks = Peaks(daemon)
    with Crowd(daemon, path) as crowd:
        end = time.monotonic() + seconds
        while (now := time.monotonic()) < end:
            peaks.sample()
            time.sleep(max(0, SAMPLE_S - (time.monotonic() - now)))
        counters = daemon.counters()
    return peaks, crowd, counters


def print_maps(daemon):
    for pid, name in daemon.processes().items():
        sizes = collections.Counter()
        for line in pathlib.Path(f"/proc/{pid}/smaps").read_text().splitlines():
            words = line.split()
            if "-" in words[0] and not words[0].endswith(":"):
                mapping = " ".join(words[5:]) or "anonymous"
            elif words[0] in ("Pss:", "Rss:"):
                sizes[mapping, words[0]] += 1024 * int(words[1])
        for (mapping, figure), n in sizes.most_common(12):
            print(f"    {name:16} {figure} {n / MIB:8.2f} MiB  {mapping}")


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("session")
    arguments.add_argument("--build", required=True)
    arguments.add_argument("--quick", action="store_true")
    arguments.add_argument("--cache", type=int, default=256)
    arguments.add_argument("--workers", type=int, default=2)
    arguments.add_argument("--maps", action="store_true")
    options = arguments.parse_args()
    path = os.path.realpath(options.session)
    promise = options.cache + 64 + 16 * options.workers
    with Daemon(options.build, os.path.dirname(path), "--cache", f"{options.cache}M",
                "--workers", str(options.workers)) as daemon:
        peaks, crowd, counters = watch(daemon, path, 10 if options.quick else 40)
        if options.maps:
            print_maps(daemon)
    print(f"Memory with --cache {options.cache}M --workers {options.workers}: "
          f"{CLIENTS} slow clients took {crowd.taken('slow'):.0f} MiB, {CLIENTS} jumping ones "
          f"{crowd.taken('jumping'):.0f} MiB of {os.path.basename(path)}")
    print(f"  peaks of {peaks.n} samples, MiB")
    print(f"  {'process':16} {'PSS':>8} {'RSS':>8} {'own':>8}")
    for name in sorted({name for name, _ in peaks.most} - {"all"}) + ["all"]:
        print(f"  {name:16} " + " ".join(f"{peaks.most[name, figure] / MIB:8.1f}"
                                         for figure in ("Pss", "Rss", "Pss_Anon")))
    for name, taken in (("PSS", peaks.most["all", "Pss"]), ("RSS", peaks.most["all", "Rss"])):
        word = "kept" if taken / MIB < promise else "BROKEN"
        print(f"  promise {promise} MiB: {name} {taken / MIB:.1f}, {word}")
    print(f"  arena {peaks.most['all', 'arena'] / MIB:.1f}; messages "
          f"{counters['mef3d_messages_bytes'] / MIB:.1f} of "
          f"{counters['mef3d_messages_budget_bytes'] / MIB:.1f} at the end; reads shed "
          f"{counters['mef3d_reads_shed_total']:.0f}, messages given back "
          f"{counters['mef3d_messages_given_back_total']:.0f}")
    for fault in crowd.faults:
        print(f"  {fault}")
    sys.exit(1 if peaks.most["all", "Pss"] / MIB >= promise or crowd.faults else 0)


if __name__ == "__main__":
    main()
