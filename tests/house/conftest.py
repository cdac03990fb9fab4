"""What the tests of the house share: where the sources and the build are."""
import os
import pathlib
import shlex
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]


def run(command, **options):
    """Run a command to its end; its words are part of a failure."""
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True,
                          timeout=300, **options)
    assert done.returncode == 0, f"{shlex.join(map(str, command))}\n{done.stdout}{done.stderr}"
    return done.stdout


@pytest.fixture(scope="session")
def build():
    return pathlib.Path(os.environ.get("MEF3_BUILD", ROOT / "build")).resolve()
