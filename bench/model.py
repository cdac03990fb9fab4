"""Where the time goes, and how many workers one event loop can serve: arithmetic with measured costs."""
import results


def pick(run, name, value):
    return next((row for row in run["rows"] if (row["row"], row["value"]) == (name, value)), None)


def where_time_goes(runs):
    row = pick(runs["growth"], "workers", 2)
    if not row:
        return []
    work, server, warm = row["workers_ms_mb"], row["server_ms_mb"], row["warm_ms_mb"]
    wall = row["scan_s"] / row["mb"] * 1e3
    lines = ["## Where the time goes", "",
             f"A read for the first time by one client, 2 workers (`bench/growth.py`): a megabyte"
             f" takes {wall:.1f} ms on the clock. In it two workers have a processor for {work:.1f} ms:"
             f" reading, checking and decoding. The server has one for {server:.2f} ms: planning,"
             f" converting, gRPC and the socket. When nothing is to be decoded the server takes"
             f" {warm:.2f} ms. So decoding is {work / (work + server):.0%} of what we spend on a"
             f" cold megabyte.", ""]
    if "pages-A" in runs:
        rows = {one["row"]: one for one in runs["pages-A"]["rows"]}
        ours, floor = (results.median(rows["scan"]["values"][name]) for name in ("mef3d", "floor"))
        megabytes = rows["scan"]["bytes"] / 1e6
        lines += [f"Of the {ours / megabytes * 1e3:.1f} ms a megabyte that `bench/pages.py` sees in"
                  f" its scan of A, with read-ahead, the client alone and the transport need"
                  f" {floor / megabytes * 1e3:.1f} ms (the floor).", ""]
    return lines


def one_loop(run):
    row = pick(run, "workers", 2)
    if not row:
        return []
    work, server, warm = row["workers_ms_mb"], row["server_ms_mb"], row["warm_ms_mb"]
    call = results.median([one["call_us"] for one in run["rows"]])
    rows = []
    for n in (1, 2, 4, 8, 16, 32, 64):
        decode = n * 1000 / work
        loop = 1000 / server
        rows.append((n, f"{decode:.0f}", f"{min(decode, loop):.0f}",
                     f"{min(1, decode / loop):.0%}"))
    return [
        "## Workers beyond this machine's cores", "",
        "A model, not a measurement: each process has a core of its own, and nothing else (memory,"
        " disks, the network, the clients) is in the way. With w ms of a worker for a megabyte"
        " decoded, s ms of the server for a megabyte sent, N workers and one event loop:", "",
        "    MB/s = min(N x 1000 / w, 1000 / s)          the loop ends at N = w / s", "",
        f"From the row of 2 workers above: w = {work:.2f} ms, s = {server:.2f} ms cold and"
        f" {warm:.2f} ms warm. So one loop is full with {work / server:.1f} workers that decode A all"
        f" the time, at {1000 / server:.0f} MB/s of float32"
        f" ({250 / server:.0f} million samples a second); what is in memory it sends at"
        f" {1000 / warm:.0f} MB/s. A call costs it {call:.0f} us beside its samples: {1e6 / call:.0f}"
        " calls a second and no more, however small they are.", "",
        *lines_of(rows),
        "Beyond that a second server process, with a cache of its own, would be needed: workers"
        " alone add nothing.", ""]


def lines_of(rows):
    return ["| workers | they decode, MB/s | sent, MB/s | of the loop |",
            "| ---: | ---: | ---: | ---: |",
            *("| " + " | ".join(map(str, row)) + " |" for row in rows), ""]
