"""Every header compiles alone: the public ones as C17 and as C++17, by both compilers."""
import pathlib

import pytest

from conftest import ROOT, run

WARN = ["-Wall", "-Wextra", "-Wshadow", "-Werror", "-fsyntax-only"]
PUBLIC = sorted(p.name for p in (ROOT / "include" / "mef3").glob("*.h"))
INNER = sorted(str(p.relative_to(ROOT)) for room in ("lib", "daemon", "cli")
               for p in (ROOT / room).rglob("*.h"))
LANGUAGES = {
    "C17, gcc": ["gcc", "-std=c17", "-pedantic-errors", "-xc"],
    "C17, clang": ["clang", "-std=c17", "-pedantic-errors", "-xc"],
    "C++17, gcc": ["g++", "-std=c++17", "-pedantic-errors", "-xc++"],
    "C++17, clang": ["clang++", "-std=c++17", "-pedantic-errors", "-xc++"],
}


def compile_alone(command, include, tmp_path):
    # Included twice, as users do: it guards itself.
    alone = tmp_path / "alone"
    alone.write_text(f"#include {include}\n" * 2)
    run([*command, alone], cwd=ROOT)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("header", PUBLIC)
def test_a_public_header_compiles_alone(header, language, tmp_path):
    compile_alone([*LANGUAGES[language], *WARN, "-Iinclude"], f"<mef3/{header}>", tmp_path)


@pytest.mark.parametrize("header", INNER)
def test_an_inner_header_compiles_alone(header, build, tmp_path):
    # Generated headers lie in the build.
    generated = sorted({p.parent for p in pathlib.Path(build).rglob("*.pb-c.h")})
    compile_alone(["gcc", "-std=gnu17", "-D_GNU_SOURCE", "-xc", *WARN, "-Iinclude", "-Idaemon",
                   "-Ilib", "-I.", *(f"-I{folder}" for folder in generated)],
                  f'"{header}"', tmp_path)
