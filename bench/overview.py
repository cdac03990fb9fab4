"""The overview of a long recording of many channels, from its index: how long, and how many blocks are decoded.

usage: overview.py SESSION.mefd --build BUILD [--width COLUMNS] [--rounds N] [--results FOLDER]

bench/run makes a month of 64 channels, with blocks of 30 s:

    build/bench/make_session month.mefd 64 1 2592000 white 30

The rate does not matter to an overview, only the number of blocks does. "first" is asked of a server that
has just been started (the files are in the machine's memory), "again" the same of the same server; the
steps zoom in from the whole to minutes, and pan at each. Medians; "ms" until the last byte is here, "CPU" what server
and workers (together) had of the processors for one answer: it says more than ms where the machine has other work.
"""
import argparse
import json
import pathlib
import struct
import time
import urllib.error
import urllib.parse
import urllib.request

import results
from daemon import Daemon, processor_s


def wait_until_ready(daemon):
    while True:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{daemon.http}/readyz").read()
            return
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.05)


def take_apart(body):
    """(head, rows, blocks that were decoded)"""
    n, = struct.unpack_from("<I", body, 8)
    head, at, rows, decoded = json.loads(body[12:12 + n]), 12 + n, 0, 0
    for _ in head["channels"]:
        k, blocks = struct.unpack_from("<II", body, at)
        rows, decoded, at = rows + k, decoded + blocks, at + 8 + 32 * k
    return head, rows, decoded


def measure(daemon, what, queries):
    """One row of the table, and the last answer's head."""
    took, before = [], processor_s(daemon.process.pid)
    for query in queries:
        began = time.perf_counter()
        target = "envelope?" + urllib.parse.urlencode(query)
        with urllib.request.urlopen(f"http://127.0.0.1:{daemon.http}/api/v1/{target}") as answer:
            body = answer.read()
        took.append(time.perf_counter() - began)
    after = processor_s(daemon.process.pid)
    head, rows, decoded = take_apart(body)
    row = {"row": what, "level": head["level"], "n_rows": rows, "decoded_blocks": decoded, "seconds": took,
           **{who: (after[who] - before[who]) / len(queries) for who in after}}
    print(f"| {what} | {head['level']} | {rows} | {decoded} | {1e3 * results.median(took):.0f} | "
          f"{1e3 * row['server']:.0f} | {1e3 * row['workers']:.0f} |")
    return row, head


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("session", type=pathlib.Path)
    results.add_options(parser)
    parser.add_argument("--width", type=int, default=1280)
    parser.add_argument("--rounds", type=int, default=7)
    options = parser.parse_args()
    session = options.session.resolve()
    with Daemon(pathlib.Path(options.build).resolve(), session.parent, "--log-level", "error") as daemon:
        wait_until_ready(daemon)
        print("| window | level | rows | blocks decoded | ms | server CPU ms | workers CPU ms |")
        print("| --- | --- | ---: | ---: | ---: | ---: | ---: |")
        whole = {"recording": session.name, "width": options.width}
        first, head = measure(daemon, "whole, first", [whole])
        rows = [first, measure(daemon, "whole, again", [whole] * options.rounds)[0]]
        start, span = head["from"], head["to"] - head["from"]
        while span > 600e6:
            span /= 4
            steps = [{**whole, "from": int(start + k * span / 2), "to": int(start + k * span / 2 + span)}
                     for k in range(options.rounds)]
            rows.append(measure(daemon, f"{span / 3600e6:.2f} h, panned", steps)[0])
    results.write(options, "overview", rows)


if __name__ == "__main__":
    main()
