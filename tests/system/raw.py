"""A raw HTTP/2 client, to send what no gRPC client would."""
import socket
import struct

import h2.config
import h2.connection
import h2.events

from daemon import PATIENCE_S

SERVICE = "/gRPCMef3Server/"


def framed(message, compressed=False):
    return struct.pack(">BI", compressed, len(message)) + message


class Reply:
    def __init__(self):
        self.headers, self.trailers = {}, {}
        self.data = b""
        self.reset = None

    @property
    def http_status(self):
        return self.headers.get(":status")

    @property
    def grpc_status(self):
        status = self.trailers.get("grpc-status", self.headers.get("grpc-status"))
        return None if status is None else int(status)


class Connection:
    def __init__(self, daemon, settings=None):
        self.socket = socket.create_connection(("127.0.0.1", daemon.port), timeout=PATIENCE_S)
        config = h2.config.H2Configuration(header_encoding="utf-8", validate_outbound_headers=False,
                                           normalize_outbound_headers=False)
        self.h2 = h2.connection.H2Connection(config)
        self.h2.initiate_connection()
        self.replies = {}
        self.ended = set()
        self.events = []
        self.gone_away = False
        if settings:
            self.h2.update_settings(settings)
        self.flush()
        # Both SETTINGS frames, this one and the first, are in force before anything is asked.
        while settings and self.acknowledged() < 2:
            assert self.receive()

    def acknowledged(self):
        return sum(isinstance(e, h2.events.SettingsAcknowledged) for e in self.events)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def flush(self):
        self.socket.sendall(self.h2.data_to_send())

    def request(self, path, body=b"", end=True, **changes):
        """Begin a call; changes replace headers (None leaves one out, _ stands for -)."""
        headers = {":method": "POST", ":scheme": "http", ":path": path, ":authority": "localhost",
                   "te": "trailers", "content-type": "application/grpc"}
        for name, value in changes.items():
            name = ":method" if name == "method" else name.replace("_", "-")
            if value is None:
                headers.pop(name)
            else:
                headers[name] = value
        stream = self.h2.get_next_available_stream_id()
        self.replies[stream] = Reply()
        self.h2.send_headers(stream, list(headers.items()), end_stream=end and not body)
        self.flush()
        self.send(stream, body, end)
        return stream

    def send(self, stream, body, end=True):
        """Send a body as the windows allow; a server that has answered need not take it all."""
        while body and stream not in self.ended:
            room = min(self.h2.local_flow_control_window(stream), self.h2.max_outbound_frame_size)
            if room == 0:
                if not self.receive():
                    return
                continue
            part, body = body[:room], body[room:]
            self.h2.send_data(stream, part, end_stream=end and not body)
            self.flush()

    def receive(self, acknowledge=True):
        """Take in what comes next; False when the server has closed the connection."""
        try:
            data = self.socket.recv(1 << 16)
        except ConnectionError:
            return False
        if not data:
            return False
        for event in self.h2.receive_data(data):
            self.events.append(event)
            reply = self.replies.get(getattr(event, "stream_id", None))
            if isinstance(event, h2.events.ResponseReceived):
                reply.headers = dict(event.headers)
            elif isinstance(event, h2.events.DataReceived):
                reply.data += event.data
                if acknowledge and event.flow_controlled_length:
                    self.h2.acknowledge_received_data(event.flow_controlled_length,
                                                      event.stream_id)
            elif isinstance(event, h2.events.TrailersReceived):
                reply.trailers = dict(event.headers)
            elif isinstance(event, h2.events.StreamReset):
                reply.reset = event.error_code
                self.ended.add(event.stream_id)
            elif isinstance(event, h2.events.StreamEnded):
                self.ended.add(event.stream_id)
            elif isinstance(event, h2.events.ConnectionTerminated):
                self.gone_away = True
        self.flush()
        return True

    def reply(self, stream):
        """Wait for the end of a call."""
        while stream not in self.ended:
            assert self.receive(), "the server closed the connection"
        return self.replies[stream]

    def call(self, path, body=b"", **changes):
        return self.reply(self.request(path, body, **changes))
