"""The scripts of this folder that drive a browser, run by node against real daemons."""
import os
import pathlib
import subprocess

from daemon import Daemon, ROOT, free_port

HERE = pathlib.Path(__file__).parent


def surroundings(port, **more):
    return dict(os.environ, BASE=f"http://127.0.0.1:{port}", MODULES=str(ROOT / "web" / "node_modules"),
                **more)


def run_tests(script, port, **more):
    """Run a script of tests against the pages at that port; what it said."""
    done = subprocess.run(["node", "--test", script], cwd=HERE, env=surroundings(port, **more),
                          capture_output=True, text=True, timeout=850)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def outlives(script, recordings, folder):
    """The script says what it saw, a word a line, and is told when the server is gone and back."""
    port = free_port()
    daemon = Daemon(folder, recordings, "--http", f"127.0.0.1:{port}")
    running = subprocess.Popen(["node", script], cwd=HERE, text=True, stdin=subprocess.PIPE,
                               stdout=subprocess.PIPE, env=surroundings(port))
    try:
        assert running.stdout.readline() == "open\n"
        daemon.stop()
        running.stdin.write("gone\n")
        running.stdin.flush()
        assert running.stdout.readline() == "told\n"
        daemon = Daemon(folder, recordings, "--http", f"127.0.0.1:{port}")
        running.stdin.write("back\n")
        running.stdin.flush()
        assert running.stdout.readline() == "shown\n"
        assert running.wait(60) == 0
    finally:
        running.kill()
        running.wait()
        daemon.stop()
