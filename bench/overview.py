"""The overview of a long recording of many channels, from its index: how long, and how many blocks are decoded.

usage: overview.py SESSION.mefd --build BUILD [--width COLUMNS] [--rounds N]

A month of 64 channels, with blocks of 30 s:

    build/bench/make_session month.mefd 64 1 2592000 white 30

The rate does not matter to an overview, only the number of blocks does. "first" is asked of a server that
has just been started (the files may be in the machine's memory), "again" the same of the same server; the
steps zoom in from the whole to an hour, and pan at each.
"""
import argparse
import json
import pathlib
import socket
import statistics
import struct
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class Server:
    def __init__(self, build, folder):
        self.port = free_port()
        self.process = subprocess.Popen([build / "mef3d", folder, "--listen", f"127.0.0.1:{free_port()}",
                                         "--http", f"127.0.0.1:{self.port}", "--log-level", "error"])
        while True:
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{self.port}/readyz").read()
                return
            except (urllib.error.URLError, ConnectionError):
                time.sleep(0.05)

    def envelope(self, **query):
        """(seconds, head, rows)"""
        target = "envelope?" + urllib.parse.urlencode(query)
        began = time.perf_counter()
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/api/v1/{target}") as answer:
            body = answer.read()
        took = time.perf_counter() - began
        n, = struct.unpack_from("<I", body, 8)
        head, at, rows = json.loads(body[12:12 + n]), 12 + n, 0
        for _ in head["channels"]:
            k, = struct.unpack_from("<I", body, at)
            rows, at = rows + k, at + 8 + 32 * k
        return took, head, rows

    def stop(self):
        self.process.terminate()
        self.process.wait()


def say(what, took, head, rows):
    print(f"{what:24} {1e3 * took:9.1f} ms  level {head['level']:8} decoded blocks {head['decoded_blocks']:6} rows {rows}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("session", type=pathlib.Path)
    parser.add_argument("--build", type=pathlib.Path, required=True)
    parser.add_argument("--width", type=int, default=1280)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    session = options.session.resolve()
    server = Server(options.build.resolve(), session.parent)
    try:
        whole = {"recording": session.name, "width": options.width}
        answer = server.envelope(**whole)
        say("overview, first", *answer)
        again = [server.envelope(**whole) for _ in range(options.rounds)]
        say("overview, again (median)", statistics.median(a[0] for a in again), *again[0][1:])
        start, end = answer[1]["from"], answer[1]["to"]
        span = end - start
        while span > 3600e6:
            span = span / 4
            steps = [server.envelope(**whole, **{"from": int(start + k * span / 2), "to": int(start + k * span / 2 + span)})
                     for k in range(options.rounds)]
            say(f"{span / 3600e6:.2f} h, panned (median)", statistics.median(s[0] for s in steps), *steps[-1][1:])
    finally:
        server.stop()


if __name__ == "__main__":
    main()
