"""What a program is not linked with, it cannot do."""
import re

import pytest

from conftest import ROOT, run

# Of the library, all of the daemon may have the status codes, and the arithmetic of times and samples.
PLAIN = {name for header in ("counts.h", "status.h", "time.h")
         for name in re.findall(r"\b(mef3_\w+)\(", (ROOT / "include" / "mef3" / header).read_text())}

# Each program, and the libraries that it may have beside C's own.
PROGRAMS = {
    "mef3": {"libcrypto", "libjansson"},
    "mef3-top": {"libcurl", "libncursesw", "libtinfo", "libjansson"},
    "mef3d": {"libuv", "libinih"},
    "mef3d-server": {"libuv", "libnghttp2", "libprotobuf-c", "libz", "libseccomp",
                     "libmicrohttpd", "libjansson"},
    "mef3d-worker": {"libcrypto", "libseccomp", "libjansson"},
    # What paints, which the command and the workers load where it is wanted.
    "draw/mef3-draw.so": {"libcairo", "libfreetype"},
}


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_program_has_no_library_but_its_own(build, program):
    needed = re.findall(r"\(NEEDED\).*\[(lib[\w-]+)\.so", run(["readelf", "-d", build / program]))
    assert set(needed) - {"libc", "libm"} == PROGRAMS[program]


@pytest.mark.parametrize("program", ["mef3d", "mef3d-server"])
def test_what_meets_the_network_interprets_no_recording(build, program):
    names = run(["nm", "--defined-only", "--format=just-symbols", build / program]).split()
    assert {name for name in names if name.startswith("mef3_")} <= PLAIN


def test_what_paints_knows_of_no_recording_and_opens_no_file(build):
    names = run(["nm", "-D", "--format=just-symbols", build / "draw" / "mef3-draw.so"]).split()
    plain = {name.split("@")[0] for name in names}
    assert not {name for name in plain if name.startswith("mef3_")}
    assert not plain & {"open", "open64", "openat", "openat64", "fopen", "fopen64", "FcInit", "FT_New_Face"}
    shown = run(["nm", "-D", "--defined-only", "--format=just-symbols", build / "draw" / "mef3-draw.so"]).split()
    assert shown == ["draw_paint"]


def test_what_reads_recordings_speaks_no_protocol(build):
    names = run(["nm", "--format=just-symbols", build / "mef3d-worker"]).split()
    network = {"accept", "accept4", "bind", "connect", "listen", "getaddrinfo"}
    assert not network & {name.split("@")[0] for name in names}
