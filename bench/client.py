"""Servers as the benches start them, and a client as laboratories have it."""
import os
import socket
import subprocess
import time

import grpc
import mef3_pb2 as mef3
import mef3_pb2_grpc as api
import numpy

SECOND = 1_000_000


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    """A daemon, the floor or a peer, on a free port; ended on the way out."""

    def __init__(self, command, environment=None, folder=None, log=subprocess.DEVNULL):
        self.port = free_port()
        # A peer's reader makes relative names absolute with $PWD.
        own = {"PORT": str(self.port), "PWD": str(folder or os.getcwd()), **(environment or {})}
        self.process = subprocess.Popen(command, env={**os.environ, **own}, cwd=folder,
                                        stdout=subprocess.DEVNULL, stderr=log)

    def __enter__(self):
        for _ in range(1000):
            try:
                socket.create_connection(("127.0.0.1", self.port), 0.1).close()
                return self
            except OSError:
                time.sleep(0.02)
        self.process.kill()
        raise SystemExit("the server did not start")

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(30)

    def client(self, **kind):
        client = Client(self.port, **kind)
        grpc.channel_ready_future(client.channel).result(10)
        return client


class Client:
    """Counts the samples' bytes of what it reads. With `joins` it does first what a client of a
    laboratory does: makes one array of the messages."""

    def __init__(self, port, joins=False):
        self.channel = grpc.insecure_channel(f"127.0.0.1:{port}")
        self.stub = api.gRPCMef3ServerStub(self.channel)
        self.take = join if joins else count
        self.names = []

    def open(self, path):
        info = self.stub.OpenFile(mef3.OpenFileRequest(file_path=path))
        if not info.file_opened:
            raise SystemExit(f"{path}: {info.error_message}")
        self.names = list(info.channel_names)
        return info

    def range(self, path, start, end):
        return self.take(self.stub.GetSignalRange(mef3.SignalRangeRequest(
            file_path=path, channel_names=self.names, start_uutc=start, end_uutc=end)))

    def set_pages(self, path, seconds):
        self.stub.SetActiveChannels(mef3.SetActiveChannelsRequest(
            file_path=path, channel_names=self.names))
        return self.stub.SetSignalSegmentSize(mef3.SetSignalSegmentRequest(
            file_path=path, seconds=seconds)).number_of_segments

    def page(self, path, number):
        return self.take(self.stub.GetSignalSegment(
            mef3.SignalChunkRequest(file_path=path, chunk_idx=number)))

    def close(self):
        self.channel.close()


def checked(messages):
    for message in messages:
        if message.error_message:
            raise SystemExit(message.error_message)
        yield message


def count(messages):
    return sum(len(message.array_bytes) for message in checked(messages))


def join(messages):
    arrays = [numpy.frombuffer(message.array_bytes, message.dtype).reshape(message.shape)
              for message in checked(messages)]
    whole = numpy.concatenate(arrays, axis=1) if len(arrays) > 1 else arrays[0]
    return whole.nbytes


def timed(call, *arguments):
    start = time.perf_counter()
    n = call(*arguments)
    return time.perf_counter() - start, n


def windows(info, seconds, limit_s=None):
    """(start, end) of all windows of a recording, or of its first seconds."""
    end = info.end_uutc
    if limit_s:
        end = min(end, info.start_uutc + int(limit_s * SECOND))
    step = int(seconds * SECOND)
    return [(t, min(t + step, end)) for t in range(info.start_uutc, end, step)]
