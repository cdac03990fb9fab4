"""tools/check-arrows: this repository obeys it, and it sees what it forbids."""
import os
import pathlib
import shutil
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
CHECK = ROOT / "tools" / "check-arrows"


def check(root):
    done = subprocess.run([CHECK, "--root", root], capture_output=True, text=True, timeout=300,
                          env=dict(os.environ, GIT_CEILING_DIRECTORIES=str(root.parent)))
    return done.returncode, done.stdout


def test_this_repository_obeys_the_rules():
    status, words = check(ROOT)
    assert status == 0, words


@pytest.fixture
def house(tmp_path):
    """A small house in which all is well."""
    shutil.copy(ROOT / ".clang-format", tmp_path)
    for path in ("include/mef3/status.h", "include/mef3/session.h", "lib/red.h", "cli/cli.h",
                 "daemon/base/log.h", "daemon/ipc/message.h", "daemon/cache/cache.h",
                 "daemon/pool/pool.h", "daemon/service/service.h", "daemon/grpc/grpc.h",
                 "daemon/decode/job.h"):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text("int a;\n")
    status, words = check(tmp_path)
    assert status == 0, words
    return tmp_path


FORBIDDEN = [
    # why, the file, its text
    ("the cache does not know the pool", "daemon/cache/a.c", '#include "pool/pool.h"\n'),
    ("nor by another spelling", "daemon/cache/a.c", '#include "../pool/pool.h"\n'),
    ("the service does not know the wire", "daemon/service/a.c", '#include "grpc/grpc.h"\n'),
    ("a server room interprets no recording", "daemon/cache/a.c", "#include <mef3/session.h>\n"),
    ("nor does the base", "daemon/base/a.c", '#include "mef3/session.h"\n'),
    ("the daemon stays out of the library's rooms", "daemon/decode/a.c",
     '#include "../../lib/red.h"\n'),
    ("the library knows no daemon", "lib/a.c", '#include "../daemon/base/log.h"\n'),
    ("the command uses the public headers", "cli/a.c", '#include "../lib/red.h"\n'),
    ("nor does an example use others", "examples/a.cpp", '#include "../lib/red.h"\n'),
    ("the supervisor does not serve", "daemon/mef3d.c", '#include "service/service.h"\n'),
    ("the worker knows no gRPC", "daemon/worker.c", '#include "grpc/grpc.h"\n'),
    ("only grpc/ speaks HTTP/2", "daemon/service/a.c", "#include <nghttp2/nghttp2.h>\n"),
    ("only the library does cryptography", "daemon/grpc/a.c", "#include <openssl/evp.h>\n"),
    ("a new room needs its arrows", "daemon/new/a.c", "int a;\n"),
    ("the library opens files in its sources", "lib/index.c", "int a = open(b, 0);\n"),
    ("nor a stream", "lib/index.c", "void *a = fopen(b, c);\n"),
    ("a thousand lines are too many", "lib/a.c", "int a;\n" * 1001),
    ("five hundred need a reason", "lib/a.c", "int a;\n" * 501),
    ("tabs", "docs/a.md", "a\tb\n"),
    ("space at the end of a line", "docs/a.md", "a \n"),
    ("somebody's machine", "docs/a.md", "see /" + "root/a\n"),
    ("another layout", "lib/a.c", "int  a;\n"),
]


@pytest.mark.parametrize("why, path, text", FORBIDDEN, ids=[row[0] for row in FORBIDDEN])
def test_a_forbidden_thing_is_seen(house, why, path, text):
    (house / path).parent.mkdir(parents=True, exist_ok=True)
    (house / path).write_text(text)
    status, words = check(house)
    assert status == 1, why
    assert words.startswith(f"{path}:"), words


ALLOWED = [
    ("a room sees the status codes", "daemon/cache/a.c", "#include <mef3/status.h>\n"),
    ("decode sees the library", "daemon/decode/a.c", "#include <mef3/session.h>\n"),
    ("the service tells its story with cache and pool", "daemon/service/a.c",
     '#include "cache/cache.h"\n#include "pool/pool.h"\n'),
    ("a file of the same room", "lib/a.c", '#include "red.h"\n'),
    ("a test sees all", "tests/unit/a.c", '#include "../../lib/red.h"\n'),
    ("a source opens files", "lib/source_folder.c", "int a = open(b, 0);\n"),
    ("calling through a table is not opening", "lib/index.c", "int a = ops->open(b, 0);\n"),
    ("nor is speaking of it", "lib/index.c", "/* open() is elsewhere */\n"),
]


@pytest.mark.parametrize("why, path, text", ALLOWED, ids=[row[0] for row in ALLOWED])
def test_an_allowed_thing_is_let_pass(house, why, path, text):
    (house / path).parent.mkdir(parents=True, exist_ok=True)
    (house / path).write_text(text)
    status, words = check(house)
    assert status == 0, f"{why}: {words}"
