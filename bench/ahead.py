"""What reading ahead is worth, and what it costs: the same requests with it and without it.

usage: ahead.py SESSION.mefd --build BUILD [--quick]

The time of a row is that of one request, from the second on, where there are several. turn pages,
turn ranges, turn back: 10 s of all channels, one after another, with a pause of 50 ms between them
as when somebody looks at them; jumps: the same at random places; hurried: those without a pause.
scan pages: 10 pages of 5 minutes without a pause; scan ranges: the whole recording in windows of
60 s; both as a whole. Times are medians over rounds with a new daemon each, with and without in
turn, so that both meet the same machine.

The units (the fewest whole blocks with 1024 samples) are those of the last round. asked: that the
client asked for. ahead: taken on before it asked; of them used: asked for later; dropped: not
decoded after all; idle: decoded, and never asked for. idle/asked is what read-ahead cost in vain.
"""
import argparse
import os
import random
import statistics
import time

from client import SECOND, timed, windows
from daemon import Daemon

PAUSE_S = 0.05
OFF = ("--n-prefetch", "0", "--prefetch-ahead-windows", "0", "--prefetch-behind-windows", "0")


def each(call, places, pause_s):
    took = []
    for place in places:
        took.append(timed(call, place)[0])
        time.sleep(pause_s)
    return statistics.median(took[1:])


def scan_pages(client, path, info):
    n = client.set_pages(path, 300)
    return sum(client.page(path, i) for i in range(min(10, n)))


def scan_ranges(client, path, info):
    return sum(client.range(path, *window) for window in windows(info, 60))


def turn_pages(client, path, info):
    n = client.set_pages(path, 10)
    return each(lambda page: client.page(path, page), range(min(n, 40)), PAUSE_S)


def looks(client, path, starts, pause_s):
    return each(lambda t: client.range(path, t, t + 10 * SECOND), starts, pause_s)


def turn_ranges(client, path, info):
    starts = range(info.start_uutc, info.end_uutc - 10 * SECOND, 10 * SECOND)[:40]
    return looks(client, path, starts, PAUSE_S)


def turn_back(client, path, info):
    starts = range(info.start_uutc, info.end_uutc - 10 * SECOND, 10 * SECOND)[-40:]
    return looks(client, path, reversed(starts), PAUSE_S)


def jumps(client, path, info, pause_s=PAUSE_S):
    dice = random.Random(7)
    starts = [dice.randrange(info.start_uutc, info.end_uutc - 10 * SECOND) for _ in range(40)]
    return looks(client, path, starts, pause_s)


ROWS = {
    "turn pages": turn_pages,
    "turn ranges": turn_ranges,
    "turn back": turn_back,
    "jumps": jumps,
    "hurried": lambda *of: jumps(*of, pause_s=0),
    "scan pages": lambda *of: timed(scan_pages, *of)[0],
    "scan ranges": lambda *of: timed(scan_ranges, *of)[0],
}


def measure(build, path, row, flags):
    with Daemon(build, os.path.dirname(path), *flags) as daemon:
        client = daemon.client()
        seconds = ROWS[row](client, path, client.open(path))
        return seconds, daemon.counters()


def units(counters):
    asked = sum(counters[f"mef3d_cache_{how}_total"] for how in ("hits", "joins", "misses"))
    ahead, used, dropped = (counters[f"mef3d_ahead_units_{what}total"]
                            for what in ("", "used_", "dropped_"))
    return asked, ahead, used, dropped, ahead - used - dropped


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("session")
    arguments.add_argument("--build", required=True)
    arguments.add_argument("--quick", action="store_true")
    options = arguments.parse_args()
    path = os.path.realpath(options.session)
    rounds = 1 if options.quick else 3
    print(f"Reading ahead in {os.path.basename(path)}, or not; medians of {rounds} rounds")
    print(f"  {'row':11} {'with':>11} {'without':>11} {'without/with':>12}"
          f" {'asked':>7} {'ahead':>7} {'used':>7} {'dropped':>7} {'idle':>6} {'idle/asked':>10}")
    for row in ROWS:
        took = {(): [], OFF: []}
        for _ in range(rounds):
            for flags, list_ in took.items():
                list_.append(measure(options.build, path, row, flags))
        ours, theirs = (statistics.median(seconds for seconds, _ in list_)
                        for list_ in took.values())
        asked, ahead, used, dropped, idle = units(took[()][-1][1])
        print(f"  {row:11} {ours * 1e3:8.2f} ms {theirs * 1e3:8.2f} ms {theirs / ours:12.2f}"
              f" {asked:7.0f} {ahead:7.0f} {used:7.0f} {dropped:7.0f} {idle:6.0f}"
              f" {idle / asked:10.1%}", flush=True)


if __name__ == "__main__":
    main()
