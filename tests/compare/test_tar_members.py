"""Where members are: the library against Python's tarfile, in tars that three programs made."""
import io
import os
import pathlib
import random
import subprocess
import tarfile

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("MEF3_BUILD", ROOT / "build")).resolve()
PROGRAM = BUILD / "tests" / "compare" / "tar_members"
FORMATS = {"ustar": tarfile.USTAR_FORMAT, "gnu": tarfile.GNU_FORMAT, "pax": tarfile.PAX_FORMAT}
LETTERS = "abcXYZ019 -_.ßč\u0305🧠\x01%"


def found(path):
    """{path: (where, how long, kind)}, and how it ended."""
    words = subprocess.run([PROGRAM, path], check=True, capture_output=True).stdout
    *lines, status = words.decode().split("\n")[:-1]
    members = {}
    for line in lines:
        at, n, kind, name = line.split(" ", 3)
        members[name] = (int(at), int(n), kind)
    return members, status.removeprefix("= ")


def expected(path):
    """The same by tarfile; the later one of two counts."""
    members = {}
    with tarfile.open(path) as tar:
        for member in tar:
            name = "/".join(part for part in member.name.split("/") if part not in ("", "."))
            if not name.startswith("x.mefd/"):
                continue
            kind = "d" if member.isdir() else "f"
            at = member.offset_data if kind == "f" else None
            members[name.removeprefix("x.mefd/")] = (at, member.size if kind == "f" else 0, kind)
    return members


def compare(path):
    members, status = found(path)
    assert status == "OK"
    # Where a folder's content would be is nobody's business.
    members = {name: (at if kind == "f" else None, n, kind)
               for name, (at, n, kind) in members.items()}
    assert members == expected(path)
    return len(members)


def some_name(rng):
    while True:
        name = "".join(rng.choices(LETTERS, k=rng.choice([1, 3, 12, 60, 110])))
        if name.strip(".") and len(name.encode()) < 250:
            return name


def some_tree(rng, folder):
    """Folders and files of any names and lengths."""
    folders = [folder / "x.mefd"]
    folders[0].mkdir()
    for _ in range(rng.randrange(1, 25)):
        above = rng.choice(folders)
        path = above / some_name(rng)
        if path.exists() or len(str(path.relative_to(folder)).encode()) > 900:
            continue
        if rng.random() < 0.3:
            path.mkdir()
            folders.append(path)
        else:
            path.write_bytes(rng.randbytes(rng.choice([0, 1, 511, 512, 513, 5000, 10240])))


@pytest.mark.parametrize("seed", range(12))
def test_members_are_where_tarfile_finds_them(tmp_path, seed):
    rng = random.Random(seed)
    some_tree(rng, tmp_path)
    path = tmp_path / "x.mefd.tar"
    n = 0
    for layout in ("gnu", "pax"):
        with tarfile.open(path, "w", format=FORMATS[layout]) as tar:
            tar.add(tmp_path / "x.mefd", rng.choice(["x.mefd", "./x.mefd"]))
        n += compare(path)
    for command in (["tar", "--format=gnu"], ["tar", "--format=posix"], ["bsdtar", "--format=pax"],
                    ["bsdtar", "--format=gnutar"]):
        subprocess.run([*command, "-C", tmp_path, "-cf", path, "x.mefd"], check=True,
                       env=dict(os.environ, LC_ALL="C.UTF-8"))
        n += compare(path)
    assert n >= 6


@pytest.mark.parametrize("command", [["tar", "--format=v7"], ["tar", "--format=oldgnu"],
                                     ["tar", "--format=ustar"], ["bsdtar", "--format=ustar"],
                                     ["bsdtar", "--format=v7tar"]], ids=" ".join)
def test_old_formats_are_read(tmp_path, command):
    folder = tmp_path / "x.mefd" / "Cz.timd" / "Cz-000000.segd"
    folder.mkdir(parents=True)
    for kind in ("tmet", "tidx", "tdat"):
        (folder / f"Cz-000000.{kind}").write_bytes(b"x" * 1000)
    path = tmp_path / "x.mefd.tar"
    subprocess.run([*command, "-C", tmp_path, "-cf", path, "x.mefd"], check=True)
    assert compare(path) == 5


@pytest.mark.parametrize("headers", [
    {"size": "700"}, {"mtime": "1.5", "comment": "ä" * 400}, {"path": "x.mefd/other"},
    {"path": "x.mefd/" + "p" * 200, "size": "5"}, {"SCHILY.xattr.user.x": "a=b\nc"},
], ids=repr)
def test_what_pax_says_counts_as_for_tarfile(tmp_path, headers):
    path = tmp_path / "x.mefd.tar"
    with tarfile.open(path, "w", format=tarfile.PAX_FORMAT) as tar:
        for name in ("before", "it", "after"):
            member = tarfile.TarInfo(f"x.mefd/{name}")
            member.size = int(headers.get("size", 3)) if name == "it" else 3
            member.pax_headers = headers if name == "it" else {}
            tar.addfile(member, io.BytesIO(b"x" * member.size))
    if "size" in headers:  # the header itself says something else
        data = bytearray(path.read_bytes())
        with tarfile.open(path) as tar:
            at = tar.getmembers()[1].offset_data - 512
        wrong = tarfile.TarInfo.frombuf(bytes(data[at:at + 512]), "utf-8", "strict")
        wrong.size, wrong.pax_headers = 1, {}
        data[at:at + 512] = wrong.tobuf(tarfile.USTAR_FORMAT)[:512] if len(wrong.name) < 100 \
            else data[at:at + 512]
        path.write_bytes(data)
    assert compare(path) == 3


@pytest.mark.parametrize("seed", range(8))
def test_what_is_added_counts_as_for_tarfile(tmp_path, seed):
    rng = random.Random(1000 + seed)
    path = tmp_path / "x.mefd.tar"
    with tarfile.open(path, "w", format=FORMATS[rng.choice(["gnu", "pax"])]) as tar:
        for _ in range(20):
            member = tarfile.TarInfo("x.mefd/" + rng.choice(["a", "./b", "c//d", "c/e"]))
            member.size = rng.randrange(2000)
            tar.addfile(member, io.BytesIO(b"x" * member.size))
    assert compare(path) <= 4
