"""Recordings as tar files, made by others than ourselves: Python's tarfile, GNU tar, bsdtar."""
import io
import subprocess
import tarfile

FORMATS = {"ustar": tarfile.USTAR_FORMAT, "gnu": tarfile.GNU_FORMAT, "pax": tarfile.PAX_FORMAT}


def pack(session, path, layout="pax", prefix=None, folders=True):
    """The folder `session` as the tar `path`; `prefix` instead of its name."""
    root = session.name if prefix is None else prefix
    with tarfile.open(path, "w", format=FORMATS[layout]) as tar:
        for file in [session, *sorted(session.rglob("*"))]:
            inner = file.relative_to(session)
            name = "/".join(part for part in (root, str(inner)) if part not in ("", "."))
            if name and (folders or file.is_file()):
                tar.add(file, arcname=("./" + name if prefix and prefix.startswith("./") else name),
                        recursive=False)
    return path


def pack_by_gnu_tar(session, path):
    subprocess.run(["tar", "-C", session.parent, "-cf", path, session.name], check=True)
    return path


def pack_by_bsdtar(session, path):
    subprocess.run(["bsdtar", "-C", session.parent, "--format", "pax", "-cf", path, session.name],
                   check=True)
    return path


def pack_from_inside(session, path):
    subprocess.run(["tar", "-C", session, "-cf", path, "."], check=True)
    return path


def add(path, name, content=b"", **facts):
    """One more member, of any kind; facts are a TarInfo's."""
    member = tarfile.TarInfo(name)
    member.size = len(content)
    for fact, value in facts.items():
        setattr(member, fact, value)
    with tarfile.open(path, "a") as tar:
        tar.addfile(member, io.BytesIO(content))
    return path


def member_at(path, ending):
    """Where the content of the member whose name ends so begins, and how long it is."""
    with tarfile.open(path) as tar:
        member = next(member for member in tar if member.name.endswith(ending))
        return member.offset_data, member.size
