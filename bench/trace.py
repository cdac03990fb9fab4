"""Where the time of one cold page goes, from socket to socket: a table of what mef3d logs of it.

usage: trace.py SESSION.mefd --build BUILD [--seconds 10] [--count 30] [--open] [--pause 0.05]
                [-- FLAGS OF mef3d]

Starts mef3d with --trace-request=on, opens the recording and reads random pages of all channels,
each once, with a pause in between (a pause of 0: read-ahead for one page meets the next). Then a
row for each step, in order: when it was over (`at`, in us since the request's bytes had come), how
long after the step before (`took`), and what share of the whole that is; medians over the pages.
Of the jobs of a request the one that was answered last is shown: the others were under way at the
same time. `client` is the time that the client saw. --open: openings in place of pages.
docs/EVENTS.md says what the steps are.
"""
import argparse
import collections
import json
import pathlib
import random
import statistics
import tempfile
import time

from client import SECOND, Server, mef3, timed

LAST_OF = {"sent": "sent, the last"}


def events(text):
    for line in text.splitlines():
        try:
            event = json.loads(line)
        except ValueError:
            continue
        if event.get("event") == "step":
            yield event


def requests(found):
    """Of each request its steps: (name, ns, times or bytes, ns that took)."""
    mine = collections.defaultdict(list)
    jobs = collections.defaultdict(list)
    for event in found:
        if "id" in event:
            mine[event["id"]].append(event)
        else:
            jobs[event["job"]].append(event)
    return [merge(steps, jobs) for steps in mine.values()]


def merge(steps, jobs):
    kinds = {}
    for step in steps:
        if step["step"] == "answered":
            kind = next((s["step"] for s in jobs[step["job"]] if s["step"].startswith("took_")),
                        "took_?")
            kinds[kind] = step["job"]
    shown = [s for s in steps if "job" not in s or s["job"] in kinds.values()]
    for kind, job in kinds.items():
        own = [dict(s, step=f"  {s['step']}") for s in jobs[job]]
        shown += own
    shown.sort(key=lambda s: s["at_ns"])
    return name_apart(shown)


def name_apart(steps):
    """The same step of several jobs, and the first and last sending, are rows of their own."""
    last = max((i for i, s in enumerate(steps) if s["step"] == "sent"), default=None)
    rows, seen = [], collections.Counter()
    for i, step in enumerate(steps):
        name = step["step"]
        seen[name] += 1
        if name == "sent" and seen[name] > 1:
            if i != last:
                continue
            name = LAST_OF[name]
        elif seen[name] > 1:
            name = f"{name} ({seen[name]})"
        rows.append((name, step["at_ns"], step.get("n"), step.get("took_ns")))
    return rows


def print_table(of, client_s):
    names = [name for name, n in collections.Counter(
        name for rows in of for name, *_ in rows).items() if 2 * n > len(of)]
    table = collections.defaultdict(list)
    whole = []
    for rows in of:
        start = previous = rows[0][1]
        for name, at, n, took in rows:
            if name in names:
                table[name].append((at - start, at - previous, n or 0, took or 0))
                previous = at
        whole.append(previous - start)
    total = statistics.median(whole) / 1000
    print(f"  {'step':24} {'at, us':>9} {'took, us':>9} {'share':>6}")
    for name in sorted(names, key=lambda name: statistics.median(row[0] for row in table[name])):
        at, took, n, summed = (statistics.median(column) for column in zip(*table[name]))
        words = f"  {n:.0f} of them: {summed / 1000:.0f} us" if summed else ""
        print(f"  {name:24} {at / 1000:9.0f} {took / 1000:9.0f} {took / 10 / total:5.0f}%{words}")
    print(f"  {'in the server':24} {total:9.0f}")
    print(f"  {'client':24} {1e6 * statistics.median(client_s):9.0f}   "
          f"(95th of a hundred: {1e6 * sorted(client_s)[int(0.95 * len(client_s))]:.0f})")


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("session")
    arguments.add_argument("--build", required=True)
    arguments.add_argument("--seconds", type=float, default=10)
    arguments.add_argument("--count", type=int, default=30)
    arguments.add_argument("--pause", type=float, default=0.05)
    arguments.add_argument("--open", action="store_true")
    arguments.add_argument("flags", nargs="*")
    options = arguments.parse_args()
    path = pathlib.Path(options.session).resolve()
    dice = random.Random(5)
    with tempfile.TemporaryFile("w+") as log:
        with Server([f"{options.build}/mef3d", path.parent, "--trace-request=on",
                     "--log-format=json", *options.flags], log=log) as server:
            client = server.client(joins=True)
            info = client.open(path.name)
            length = int(options.seconds * SECOND)
            taken = []
            for _ in range(options.count):
                time.sleep(options.pause)
                if options.open:
                    client.stub.CloseFile(mef3.FileInfoRequest(file_path=path.name))
                    taken.append(timed(client.open, path.name)[0])
                else:
                    start = dice.randrange(info.start_uutc, info.end_uutc - length)
                    taken.append(timed(client.range, path.name, start, start + length)[0])
        log.seek(0)
        found = requests(events(log.read()))
    print(f"{path.stem}: {'opening' if options.open else f'pages of {options.seconds:g} s'}, "
          f"{len(taken)} of them, {options.pause:g} s in between")
    print_table(found[-options.count:], taken)


if __name__ == "__main__":
    main()
