"""What scipy says of the filters: reads cases as JSON, writes their output. For filters.test.js."""
import json
import sys

import numpy
from scipy import signal


def sections(case):
    rate, found = case["rate"], []
    if case["highpass"]:
        found.append(signal.butter(2, case["highpass"], "highpass", fs=rate, output="sos"))
    if case["lowpass"]:
        found.append(signal.butter(2, case["lowpass"], "lowpass", fs=rate, output="sos"))
    for i, frequency in enumerate(case["notches"], 1):
        found.append(signal.tf2sos(*signal.iirnotch(frequency, 30 * i, fs=rate)))
    return numpy.concatenate(found)


def filtered(sos, values):
    """Each stretch between NaN alone, from the steady state of its first sample."""
    out = numpy.full(len(values), numpy.nan)
    edges = numpy.flatnonzero(numpy.diff(numpy.concatenate([[1], numpy.isnan(values), [1]])))
    for start, end in edges.reshape(-1, 2):
        state = signal.sosfilt_zi(sos) * values[start]
        out[start:end], _ = signal.sosfilt(sos, values[start:end], zi=state)
    return out


answers = []
for one in json.load(sys.stdin):
    sos = sections(one)
    values = numpy.array([numpy.nan if v is None else v for v in one["values"]])
    answers.append({"sections": (sos / sos[:, 3:4])[:, [0, 1, 2, 4, 5]].tolist(),
                    "output": [None if numpy.isnan(v) else v for v in filtered(sos, values)]})
json.dump(answers, sys.stdout)
