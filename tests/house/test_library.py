"""libmef3 as others use it: its symbols, its pkg-config file, and a build without Meson."""
import os
import re
import shutil

import pytest

from conftest import ROOT, pkg_config, run

PROGRAM = r"""
#include <mef3/mef3.h>
#include <stdio.h>
#include <string.h>

int main(void)
{
    struct mef3_error error;
    char text[256];

    mef3_error_set(&error, MEF3_ECRC, "a.tdat", 1024, "block CRC", "1", "2");
    puts(mef3_error_text(&error, text, sizeof text));
    printf("%s\n", mef3_version());
    return strcmp(mef3_status_name(MEF3_ECRC), "ECRC");
}
"""


def version():
    found = re.search(r"version: '([\d.]+)'", (ROOT / "meson.build").read_text())
    return found.group(1)


def check_words(words):
    first, second = words.splitlines()
    assert first == "a.tdat: at byte 1024: block CRC: expected 1, found 2 " \
                    "(the checksum does not match)"
    assert second == version()


@pytest.fixture
def program(tmp_path):
    path = tmp_path / "program.c"
    path.write_text(PROGRAM)
    return path


def test_what_is_installed_is_what_others_need(staging):
    prefix = next(staging.rglob("include/mef3")).parents[1]
    installed = {str(path.relative_to(prefix)) for path in prefix.rglob("*") if not path.is_dir()}
    library = next(prefix.rglob("libmef3.a")).parent
    lib = library.relative_to(prefix)
    expected = {f"include/mef3/{path.name}" for path in (ROOT / "include" / "mef3").glob("*.h")}
    expected |= {f"share/man/man{path.suffix[1:]}/{path.name}"
                 for path in (ROOT / "docs").rglob("*.[1-8]")}
    expected |= {"share/bash-completion/completions/mef3", "share/zsh/site-functions/_mef3",
                 "share/fish/vendor_completions.d/mef3.fish",
                 "share/mef3d/grafana-dashboard.json", "share/mef3d/mef3d.rules.yml"}
    expected |= {f"bin/{name}" for name in ("mef3", "mef3-top", "mef3d", "mef3d-server", "mef3d-worker")}
    expected.add(f"{lib}/mef3d/mef3-draw.so")
    expected |= {f"{lib}/{name}" for name in (
        "libmef3.a", "libmef3.so", "libmef3.so.0", f"libmef3.so.{version()}",
        "pkgconfig/libmef3.pc")}
    assert installed == expected
    assert (library / "libmef3.so").readlink().name == "libmef3.so.0"
    assert (library / "libmef3.so.0").readlink().name == f"libmef3.so.{version()}"
    assert pkg_config(staging, "--modversion") == [version()]


def test_the_command_finds_what_paints_where_it_is_installed(staging, tmp_path):
    command = next(staging.rglob("bin/mef3"))
    run([command, "plot", ROOT / "tests" / "golden" / "gaps.mefd", "-o", tmp_path / "page.png"])
    assert (tmp_path / "page.png").read_bytes().startswith(b"\x89PNG")


def test_a_program_builds_with_pkg_config_against_the_shared_library(staging, program, tmp_path):
    run(["cc", program, *pkg_config(staging, "--cflags", "--libs"), "-o", tmp_path / "program"])
    folder = next(staging.rglob("libmef3.so")).parent
    check_words(run([tmp_path / "program"], env=dict(os.environ, LD_LIBRARY_PATH=str(folder))))


def test_a_program_builds_with_pkg_config_against_the_static_library(staging, program, tmp_path):
    copy = tmp_path / "staging"
    shutil.copytree(staging, copy, ignore=shutil.ignore_patterns("libmef3.so*"))
    run(["cc", program, *pkg_config(copy, "--cflags", "--static", "--libs"),
         "-o", tmp_path / "program"])
    check_words(run([tmp_path / "program"]))


@pytest.mark.parametrize("compiler", ["gcc", "clang"])
def test_the_library_builds_with_nothing_but_a_compiler(compiler, program, tmp_path):
    run([compiler, "-Iinclude", "-Wall", "-Werror", program, *sorted((ROOT / "lib").glob("*.c")), "-lcrypto", "-lm",
         "-o", tmp_path / "program"], cwd=ROOT)
    check_words(run([tmp_path / "program"]))
