"""How what a read costs grows: with channels, rate, window, clients and workers.

usage: growth.py A.mefd --build BUILD --data FOLDER [--quick] [--results FOLDER]

Each row is a daemon of its own, without read-ahead, so that each cost belongs to what was asked.
first, again: a page of all channels at a random place, and the same a second time (medians; in
`window` the page is as long as the row says, else 10 s). scan: the whole recording in windows of
60 s, by all clients of the row together, in a new daemon; MB/s of it. server and workers: their
processor time for a megabyte of that scan (/proc/PID/schedstat), so a busy machine changes it
little; warm: the server's for a megabyte of the same scan a second time, when nothing is decoded.
call: the server's processor time for a page of one sample of one channel that it has in memory.
Recordings are made once, in the folder --data.
"""
import argparse
import concurrent.futures
import pathlib
import random
import subprocess
import time

import results
from client import SECOND, timed, windows
from daemon import Daemon, processor_s

OFF = ("--n-prefetch", "0", "--prefetch-ahead-windows", "0", "--prefetch-behind-windows", "0",
       "--cache", "4G")
CHANNELS = (1, 4, 16, 64, 256)
RATES = (256, 1000, 4000, 16000)
WINDOWS = (1, 10, 60, 300)
CLIENTS = (1, 2, 4, 8, 16)
WORKERS = (1, 2, 3, 4)
N_CALLS = 500


def session(options, channels, rate, seconds):
    path = pathlib.Path(options.data, f"{channels}x{rate}x{seconds}.mefd").resolve()
    if not path.exists():
        fresh = path.with_name("new.mefd")
        subprocess.run(["rm", "-rf", fresh], check=True)
        subprocess.run([f"{options.build}/bench/make_session", fresh, str(channels), str(rate),
                        str(seconds), "eeg"], check=True)
        fresh.rename(path)
    return path


def costs(daemon, work):
    before = processor_s(daemon.process.pid)
    seconds, n = timed(work)
    after = processor_s(daemon.process.pid)
    return seconds, n / 1e6, {who: after[who] - before[who] for who in before}


def pages(client, path, info, window_s):
    length = int(window_s * SECOND)
    dice = random.Random(3)
    places = [dice.randrange(info.start_uutc, max(info.start_uutc + 1, info.end_uutc - length))
              for _ in range(12)]
    return [results.median([timed(client.range, str(path), t, t + length)[0] for t in places])
            for _ in range(2)]


def scan(clients, path, info, limit_s):
    def one(client):
        return sum(client.range(str(path), *window) for window in windows(info, 60, limit_s))
    with concurrent.futures.ThreadPoolExecutor(len(clients)) as pool:
        return sum(pool.map(one, clients))


def call_us(daemon, client, path, info):
    client.names = client.names[:1]
    end = info.start_uutc + round(SECOND / info.channel_sampling_rates[0])
    client.range(str(path), info.start_uutc, end)
    _, _, taken = costs(daemon, lambda: sum(client.range(str(path), info.start_uutc, end)
                                            for _ in range(N_CALLS)))
    return taken["server"] / N_CALLS * 1e6


def measure(options, path, window_s=10, n_clients=1, workers=2):
    """A row's figures. The limit keeps a quick run quick."""
    limit_s = 300 if options.quick else 900
    flags = ("--workers", str(workers), *OFF)
    with Daemon(options.build, path.parent, *flags) as daemon:
        client = daemon.client()
        info = client.open(str(path))
        first, again = pages(client, path, info, window_s)
        call = call_us(daemon, client, path, info)
    with Daemon(options.build, path.parent, *flags) as daemon:
        clients = [daemon.client() for _ in range(n_clients)]
        for client in clients:
            client.open(str(path))
        time.sleep(0.1)
        seconds, megabytes, cold = costs(daemon, lambda: scan(clients, path, info, limit_s))
        _, _, warm = costs(daemon, lambda: scan(clients, path, info, limit_s))
    decoded = megabytes / n_clients
    return {"first_s": first, "again_s": again, "scan_s": seconds, "mb": megabytes,
            "server_ms_mb": cold["server"] / megabytes * 1e3,
            "workers_ms_mb": cold["workers"] / decoded * 1e3,
            "warm_ms_mb": warm["server"] / megabytes * 1e3, "call_us": call}


def dimensions(options, path):
    """(name, value, recording, arguments of measure)"""
    seconds = 120 if options.quick else 600
    for n in CHANNELS:
        yield "channels", n, session(options, n, 256, seconds), {}
    for rate in RATES:
        yield "rate", rate, session(options, 16, rate, seconds // 5 * 2), {}
    for window in WINDOWS:
        yield "window", window, path, {"window_s": window}
    for n in CLIENTS:
        yield "clients", n, path, {"n_clients": n}
    for n in WORKERS:
        yield "workers", n, path, {"workers": n}


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("session")
    arguments.add_argument("--data", required=True)
    results.add_options(arguments)
    options = arguments.parse_args()
    path = pathlib.Path(options.session).resolve()
    print("What a read costs, and how that grows (ms a MB: processor time)")
    print(f"  {'':8} {'':>6} {'first':>11} {'again':>11} {'scan MB/s':>10} {'server ms/MB':>13}"
          f" {'workers ms/MB':>14} {'warm ms/MB':>11} {'call us':>8}")
    rows = []
    rounds = results.rounds(options)
    for name, value, recording, how in dimensions(options, path):
        each = [measure(options, recording, **how) for _ in range(rounds)]
        of = {key: results.median([one[key] for one in each]) for key in each[0]}
        rows.append({"row": name, "value": value, **of})
        print(f"  {name:8} {value:6} {results.show(of['first_s']):>11}"
              f" {results.show(of['again_s']):>11} {of['mb'] / of['scan_s']:10.0f}"
              f" {of['server_ms_mb']:13.2f} {of['workers_ms_mb']:14.2f} {of['warm_ms_mb']:11.2f}"
              f" {of['call_us']:8.0f}", flush=True)
    results.write(options, "growth", rows)


if __name__ == "__main__":
    main()
