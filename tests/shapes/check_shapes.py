#!/usr/bin/python3
"""check_shapes.py WRITE_SHAPES: random sessions of the writer, judged by an independent reader.

SHAPES says how many (40), SHAPES_SEED of which kind (1). The writer's own program compares what
it reads back; here tests/help/mef3_check.py checks every CRC, header, index entry and block, and
what it does not look at is worked out from what it has read.
"""
import contextlib
import io
import math
import os
import pathlib
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "help"))
import mef3_check  # noqa: E402


def same(a, b):
    return a == b or math.isnan(a) and math.isnan(b)


def check_metadata(base, facts, samples_before):
    """What the sections say of the segment beside what mef3_check looks at."""
    blocks = facts["block"]
    entries = pathlib.Path(base + ".tidx").read_bytes()[1024:]
    n_bytes = [int.from_bytes(entries[at + 28:at + 32], "little") for at in range(0, len(entries), 56)]
    runs = []
    for (start, _, n, is_new, _), size in zip(blocks, n_bytes):
        if is_new or not runs:
            runs.append([0, 0, 0])
        runs[-1] = [a + b for a, b in zip(runs[-1], (1, size, n))]
        if len(runs) == 1:
            assert is_new or runs[0][0] > 1, "the first block is no discontinuity"
    most = [max((run[k] for run in runs), default=0) for k in range(3)]
    assert most == [facts["cont_blocks"], facts["cont_bytes"], facts["cont_samples"]], "longest run"
    assert facts["discont"] == len(runs), "discontinuities"
    assert facts["start_sample"] == samples_before, "start sample"
    assert facts["max_samples"] == max((n for _, _, n, _, _ in blocks), default=0)
    values = [int(x) * facts["ufact"] for *_, xs in blocks for x in (xs.max(), xs.min())]
    assert same(facts["max"], max(values, default=math.nan)), "greatest value"
    assert same(facts["min"], min(values, default=math.nan)), "least value"
    assert facts["header"]["segment"] == int(base[-6:])
    if blocks:
        start, _, n, *_ = blocks[-1]
        assert facts["start"] == blocks[0][0] and abs(facts["end"] - start - n / facts["fs"] * 1e6) <= 1
    return facts["n"]


def check_session(path, password):
    for channel in sorted(path.glob("*.timd")):
        samples_before = 0
        for folder in sorted(channel.iterdir()):
            assert folder.suffix == ".segd", folder
            assert len(list(folder.iterdir())) == 3, folder
            base = str(folder / folder.stem)
            mef3_check.findings.clear()
            words = io.StringIO()
            with contextlib.redirect_stdout(words):
                facts = mef3_check.segment(base, password or None, True)
            assert not words.getvalue(), f"{base}: {words.getvalue()}"
            assert facts, base
            samples_before += check_metadata(base, facts, samples_before)


def main():
    seed, n = os.environ.get("SHAPES_SEED", "1"), os.environ.get("SHAPES", "40")
    print(f"seed {seed}", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run([sys.argv[1], folder, seed, "0", n], stdout=subprocess.PIPE, text=True)
        lines = done.stdout.splitlines()
        for line in lines:
            number, password = line.split("\t")
            try:
                check_session(pathlib.Path(folder) / f"{number}.mefd", password)
            except AssertionError as error:
                sys.exit(f"seed {seed}, shape {number}: {error!r}")
        if done.returncode:
            sys.exit(f"seed {seed}, shape {len(lines)}: see above")
    print(f"{len(lines)} shapes")


main()
