"""A client of /api/v1, as plain as a page of a browser is."""
import http.client
import json
import struct
import urllib.parse

import numpy

from daemon import PATIENCE_S

ROW = numpy.dtype([("start", "<i8"), ("end", "<i8"), ("min", "<f4"), ("max", "<f4"),
                   ("kind", "<u4"), ("rest", "<u4")])
DATA, GAP, UNREADABLE = 0, 1, 2


class Answer:
    def __init__(self, response):
        self.status = response.status
        self.headers = response.headers
        self.body = response.read()

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def problem(self):
        """The words of an answer that is a problem, as RFC 9457 has it."""
        assert self.headers["Content-Type"] == "application/problem+json"
        problem = self.json
        assert problem["status"] == self.status and problem["title"] and problem["type"]
        return problem["detail"]

    def head(self, magic):
        """The head of a binary answer, and where what follows begins."""
        assert self.status == 200, self.body
        assert self.body[:8] == magic
        n, = struct.unpack_from("<I", self.body, 8)
        return json.loads(self.body[12:12 + n]), 12 + n

    @property
    def envelope(self):
        """(head, rows of each channel); the head has a channel's decoded blocks too."""
        head, at = self.head(b"MEF3ENV1")
        rows = []
        for channel in head["channels"]:
            n, channel["decoded_blocks"] = struct.unpack_from("<II", self.body, at)
            rows.append(numpy.frombuffer(self.body, ROW, n, at + 8))
            at += 8 + n * ROW.itemsize
        assert at == len(self.body)
        return head, rows

    @property
    def samples(self):
        """(head, array of channels and samples, what the end says)."""
        head, at = self.head(b"MEF3SMP1")
        n_channels, parts = len(head["channels"]), []
        while (n := struct.unpack_from("<I", self.body, at)[0]) > 0:
            parts.append(numpy.frombuffer(self.body, "<f4", n * n_channels, at + 16)
                         .reshape(n_channels, n))
            at += 16 + 4 * n * n_channels
        n, = struct.unpack_from("<I", self.body, at + 4)
        assert at + 8 + n == len(self.body)
        array = numpy.concatenate(parts, axis=1) if parts else numpy.empty((n_channels, 0), "<f4")
        return head, array, json.loads(self.body[at + 8:])


def ask(port, resource, fields=(), method="GET", **query):
    """One request of its own connection; a list in the query is a parameter again and again."""
    target = "/api/v1/" + resource
    if query:
        target += "?" + urllib.parse.urlencode({k.rstrip("_"): v for k, v in query.items()}, doseq=True)
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_S)
    try:
        connection.request(method, target, headers=dict(fields))
        return Answer(connection.getresponse())
    finally:
        connection.close()
