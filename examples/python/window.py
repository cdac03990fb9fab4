#!/usr/bin/python3
"""window.py SESSION CHANNEL START END: what was recorded in a window, in a line.

START and END are microseconds since 1970. A password is taken from MEF3_PASSWORD.
"""
import os
import sys

import mef3


def main():
    if len(sys.argv) != 5:
        sys.exit(__doc__.strip())
    path, channel, start, end = sys.argv[1:]
    with mef3.Session(path, os.environ.get("MEF3_PASSWORD")) as session:
        counts, truth = session.read(channel, int(start), int(end))
        values = session.values(channel, counts)
    data = values[truth == mef3.DATA]
    print(f"{len(values)} samples: {len(data)} data, {(truth == mef3.GAP).sum()} gap, "
          f"{(truth == mef3.UNREADABLE).sum()} unreadable")
    if len(data):
        print(f"from {data.min():.9g} to {data.max():.9g}")


if __name__ == "__main__":
    main()
