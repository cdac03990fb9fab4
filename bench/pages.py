"""Pages and scans over real gRPC, beside a floor that answers the same calls from memory.

usage: pages.py SESSION.mefd --build BUILD [--quick]

Rows: open (the first OpenFile); first / again (10 s pages of all channels at random places, as
float32, and the same pages a second time); pages (10 pages of 5 minutes one after another, the
segment-grid calls, float64); scan (the whole recording in windows of 60 s); share (three such
scans at once). Every figure is a median over rounds with a new daemon each; the client takes the
messages and counts their bytes. `x floor` is the time as a multiple of what the same client needs
with bench/floor_server, which has the replies in memory: what is left to win.
"""
import argparse
import concurrent.futures
import os
import random
import socket
import statistics
import subprocess
import time

import grpc
import mef3_pb2 as mef3
import mef3_pb2_grpc as api

SECOND = 1_000_000


class Server:
    """A daemon, or the floor, on a free port; ended on the way out."""

    def __init__(self, command):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.process = subprocess.Popen(
            command, env=dict(os.environ, PORT=str(self.port)),
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def __enter__(self):
        for _ in range(200):
            try:
                socket.create_connection(("127.0.0.1", self.port), 0.1).close()
                return self
            except OSError:
                time.sleep(0.02)
        raise SystemExit("the server did not start")

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(30)

    def client(self):
        return Client(self.port)


class Client:
    def __init__(self, port):
        self.channel = grpc.insecure_channel(f"127.0.0.1:{port}")
        self.stub = api.gRPCMef3ServerStub(self.channel)

    def open(self, path):
        info = self.stub.OpenFile(mef3.OpenFileRequest(file_path=path))
        if not info.file_opened:
            raise SystemExit(f"{path}: {info.error_message}")
        return info

    def range(self, path, start, end):
        return take(self.stub.GetSignalRange(
            mef3.SignalRangeRequest(file_path=path, start_uutc=start, end_uutc=end)))

    def page(self, path, number):
        return take(self.stub.GetSignalSegment(
            mef3.SignalChunkRequest(file_path=path, chunk_idx=number)))


def take(messages):
    n = 0
    for message in messages:
        if message.error_message:
            raise SystemExit(message.error_message)
        n += len(message.array_bytes)
    return n


def timed(call, *arguments):
    start = time.perf_counter()
    n = call(*arguments)
    return time.perf_counter() - start, n


def scan(client, path, info):
    return sum(client.range(path, t, min(t + 60 * SECOND, info.end_uutc))
               for t in range(info.start_uutc, info.end_uutc, 60 * SECOND))


def share(clients, path, info):
    with concurrent.futures.ThreadPoolExecutor(len(clients)) as pool:
        return sum(pool.map(lambda client: scan(client, path, info), clients))


def grid(client, path, info):
    n = client.stub.SetSignalSegmentSize(
        mef3.SetSignalSegmentRequest(file_path=path, seconds=300)).number_of_segments
    return sum(client.page(path, i) for i in range(min(10, n)))


def measure(command, path, quick):
    """One round: a dictionary of row -> (seconds, bytes)."""
    rows = {}
    with Server(command) as server:
        client = server.client()
        grpc.channel_ready_future(client.channel).result(10)
        seconds, info = timed(client.open, path)
        rows["open"] = (seconds, 0)
        dice = random.Random(5)
        last = max(info.start_uutc + 1, info.end_uutc - 10 * SECOND)
        places = [dice.randrange(info.start_uutc, last) for _ in range(10 if quick else 30)]
        for row in ("first", "again"):
            each = [timed(client.range, path, t, t + 10 * SECOND) for t in places]
            rows[row] = (statistics.median(s for s, _ in each), each[0][1])
    with Server(command) as server:
        client = server.client()
        client.open(path)
        rows["pages"] = timed(grid, client, path, info)
    for row, n in (("scan", 1), ("share", 3)):
        with Server(command) as server:
            clients = [server.client() for _ in range(n)]
            for client in clients:
                client.open(path)
            rows[row] = timed(share, clients, path, info)
    return rows, info


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("session")
    arguments.add_argument("--build", required=True)
    arguments.add_argument("--quick", action="store_true")
    options = arguments.parse_args()
    path = os.path.abspath(options.session)
    ours, floors = [], []
    for _ in range(1 if options.quick else 3):
        rows, info = measure([f"{options.build}/mef3d", os.path.dirname(path)], path,
                             options.quick)
        ours.append(rows)
        shape = [str(info.number_of_channels), str(info.channel_sampling_rates[0]),
                 str(info.start_uutc), str(round(info.duration_s))]
        floors.append(measure([f"{options.build}/bench/floor_server", *shape], path,
                              options.quick)[0])
    print(f"{os.path.basename(path)}: {info.number_of_channels} channels, "
          f"{info.channel_sampling_rates[0]:g} Hz, {info.duration_s:.0f} s; "
          f"medians of {len(ours)} rounds")
    print(f"  {'row':6} {'mef3d':>12} {'floor':>12} {'x floor':>8} {'MB':>8} {'MB/s':>8}")
    for row in ours[0]:
        seconds = statistics.median(r[row][0] for r in ours)
        floor = statistics.median(r[row][0] for r in floors)
        if ours[0][row][1] != floors[0][row][1]:
            raise SystemExit(f"{row}: {ours[0][row][1]} bytes against the floor's "
                             f"{floors[0][row][1]}: they do not compare")
        megabytes = ours[0][row][1] / 1e6 if row != "open" else 0
        print(f"  {row:6} {seconds * 1e3:9.2f} ms {floor * 1e3:9.2f} ms {seconds / floor:8.2f} "
              f"{megabytes:8.1f} {megabytes / seconds:8.0f}", flush=True)


if __name__ == "__main__":
    main()
