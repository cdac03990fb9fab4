"""docs/PERFORMANCE.md and its plots from the figures of a run.

usage: report.py RESULTS DOCS      (the folder with *.json; the folder docs)

What was not measured is left out. Needs python3-matplotlib for the plots.
"""
import json
import pathlib
import sys

import matplotlib
matplotlib.use("svg")
import matplotlib.pyplot as plot  # noqa: E402  (after the choice of its backend)

import model
import results

# The same figures make the same file.
matplotlib.rcParams["svg.hashsalt"] = "mef3d"

# Times of one run are compared with each other. required, wanted: times as fast as the peer, or
# as much of the floor.
NEEDED = {
    ("A", "pages, none"): ("5 x the peer", "floor + 20 %"),
    ("A", "pages, ahead"): ("5 x the peer", "floor + 20 %"),
    ("A", "pages, ahead, thinking"): ("thinking + 1.0 s", "thinking + client + 10 %"),
    ("A", "first p50"): ("8 x the peer", "15 x"),
    ("A", "again p50"): ("3 x the peer", "floor + 20 %"),
    ("A", "scan"): ("6 x the peer", "10 x"),
    ("B", "scan"): ("6 x the peer", "10 x"),
    ("A", "share"): ("6 x the peer", "12 x"),
    ("B", "share"): ("6 x the peer", "12 x"),
}
WORDS = {
    "open": "the first OpenFile",
    "first p50": "10 s of all channels at a random place, first view, p50",
    "first p95": "the same, p95",
    "again p50": "the same page again, p50",
    "again p95": "the same page again, p95",
    "scan": "whole recording in 60 s windows, one client",
    "share": "the same, three clients at once",
    "pages, ahead": "10 pages of 5 min, no thinking, read-ahead",
    "pages, none": "10 pages of 5 min, no thinking, none",
    "pages, 3 clients": "3 clients x 3 pages, no thinking",
    "pages, ahead, thinking": "10 pages, 0.3 s thinking each, read-ahead",
    "pages, none, thinking": "10 pages, 0.3 s thinking each, none",
    "pages, 3 clients, thinking": "3 clients x 3 pages, 0.3 s thinking each",
}
GROWTH = {
    "channels": ("channels", "10 s of all channels at 256 Hz, a scan of 60 s windows"),
    "rate": ("Hz", "16 channels"),
    "window": ("seconds a page", "A; first and again are pages of this length"),
    "clients": ("clients", "A, each reads the whole of it; one recording, so most is decoded once"),
    "workers": ("workers", "A, one client; the machine has {cores} cores, and the client needs one"),
}


def table(heads, rows):
    lines = ["| " + " | ".join(heads) + " |",
             "| --- |" + " ---: |" * (len(heads) - 1)]
    return lines + ["| " + " | ".join(map(str, row)) + " |" for row in rows] + [""]


def about_machine(runs):
    one = runs.get("pages-A") or next(iter(runs.values()))
    facts = one["machine"]
    kind = ("A quick run: one round, ten minutes of A; no figures to quote. " if one["quick"]
            else "")
    return [
        f"{kind}{facts['cpu']} ({facts['vectors']}), {facts['cores']} cores,"
        f" {facts['memory_gib']} GiB, Linux {facts['kernel']}, {facts['compiler']},"
        f" Python {facts['python']}; load average"
        f" {one['load_before']:g} when it began. Clients and servers share the cores.", ""]


def decoder(run):
    rows = [(row["data"], row["row"], f"{row['msamples_s']:.1f}", f"{row['mdifferences_s']:.0f}",
             f"{row['x_plain']:.1f}" if row["x_plain"] else "")
            for row in run["rows"]]
    return ["## Decoder and encoder, one core", "",
            f"`build-bench/bench/bench_decode`, {measured(run)}. x plain: times as fast as the transcription of the"
            " format in `tests/compare`, or as its plain encoder, in the same run. (It searches each"
            " symbol from the first one on, as the format is written; a plain loop with more care is"
            " faster, and ratios to it are smaller. Of \"a third of each block\" the samples of whole"
            " blocks are counted, and compared with whole ones: it shows work that is not done.)"
            " Required, and wanted: AVX-512 6 x (blocks of 1000: 4 x), 10 x (8 x); AVX2 4 x, 6 x;"
            " C 2.5 x, 4 x; the encoder 2 x, 4 x.", "",
            *table(("data", "", "M samples/s", "M difference bytes/s", "x plain"), rows)]


def measured(run):
    return f"{run['date']}, commit {run['commit']}"


def of_row(row):
    return {name: results.median(values) for name, values in row["values"].items()}


def requests(run, title):
    has_peers = any(row["peer"] in row["values"] for row in run["rows"])
    heads = ["", "mef3d", "floor", "x floor"]
    heads += ["peer", "x faster", "required", "wanted"] if has_peers else []
    rows = []
    for row in run["rows"]:
        of = of_row(row)
        ours, floor, peer = (of.get(name) for name in ("mef3d", "floor", row["peer"]))
        cells = [WORDS[row["row"]], results.show(ours), results.show(floor),
                 results.ratio(ours, floor)]
        if has_peers:
            cells += [results.show(peer), results.ratio(peer, ours),
                      *NEEDED.get((row["session"], row["row"]), ("", ""))]
        rows.append(cells)
    return [f"## {title}", "", f"`bench/{run['program'].split('-')[0]}.py`, {measured(run)}; rounds:"
            f" {len(run['rows'][0]['values']['mef3d'])}, of which these are the medians.", "", *table(heads, rows)]


def gigabyte(run):
    of = of_row(run["rows"][0])
    words = {"mef3d": "mef3d, all decoded before", "floor": "the same transport, replies in memory",
             "zeros": "zeros over the same HTTP/2"}
    rows = [(words[name], f"{value:.2f} s", f"{of['mef3d'] / value:.2f}")
            for name, value in of.items()]
    return ["## A gigabyte in memory", "",
            f"`bench/gigabyte.py`, {measured(run)}: processor time of the server alone. Wanted: 1.3"
            " x that of zeros.",
            "", *table(("", "server's processor time", "mef3d is x that"), rows)]


def overviews(run):
    rows = [(row["row"], row["level"], row["n_rows"], row["decoded_blocks"],
             *(f"{1e3 * value:.0f}" for value in (results.median(row["seconds"]), row["server"], row["workers"])))
            for row in run["rows"]]
    return ["## Overviews", "",
            f"`bench/overview.py`, {measured(run)}: envelopes in 1280 columns of a month of 64 channels with blocks of"
            " 30 s (86,400 a channel), over HTTP. Milliseconds, medians: until the last byte is with the client, and"
            " what server and workers, together, had of the processors for one answer.", "",
            *table(("window", "level", "rows", "blocks decoded", "ms", "server CPU", "workers CPU"), rows)]


def draw(name, label, rows, folder):
    """Three plots side by side: a page, megabytes a second, processor time."""
    figure, (page, speed, cost) = plot.subplots(1, 3, figsize=(10, 3))
    at = [row["value"] for row in rows]
    page.plot(at, [1e3 * row["first_s"] for row in rows], "o-", label="first view")
    page.plot(at, [1e3 * row["again_s"] for row in rows], "s-", label="again")
    page.set_ylabel("a page, ms")
    page.set_yscale("log")
    speed.plot(at, [row["mb"] / row["scan_s"] for row in rows], "o-", color="C2",
               label="whole recording")
    speed.set_ylabel("MB/s")
    cost.plot(at, [row["workers_ms_mb"] for row in rows], "o-", label="workers, decoding")
    cost.plot(at, [row["server_ms_mb"] for row in rows], "s-", label="server, cold")
    cost.plot(at, [row["warm_ms_mb"] for row in rows], "^-", label="server, warm")
    cost.set_ylabel("processor ms a MB")
    cost.set_yscale("log")
    for axes in (page, speed, cost):
        axes.set_xscale("log")
        axes.set_xticks(at, [str(value) for value in at])
        axes.minorticks_off()
        axes.set_xlabel(label)
        axes.grid(alpha=0.3)
        axes.legend(fontsize=8)
    speed.set_ylim(bottom=0)
    figure.tight_layout()
    folder.mkdir(exist_ok=True)
    figure.savefig(folder / f"{name}.svg", metadata={"Date": None})
    plot.close(figure)
    path = folder / f"{name}.svg"
    path.write_text("\n".join(map(str.rstrip, path.read_text().splitlines())) + "\n")


def growth(run, docs):
    lines = ["## How cost grows", "",
             f"`bench/growth.py`, {measured(run)}, without read-ahead. first, again: a page of all channels, 10 s but"
             " where the row says otherwise. server, workers: processor time for a megabyte sent,"
             " and for the decoding of a megabyte (float32). warm: the server's when nothing is"
             " decoded. call: the server's for a page of one sample that it has in memory.", ""]
    for name, (label, what) in GROWTH.items():
        rows = [row for row in run["rows"] if row["row"] == name]
        if not rows:
            continue
        cells = [(row["value"], results.show(row["first_s"]), results.show(row["again_s"]),
                  f"{row['mb'] / row['scan_s']:.0f}", f"{row['server_ms_mb']:.2f}",
                  f"{row['workers_ms_mb']:.2f}", f"{row['warm_ms_mb']:.2f}",
                  f"{row['call_us']:.0f}") for row in rows]
        draw(name, label, rows, docs / "performance")
        lines += [f"### {name.capitalize()}", "", what.format(**run["machine"]) + ".", "",
                  *table((label, "first", "again", "scan, MB/s", "server ms/MB", "workers ms/MB",
                          "warm ms/MB", "call, us"), cells),
                  f"![Cost against {name}](performance/{name}.svg)", ""]
    return lines


def main():
    source, docs = map(pathlib.Path, sys.argv[1:3])
    runs = {path.stem: json.loads(path.read_text()) for path in sorted(source.glob("*.json"))}
    if not runs:
        raise SystemExit(f"{source}: no figures; run make bench")
    lines = ["# Performance", "",
             "Written by `make performance` from `bench/results`, which a full `make bench` writes."
             " Not edited by hand. Compare figures of one run with each other, never those of"
             " different machines: the ratios are what counts.", "", *about_machine(runs)]
    if "growth" in runs:
        lines += model.where_time_goes(runs)
    for name, title in (("A", "Session A: 64 channels, 256 Hz, 2 hours, white noise, blocks of 10000"),
                        ("B", "Session B: 16 channels, 2000 Hz, 10 minutes, EEG, blocks of 4 s")):
        if f"pages-{name}" in runs:
            lines += requests(runs[f"pages-{name}"], title)
    if "pages-A" in runs:
        lines += ["floor: what the same client needs with `bench/floor_server`, which has the"
                  " replies in memory: receive, parse, join. peer: the Python server that answers"
                  " the same calls: by pages the grid server, by channels and time the range"
                  " server.", ""]
    if "gigabyte" in runs:
        lines += gigabyte(runs["gigabyte"])
    if "overview" in runs:
        lines += overviews(runs["overview"])
    if "decode" in runs:
        lines += decoder(runs["decode"])
    if "growth" in runs:
        lines += growth(runs["growth"], docs) + model.one_loop(runs["growth"])
    (docs / "PERFORMANCE.md").write_text("\n".join(lines).rstrip() + "\n")


if __name__ == "__main__":
    main()
