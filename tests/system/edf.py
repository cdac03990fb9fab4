"""EDF, EDF+, BDF and BDF+ files, written as their specification says, and with what it forbids."""
import struct

import numpy


class Signal:
    def __init__(self, label, samples, units="uV", physical=(-3276.8, 3276.7),
                 digital=(-32768, 32767), rate=256, prefilter="", transducer=""):
        self.label, self.units, self.physical, self.digital = label, units, physical, digital
        self.samples = numpy.asarray(samples)
        self.rate, self.prefilter, self.transducer = rate, prefilter, transducer


def field(value, n):
    return str(value).encode("latin-1")[:n].ljust(n)


def tal(onset, *texts, duration=None):
    """A list of texts at a time, in seconds; without texts, a record's own time."""
    word = f"{onset:+.6f}".rstrip("0").rstrip(".")
    if duration is not None:
        word += f"\x15{duration:.6f}".rstrip("0").rstrip(".")
    return word.encode() + b"\x14" + b"".join(text + b"\x14" for text in texts or [b""]) + b"\0"


def packed(samples, width):
    if width == 2:
        return numpy.asarray(samples, "<i2").tobytes()
    return b"".join(struct.pack("<i", int(value))[:3] for value in samples)


def build(signals, kind="EDF+C", onsets=None, texts=(), record_s=1, n_records=None,
          date="02.03.02", time="14.27.05", patient="X X X X", recording="Startdate 02-MAR-2002 X X X",
          annotation_bytes=120):
    """The bytes of a file. kind: EDF, EDF+C, EDF+D, BDF, BDF+C, BDF+D. onsets: when each record
    begins, in seconds. texts: lists for the first records, a list of `tal`s each."""
    is_bdf, is_plus = kind.startswith("BDF"), "+" in kind
    width = 3 if is_bdf else 2
    per_record = [round(signal.rate * record_s) for signal in signals]
    n = len(signals[0].samples) // per_record[0] if signals else len(onsets)
    onsets = onsets if onsets is not None else [i * record_s for i in range(n)]
    rows = [(s.label, s.transducer, s.units, *s.physical, *s.digital, s.prefilter, spr, "")
            for s, spr in zip(signals, per_record)]
    if is_plus:
        limit = 8388608 if is_bdf else 32768
        rows.append((kind[:3] + " Annotations", "", "", -1, 1, -limit, limit - 1, "",
                     annotation_bytes // width, ""))
    head = b"\xffBIOSEMI" if is_bdf else field(0, 8)
    head += field(patient, 80) + field(recording, 80) + field(date, 8) + field(time, 8)
    head += field(256 * (1 + len(rows)), 8) + field(kind if is_plus else "24BIT" if is_bdf else "", 44)
    head += field(n if n_records is None else n_records, 8) + field(record_s, 8)
    head += field(len(rows), 4)
    for column, size in enumerate((16, 80, 8, 8, 8, 8, 8, 80, 8, 32)):
        head += b"".join(field(row[column], size) for row in rows)
    body = []
    for record in range(n):
        for signal, spr in zip(signals, per_record):
            body.append(packed(signal.samples[record * spr:(record + 1) * spr], width))
        if is_plus:
            lists = tal(onsets[record]) if onsets[record] is not None else b""
            lists += b"".join(texts[record] if record < len(texts) else [])
            body.append(lists.ljust(annotation_bytes // width * width, b"\0"))
    return head + b"".join(body)
