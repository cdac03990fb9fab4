"""A client of the wire contract, as plain as those that exist."""
import sys
import threading

import grpc
import numpy

from daemon import BUILD

sys.path.insert(0, str(BUILD / "proto" / "python"))
import mef3_pb2 as wire  # noqa: E402
import mef3_pb2_grpc as stubs  # noqa: E402

CALL_S = 100
DAMAGE = "mef3-damage"


class Answer:
    """The messages of a streaming call, and what came after them."""

    def __init__(self, call):
        self.messages = list(call)
        self.code = call.code()
        self.trailing = {key: value for key, value in call.trailing_metadata() or ()}

    @property
    def damage(self):
        return self.trailing.get(DAMAGE, "")

    @property
    def error(self):
        """The error of a reply that is nothing but that."""
        assert len(self.messages) == 1, f"{len(self.messages)} messages"
        message = self.messages[0]
        assert message.error_message, "no error_message"
        bare = wire.SignalChunk(file_path=message.file_path, error_message=message.error_message)
        assert message == bare, "an error has nothing but the path and the message"
        return message.error_message

    @property
    def array(self):
        assert self.messages, "no message"
        parts = []
        for message in self.messages:
            assert not message.error_message, message.error_message
            parts.append(numpy.frombuffer(message.array_bytes, numpy.dtype(message.dtype))
                         .reshape(message.shape))
        return numpy.concatenate(parts, axis=1)


class Client:
    def __init__(self, address, options=(), compression=None):
        self.channel = grpc.insecure_channel(address, options=list(options),
                                             compression=compression)
        self.stub = stubs.gRPCMef3ServerStub(self.channel)

    def close(self):
        self.channel.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def open(self, path):
        return self.stub.OpenFile(wire.OpenFileRequest(file_path=str(path)), timeout=CALL_S)

    def close_file(self, path):
        return self.stub.CloseFile(wire.FileInfoRequest(file_path=str(path)), timeout=CALL_S)

    def info(self, path):
        return self.stub.FileInfo(wire.FileInfoRequest(file_path=str(path)), timeout=CALL_S)

    def list(self):
        return self.stub.ListOpenFiles(wire.ListOpenFilesRequest(), timeout=CALL_S)

    def set_page_seconds(self, path, seconds):
        return self.stub.SetSignalSegmentSize(
            wire.SetSignalSegmentRequest(file_path=str(path), seconds=seconds), timeout=CALL_S)

    def count_pages(self, path):
        return self.stub.GetNumberOfSegments(wire.FileInfoRequest(file_path=str(path)),
                                             timeout=CALL_S)

    def set_channels(self, path, names):
        return self.stub.SetActiveChannels(
            wire.SetActiveChannelsRequest(file_path=str(path), channel_names=names),
            timeout=CALL_S)

    def get_channels(self, path):
        return self.stub.GetActiveChannels(wire.GetActiveChannelsRequest(file_path=str(path)),
                                           timeout=CALL_S)

    def start_page(self, path, page, timeout=CALL_S):
        return self.stub.GetSignalSegment(
            wire.SignalChunkRequest(file_path=str(path), chunk_idx=page), timeout=timeout)

    def page(self, path, page):
        return Answer(self.start_page(path, page))

    def start_range(self, path, start, end, names=(), timeout=CALL_S):
        return self.stub.GetSignalRange(
            wire.SignalRangeRequest(file_path=str(path), channel_names=names,
                                    start_uutc=start, end_uutc=end), timeout=timeout)

    def range(self, path, start, end, names=()):
        return Answer(self.start_range(path, start, end, names))

    def health(self):
        """grpc.health.v1: 1 is SERVING. The messages are small enough to spell out."""
        check = self.channel.unary_unary("/grpc.health.v1.Health/Check")
        reply = check(b"", timeout=CALL_S)
        assert reply[:1] == b"\x08" and len(reply) == 2, reply
        return reply[1]


def together(workers):
    """Run functions at once in threads; the first failure is raised."""
    failures = []

    def guarded(work):
        try:
            work()
        except BaseException as failure:  # noqa: B902 - handed on to the test
            failures.append(failure)

    threads = [threading.Thread(target=guarded, args=(work,)) for work in workers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
