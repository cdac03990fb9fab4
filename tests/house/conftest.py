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


@pytest.fixture(scope="session")
def staging(build, tmp_path_factory):
    """What `meson install` installs. Not to be changed: others use it too."""
    folder = tmp_path_factory.mktemp("staging")
    run(["meson", "install", "--no-rebuild", "-C", build], cwd=ROOT,
        env=dict(os.environ, DESTDIR=str(folder)))
    return folder


def pkg_config(staging, *words):
    folder = next(staging.rglob("libmef3.pc")).parent
    env = dict(os.environ, PKG_CONFIG_PATH=str(folder), PKG_CONFIG_SYSROOT_DIR=str(staging))
    return run(["pkg-config", *words, "libmef3"], env=env).split()
