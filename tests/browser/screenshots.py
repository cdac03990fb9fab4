"""screenshots.py FOLDER: serve a demo, and let screenshots.mjs take its pictures; and those that mef3 draws."""
import os
import pathlib
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "system"))

from daemon import Daemon, ROOT, free_port, run_tool  # noqa: E402

# The month is of few samples a second, so that it takes little room.
DEMOS = [("demo.mefd", "--hours", 0.2), ("night/monday.mefd", "--hours", 2), ("night/tuesday.mefd", "--hours", 1),
         ("month.mefd", "--hours", 720, "--rate", 1, "--channels", 64)]


def run(*words, **options):
    done = run_tool(*words, **options)
    assert done.returncode == 0, done.stderr


def draw(folder, made):
    """mef3 plot and mef3 overview, of a recording with notes."""
    night = made / "night.mefd"
    run("demo", night, "--hours", 2)
    for at, words in (("+600", "lights out"), ("+2529", "photic stimulation"), ("+4200", "arousal")):
        run("note", "add", night, "--at", at, words)
    run("plot", night, "--from", "+2523", "--to", "+2533", "-o", folder / "plot.png")
    run("overview", night, "-o", folder / "overview.png")


def main(folder):
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as made:
        recordings = pathlib.Path(made) / "recordings"
        for name, *options in DEMOS:
            path = recordings / name
            path.parent.mkdir(parents=True, exist_ok=True)
            run("demo", path, *options, timeout=600)
        draw(folder, pathlib.Path(made))
        port = free_port()
        daemon = Daemon(made, recordings, "--http", f"127.0.0.1:{port}")
        try:
            subprocess.run(["node", HERE / "screenshots.mjs", folder], check=True,
                           env=dict(os.environ, BASE=f"http://127.0.0.1:{port}",
                                    MODULES=str(ROOT / "web" / "node_modules")))
        finally:
            daemon.stop()


main(pathlib.Path(sys.argv[1]).resolve())
