"""A strict reader of Prometheus' text format, and the HTTP pages of a daemon."""
import http.client
import math
import re

from daemon import PATIENCE_S

NAME = r"[a-zA-Z_][a-zA-Z0-9_]*"
LABEL = NAME + r'="(?:[^"\\\n]|\\[\\"n])*"'
SAMPLE = re.compile(rf"({NAME})(?:\{{({LABEL}(?:,{LABEL})*)\}})? ([0-9eE.+-]+|[+-]Inf|NaN)")
TYPES = ("counter", "gauge", "histogram")


def get(port, path, method="GET"):
    """The whole answer to one request of its own connection."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_S)
    try:
        connection.request(method, path)
        response = connection.getresponse()
        return response.status, response.headers, response.read().decode()
    finally:
        connection.close()


class Family:
    def __init__(self, help_text):
        self.help = help_text
        self.type = None
        self.samples = {}  # (name, labels in order) -> number

    def label_names(self):
        return {key for _, labels in self.samples for key, _ in labels} - {"le"}

    def check(self, name):
        assert self.type in TYPES, name
        assert self.samples, f"{name} has no sample"
        if self.type == "counter":
            assert name.endswith("_total"), name
            assert all(value >= 0 for value in self.samples.values()), name
        for sample, _ in self.samples:
            ends = ("_bucket", "_sum", "_count") if self.type == "histogram" else ("",)
            assert sample in [name + end for end in ends], sample
        if self.type == "histogram":
            self.check_histogram(name)

    def check_histogram(self, name):
        series = {}
        for (sample, labels), value in self.samples.items():
            if sample == name + "_bucket":
                rest = tuple(pair for pair in labels if pair[0] != "le")
                series.setdefault(rest, []).append((float(dict(labels)["le"]), value))
        for rest, buckets in series.items():
            assert [le for le, _ in buckets] == sorted({le for le, _ in buckets}), name
            assert [n for _, n in buckets] == sorted(n for _, n in buckets), name
            assert math.isinf(buckets[-1][0]), name
            assert self.samples[name + "_count", rest] == buckets[-1][1], name
            assert (name + "_sum", rest) in self.samples, name


def parse(text):
    """name -> Family; an assertion fails at the first thing that is not as it must be."""
    assert text.endswith("\n")
    families, family, name = {}, None, None
    for line in text[:-1].split("\n"):
        if line.startswith("# HELP "):
            _, _, name, words = line.split(" ", 3)
            assert re.fullmatch(NAME, name) and name not in families, line
            family = families[name] = Family(words)
        elif line.startswith("# TYPE "):
            _, _, of, kind = line.split(" ")
            assert of == name and family.type is None and not family.samples, line
            family.type = kind
        else:
            found = SAMPLE.fullmatch(line)
            assert found, f"not a sample: {line!r}"
            labels = tuple(re.findall(rf'({NAME})="((?:[^"\\]|\\.)*)"', found[2] or ""))
            assert (found[1], labels) not in family.samples, f"twice: {line!r}"
            family.samples[found[1], labels] = float(found[3])
    for name, family in families.items():
        family.check(name)
    return families


class Metrics:
    """What a daemon counted until now."""

    def __init__(self, port):
        status, headers, text = get(port, "/metrics")
        assert status == 200
        assert headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
        self.text = text
        self.families = parse(text)

    def __call__(self, name, **labels):
        """One sample; of a histogram, give name_count or name_sum."""
        for family in self.families.values():
            for (sample, pairs), value in family.samples.items():
                if sample == name and dict(pairs) == labels:
                    return value
        raise KeyError(f"{name} {labels}")
