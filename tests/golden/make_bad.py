#!/usr/bin/python3
"""make_bad.py FOLDER | --run COMMAND...: the recordings of bad/faults.json, one a fault.

Each is a copy of a golden recording with the changes that the table tells. FOLDER must be new;
to be looked at, nothing else is needed. With --run they are made in a folder of their own, whose
path is the last word of the command; the folder is removed when the command has ended.

A change is one line:
    put FILE.FIELD VALUE    write a field, and make the checksums around it true
    add FILE.FIELD VALUE    the same: so much more than it was
    poke FILE.FIELD VALUE   write a field, and leave the checksums as they were
    cut FILE N              so many bytes, and no more
    grow FILE N             so many zeros behind it; its checksums are made true
    block FILE K TO         append block K of a .tdat to it as block TO of its index
    copy PATH PATH, rename PATH PATH, swap PATH PATH, remove PATH
    mkdir PATH, fifo PATH, link PATH TARGET, write PATH TEXT
FILE is tmet, tidx or tdat, of the segment 0 or, as tmet@2, of another; tidx[3] is an entry of an
index, tdat[3] the block that it names. In a path {tmet} is such a file, {segd} its folder, {timd}
its channel's; {golden}, in the target of a link, the golden recordings' folder; %FF is a byte.
The bytes of a text may be given as "hex 00 FF*128".
"""
import json
import os
import pathlib
import re
import shutil
import struct
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
TABLE = HERE / "bad" / "faults.json"
sys.path.insert(0, str(HERE.parent / "system"))
from craft import HEADER, INDEX_BYTES, SECTION_2, Segment, crc  # noqa: E402

SECTION_3 = 13312
OF_ANY_FILE = {
    "header_crc": (0, "I"), "body_crc": (4, "I"), "type": (8, "5s"), "version": (13, "B"),
    "version_minor": (14, "B"), "byte_order": (15, "B"), "start_time": (16, "q"),
    "end_time": (24, "q"), "n_entries": (32, "q"), "most_entry_bytes": (40, "q"),
    "segment_number": (48, "i"), "channel_name": (52, "256s"), "session_name": (308, "256s"),
    "level_uuid": (820, "16s"), "level_1_field": (868, "16s"), "level_2_field": (884, "16s"),
}
OF_TMET = {
    "level_of_section_2": (1024, "b"), "level_of_section_3": (1025, "b"),
    "channel_description": (SECTION_2, "2048s"), "duration": (SECTION_2 + 4096, "q"),
    "acquisition_number": (SECTION_2 + 6152, "q"), "rate": (SECTION_2 + 6160, "d"),
    "low_filter": (SECTION_2 + 6168, "d"), "factor": (SECTION_2 + 6200, "d"),
    "units": (SECTION_2 + 6208, "128s"), "start_sample": (SECTION_2 + 6352, "q"),
    "n_samples": (SECTION_2 + 6360, "q"), "n_blocks": (SECTION_2 + 6368, "q"),
    "most_block_bytes": (SECTION_2 + 6376, "q"), "most_block_samples": (SECTION_2 + 6384, "I"),
    "time_offset": (SECTION_3, "q"), "gmt_offset": (SECTION_3 + 24, "i"),
}
OF_ENTRY = {
    "file_offset": (0, "q"), "start_time": (8, "q"), "start_sample": (16, "q"),
    "n_samples": (24, "I"), "block_bytes": (28, "I"), "flags": (44, "B"),
}
OF_BLOCK = {
    "crc": (0, "I"), "flags": (4, "B"), "slope": (16, "f"), "intercept": (20, "f"),
    "scale": (24, "f"), "difference_bytes": (28, "I"), "n_samples": (32, "I"),
    "block_bytes": (36, "I"), "start_time": (40, "q"), "count_0": (48, "B"),
    "statistics": (48, "256s"), "payload": (304, "B"),
}


def number(layout, text):
    if layout[-1] == "s" and text.startswith("hex "):
        parts = [word.partition("*") for word in text.split(" ")[1:]]
        return b"".join(bytes.fromhex(word) * int(times or 1) for word, _, times in parts)
    if layout[-1] == "s":
        return text.encode()
    return float(text) if layout in "fd" else int(text, 0)


class Bad:
    """A recording that is being made."""

    def __init__(self, path, base):
        self.path = path
        self.channel = next(p.stem for p in sorted(base.iterdir()) if p.suffix == ".timd")
        shutil.copytree(base, path)

    def segment(self, word):
        """The file that a word names, of which segment: "tidx@1[3]" has all parts."""
        found = re.fullmatch(r"(tmet|tidx|tdat)(?:@(\d+))?(?:\[(\d+)\])?", word)
        kind, segment, k = found.groups()
        segment = Segment(self.path, self.channel, int(segment or 0))
        return segment, getattr(segment, kind), kind, None if k is None else int(k)

    def place(self, word):
        """A path within the recording."""
        def known(found):
            if found.group(1) == "timd":
                return f"{self.channel}.timd"
            if found.group(1) == "segd":
                return str(Segment(self.path, self.channel).folder.relative_to(self.path))
            return str(self.segment(found.group(1))[1].relative_to(self.path))

        word = re.sub(r"\{([^}]+)\}", known, word)
        raw = re.sub(rb"%([0-9A-F]{2})", lambda found: bytes([int(found.group(1), 16)]),
                     word.encode())
        return os.path.join(os.fsencode(self.path), raw)

    def write_field(self, verb, word, text):
        name, field = word.rsplit(".", 1)
        segment, path, kind, k = self.segment(name)
        data = bytearray(path.read_bytes())
        base = 0
        fields = OF_ANY_FILE | (OF_TMET if kind == "tmet" else {})
        if k is not None:
            fields = OF_ENTRY if kind == "tidx" else OF_BLOCK
            base = HEADER + k * INDEX_BYTES if kind == "tidx" else segment.index(k)[0]
        at, layout = fields[field]
        value = number(layout, text)
        if verb == "add":
            value += struct.unpack_from("<" + layout, data, base + at)[0]
        struct.pack_into("<" + layout, data, base + at, value)
        if verb != "poke" and kind == "tdat" and k is not None:
            n = segment.index(k)[4]
            struct.pack_into("<I", data, base, crc(data[base + 4:base + n]))
        path.write_bytes(data)
        if verb != "poke" and field not in ("header_crc", "body_crc"):
            segment.mend(path)
        elif verb != "poke":
            struct.pack_into("<I", data, 0, crc(data[4:HEADER]))
            path.write_bytes(data)

    def append_block(self, name, k, to):
        """Another block like block k, named by an entry of the index that there is."""
        segment, path, _, _ = self.segment(name)
        at, _, _, _, n = segment.index(int(k))
        data = path.read_bytes()
        path.write_bytes(data + data[at:at + n])
        segment.mend(path)
        segment.put_index(int(to), 0, "q", len(data))

    def change(self, line):
        verb, rest = line.split(" ", 1)
        words = rest.split(" ")
        if verb in ("put", "add", "poke"):
            self.write_field(verb, words[0], rest.split(" ", 1)[1])
        elif verb == "cut":
            segment, path, _, _ = self.segment(words[0])
            segment.cut(path, int(words[1]))
        elif verb == "grow":
            segment, path, _, _ = self.segment(words[0])
            path.write_bytes(path.read_bytes() + bytes(int(words[1])))
            segment.mend(path)
        elif verb == "block":
            self.append_block(*words)
        else:
            n_places = 2 if verb in ("copy", "rename", "swap") else 1
            self.change_tree(verb, [self.place(word) for word in words[:n_places]], rest)

    def change_tree(self, verb, places, rest):
        if verb == "copy":
            (shutil.copytree if os.path.isdir(places[0]) else shutil.copy)(*places)
        elif verb == "rename":
            os.rename(*places)
        elif verb == "swap":
            os.rename(places[0], places[0] + b"~")
            os.rename(places[1], places[0])
            os.rename(places[0] + b"~", places[1])
        elif verb == "remove":
            (shutil.rmtree if os.path.isdir(places[0]) else os.unlink)(places[0])
        elif verb == "mkdir":
            os.makedirs(places[0])
        elif verb == "fifo":
            os.mkfifo(places[0])
        elif verb == "link":
            os.symlink(rest.split(" ")[1].replace("{golden}", str(HERE)), places[0])
        elif verb == "write":
            pathlib.Path(os.fsdecode(places[0])).write_text(rest.split(" ", 1)[1])
        else:
            raise ValueError(f"{verb}: no such change")


def make(folder):
    faults = json.loads(TABLE.read_text())
    for fault in faults:
        bad = Bad(folder / f"{fault['name']}.mefd", HERE / f"{fault['of']}.mefd")
        for line in fault["change"]:
            bad.change(line)
    return len(faults)


def main():
    if len(sys.argv) > 2 and sys.argv[1] == "--run":
        with tempfile.TemporaryDirectory() as folder:
            make(pathlib.Path(folder))
            return subprocess.run(sys.argv[2:] + [folder], check=False).returncode
    if len(sys.argv) != 2 or sys.argv[1].startswith("-"):
        print(__doc__.split("\n")[0], file=sys.stderr)
        return 2
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True)
    print(f"{make(folder)} recordings in {folder}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
