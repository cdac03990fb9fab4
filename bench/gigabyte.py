"""Processor time of a server for a gigabyte that it has in memory.

usage: gigabyte.py SESSION.mefd --build BUILD [--quick] [--results FOLDER]

One client takes windows of 60 s, again and again, until it has a gigabyte (a quarter with
--quick). mef3d: its server's time (/proc/PID/schedstat), everything decoded before. floor: the
same transport over replies in memory. zeros: bench/zeros_server, if it was built: nothing but
zeros over the same HTTP/2. Medians over rounds, in turn.
"""
import argparse
import pathlib

import results
from client import windows
from daemon import processor_s
from pages import Bench


def take(client, name, places, n_bytes):
    n = 0
    while n < n_bytes:
        for place in places:
            n += client.range(name, *place)
    return n


def seconds_a_gigabyte(bench, name, n_bytes):
    with bench.start(name) as server:
        client = server.client()
        client.open(bench.name)
        places = windows(bench.info, 60, 600)
        take(client, bench.name, places, 1)
        before = processor_s(server.process.pid)["server"]
        n = take(client, bench.name, places, n_bytes)
        return (processor_s(server.process.pid)["server"] - before) / n * 1e9


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("session")
    results.add_options(arguments)
    options = arguments.parse_args()
    options.peers = None
    bench = Bench(options)
    names = ["mef3d", "floor"]
    zeros = pathlib.Path(options.build).resolve() / "bench" / "zeros_server"
    if zeros.exists():
        bench.servers["zeros"] = ([zeros, *bench.servers["floor"][0][1:]], {})
        names.append("zeros")
    values = {name: [] for name in names}
    for _ in range(bench.rounds):
        for name in names:
            values[name].append(seconds_a_gigabyte(bench, name, 25e7 if options.quick else 1e9))
    print("Processor seconds of the server for a gigabyte in memory")
    ours = results.median(values["mef3d"])
    for name in names:
        it = results.median(values[name])
        print(f"  {name:8} {it:6.2f} s   mef3d is {ours / it:.2f} x that")
    results.write(options, "gigabyte", [{"row": "gigabyte", "unit": "s", "values": values}])


if __name__ == "__main__":
    main()
