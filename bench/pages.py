"""Pages and whole recordings over real gRPC: mef3d, beside a floor and, if they are here, its peers.

usage: pages.py SESSION.mefd --build BUILD [--peers FOLDER] [--grid] [--quick] [--results FOLDER]

The client joins the messages of each reply to one array, as clients of laboratories do. The floor
is bench/floor_server, which has the replies in memory: what the client alone needs. `x floor` is
the time as a multiple of that; `peer` is the Python server that answers the same calls, `x faster`
how many times its time is ours. Servers take turns, round by round, each in a new process; medians
over the rounds.

Rows of the calls by channels and time: open; first and again (10 s of all channels at random
places, and the same a second time; p95: the 95th of a hundred); scan (the whole recording in
windows of 60 s), share (three such scans at once). With --grid also those of the page calls: 10
pages of 5 minutes, one client with read-ahead and without, three clients with 3 pages each; first
as fast as they come, then with 0.3 s of thinking after each page, which is within the time.

--peers: a folder with the packages bnel_mef3_server (page calls) and mef3io_server (channels and
time), or with a folder py that has them. They run in the recording's folder with relative names.
"""
import argparse
import concurrent.futures
import pathlib
import random
import sys
import time

import results
from client import SECOND, Server, timed, windows

PAGE_S = 300
THINK_S = 0.3
# Names that the Python servers and mef3d read.
AHEAD = {"N_PREFETCH": "1", "CACHE_CAPACITY_MULTIPLIER": "30", "N_PROCESS_WORKERS": "2"}
NONE = {"N_PREFETCH": "0", "CACHE_CAPACITY_MULTIPLIER": "0", "N_PROCESS_WORKERS": "0"}


class Bench:
    """A recording, and the servers that can read it: name -> (command, environment)."""

    def __init__(self, options):
        self.path = pathlib.Path(options.session).resolve()
        self.name = self.path.name
        self.quick = options.quick
        self.rounds = results.rounds(options)
        build = pathlib.Path(options.build).resolve()
        self.servers = {"mef3d": ([build / "mef3d", self.path.parent], {})}
        with self.start("mef3d") as server:
            info = server.client().open(self.name)
        self.info = info
        shape = (info.number_of_channels, info.channel_sampling_rates[0], info.start_uutc,
                 round(info.duration_s))
        self.servers["floor"] = ([build / "bench" / "floor_server", *map(str, shape)], {})
        if options.peers:
            self.add_peers(pathlib.Path(options.peers).resolve())

    def add_peers(self, folder):
        folder = folder / "py" if (folder / "py").is_dir() else folder
        for name, package in (("grid", "bnel_mef3_server"), ("range", "mef3io_server")):
            if not (folder / package).is_dir():
                raise SystemExit(f"{folder}: no {package} there")
            self.servers[name] = (["/usr/bin/python3", "-W", "ignore", "-m", f"{package}.server"],
                                  {"PYTHONPATH": str(folder)})

    def start(self, name, environment=None):
        command, own = self.servers[name]
        return Server(command, {**own, **(environment or {})}, self.path.parent)


def random_pages(bench, client):
    dice = random.Random(5)
    info = bench.info
    places = [dice.randrange(info.start_uutc, info.end_uutc - 10 * SECOND)
              for _ in range(12 if bench.quick else 30)]
    for _ in range(2):
        each = [timed(client.range, bench.name, t, t + 10 * SECOND) for t in places]
        seconds = [s for s, _ in each]
        yield results.median(seconds), results.high(seconds), each[0][1]


def scan(bench, client):
    limit = 600 if bench.quick else None
    return sum(client.range(bench.name, *window) for window in windows(bench.info, 60, limit))


def at_once(clients, work):
    with concurrent.futures.ThreadPoolExecutor(len(clients)) as pool:
        return sum(pool.map(work, clients))


def range_rows(bench, name):
    """Row -> (seconds, bytes)."""
    rows = {}
    with bench.start(name) as server:
        client = server.client(joins=True)
        rows["open"] = timed(client.open, bench.name)[0], 0
        (first, first95, n), (again, again95, _) = random_pages(bench, client)
        rows["first p50"], rows["first p95"] = (first, n), (first95, n)
        rows["again p50"], rows["again p95"] = (again, n), (again95, n)
    for row, n_clients in (("scan", 1), ("share", 3)):
        with bench.start(name) as server:
            clients = [server.client(joins=True) for _ in range(n_clients)]
            for client in clients:
                client.open(bench.name)
            rows[row] = timed(at_once, clients, lambda client: scan(bench, client))
    return rows


def turn_pages(bench, client, numbers, think_s):
    n = 0
    for number in numbers:
        n += client.page(bench.name, number)
        time.sleep(think_s)
    return n


def grid_row(bench, name, environment, n_clients, think_s):
    n_pages = 4 if bench.quick else 10
    with bench.start(name, environment) as server:
        clients = [server.client(joins=True) for _ in range(n_clients)]
        for client in clients:
            client.open(bench.name)
            client.set_pages(bench.name, PAGE_S)
        turns = {client: range(n_pages) for client in clients}
        if n_clients > 1:
            each = 1 if bench.quick else 3
            turns = {client: range(i * each, (i + 1) * each) for i, client in enumerate(clients)}
        return timed(at_once, clients,
                     lambda client: turn_pages(bench, client, turns[client], think_s))


def grid_rows(bench, name):
    rows = {}
    for words, think_s in (("", 0), (", thinking", THINK_S)):
        rows["pages, ahead" + words] = grid_row(bench, name, AHEAD, 1, think_s)
        rows["pages, none" + words] = grid_row(bench, name, NONE, 1, think_s)
        rows["pages, 3 clients" + words] = grid_row(bench, name, AHEAD, 3, think_s)
    return rows


def measure(bench, rows_of, peer):
    """Rows as results.py wants them."""
    names = [name for name in ("mef3d", "floor", peer) if name in bench.servers]
    found = {}
    for _ in range(bench.rounds):
        for name in names:
            for row, (seconds, n) in rows_of(bench, name).items():
                entry = found.setdefault(row, {"session": bench.path.stem, "row": row, "unit": "s",
                                               "peer": peer, "bytes": n, "values": {}})
                if entry["bytes"] != n and name != "mef3d":
                    print(f"{row}: {n} bytes of {name}, {entry['bytes']} of mef3d",
                          file=sys.stderr)
                entry["values"].setdefault(name, []).append(seconds)
    return list(found.values())


def print_rows(rows):
    print(f"  {'row':26} {'mef3d':>11} {'floor':>11} {'x floor':>8} {'peer':>11} {'x faster':>8}"
          f" {'MB':>8} {'MB/s':>8}")
    for row in rows:
        of = {name: results.median(values) for name, values in row["values"].items()}
        ours, floor, peer = (of.get(name) for name in ("mef3d", "floor", row["peer"]))
        megabytes = row["bytes"] / 1e6
        print(f"  {row['row']:26} {results.show(ours):>11} {results.show(floor):>11}"
              f" {results.ratio(ours, floor):>8} {results.show(peer):>11}"
              f" {results.ratio(peer, ours):>8} {megabytes:8.1f} {megabytes / ours:8.0f}")


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("session")
    arguments.add_argument("--peers")
    arguments.add_argument("--grid", action="store_true")
    results.add_options(arguments)
    options = arguments.parse_args()
    bench = Bench(options)
    info = bench.info
    print(f"Session {bench.path.stem}: {info.number_of_channels} channels, "
          f"{info.channel_sampling_rates[0]:g} Hz, {info.duration_s:.0f} s"
          + (f"; rounds: {bench.rounds}" + (" (quick: 10 minutes of it)" if bench.quick else "")))
    rows = measure(bench, range_rows, "range")
    print_rows(rows)
    if options.grid:
        more = measure(bench, grid_rows, "grid")
        print_rows(more)
        rows += more
    results.write(options, f"pages-{bench.path.stem}", rows)


if __name__ == "__main__":
    main()
