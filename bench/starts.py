#!/usr/bin/python3
"""starts.py BUILD [ROUNDS]: how long programs take to start and to end at once, medians in ms.

mef3-top says no more than that it is a part of mef3: what it takes is what it is linked with. The
programs take turns, so that a machine that is busy is so for both."""
import os
import pathlib
import statistics
import subprocess
import sys
import time


def took_ms(words):
    begin = time.perf_counter()
    subprocess.run(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, close_fds=False,
                   check=False)
    return (time.perf_counter() - begin) * 1e3


def main():
    build = pathlib.Path(sys.argv[1])
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 200
    commands = [[os.fspath(build / "mef3"), "--version"], [os.fspath(build / "mef3-top")]]
    times = [[took_ms(command) for command in commands] for _ in range(rounds)]
    for command, taken in zip(commands, zip(*times)):
        print(f"{' '.join([pathlib.Path(command[0]).name, *command[1:]]):16} "
              f"median {statistics.median(taken):6.2f}  least {min(taken):6.2f}")


if __name__ == "__main__":
    main()
