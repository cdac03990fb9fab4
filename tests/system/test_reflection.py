"""A client that has no copy of the contract learns it from the server, and calls everything."""
import queue

import grpc
import numpy
import pytest
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

from client import CALL_S
from daemon import BUILD
from golden import SESSIONS, same

ONE = SESSIONS["one_channel"]
SERVICES = {"gRPCMef3Server", "grpc.health.v1.Health", "grpc.reflection.v1.ServerReflection",
            "grpc.reflection.v1alpha.ServerReflection"}
NOT_FOUND, INVALID = 5, 3

# Tools bring the protocol of reflection along; this is theirs, as protoc describes it.
CONTRACT = descriptor_pb2.FileDescriptorSet.FromString(
    (BUILD / "proto" / "contract.binpb").read_bytes())


def messages_of(pool, file):
    """The classes of a file's messages, by name."""
    pool.Add(file)
    factory = message_factory.MessageFactory(pool)
    described = pool.FindFileByName(file.name)
    return {name: factory.GetPrototype(message)
            for name, message in described.message_types_by_name.items()}


class Tool:
    """A client that has only the protocol of reflection."""

    def __init__(self, address, version):
        self.channel = grpc.insecure_channel(address)
        file = next(f for f in CONTRACT.file if f.package == f"grpc.reflection.{version}")
        self.known = messages_of(descriptor_pool.DescriptorPool(), file)
        response = self.known["ServerReflectionResponse"]
        self.ask_all = self.channel.stream_stream(
            f"/grpc.reflection.{version}.ServerReflection/ServerReflectionInfo",
            request_serializer=lambda message: message.SerializeToString(),
            response_deserializer=response.FromString)

    def request(self, **fields):
        return self.known["ServerReflectionRequest"](**fields)

    def ask(self, *requests):
        return list(self.ask_all(iter(requests), timeout=CALL_S))

    def file_of(self, **fields):
        answer, = self.ask(self.request(**fields))
        data, = answer.file_descriptor_response.file_descriptor_proto
        return descriptor_pb2.FileDescriptorProto.FromString(data)

    def services(self):
        answer, = self.ask(self.request(list_services=""))
        return [service.name for service in answer.list_services_response.service]


@pytest.fixture(params=["v1", "v1alpha"])
def tool(request, golden_daemon):
    tool = Tool(golden_daemon.address, request.param)
    yield tool
    tool.channel.close()
    golden_daemon.check_log()


def test_all_services_are_listed_and_healthy(tool):
    services = tool.services()
    assert len(services) == len(SERVICES) and set(services) == SERVICES
    health = messages_of(descriptor_pool.DescriptorPool(),
                         tool.file_of(file_containing_symbol="grpc.health.v1.Health"))
    check = tool.channel.unary_unary("/grpc.health.v1.Health/Check",
                                     request_serializer=lambda message: message.SerializeToString(),
                                     response_deserializer=health["HealthCheckResponse"].FromString)
    for service in ["", *services]:
        assert check(health["HealthCheckRequest"](service=service), timeout=CALL_S).status == 1
    with pytest.raises(grpc.RpcError) as raised:
        check(health["HealthCheckRequest"](service="gRPCMef3Serve"), timeout=CALL_S)
    assert raised.value.code() == grpc.StatusCode.NOT_FOUND


def test_the_files_are_the_contract(tool):
    for file in CONTRACT.file:
        assert tool.file_of(file_by_filename=file.name) == file
        for message in file.message_type:
            symbol = ".".join(filter(None, [file.package, message.name]))
            assert tool.file_of(file_containing_symbol=symbol) == file


def test_every_method_can_be_called_with_what_was_learnt(tool, client):
    called = set()
    for service in tool.services():
        file = tool.file_of(file_containing_symbol=service)
        pool = descriptor_pool.DescriptorPool()
        known = messages_of(pool, file)
        for method in pool.FindServiceByName(service).methods:
            path = f"/{service}/{method.name}"
            request = known[method.input_type.name]()
            described = next(m for s in file.service for m in s.method
                             if pool.FindServiceByName(service).name == s.name
                             and m.name == method.name)
            kind = ("stream" if described.client_streaming else "unary",
                    "stream" if described.server_streaming else "unary")
            call = getattr(tool.channel, "_".join(kind))(
                path, request_serializer=lambda message: message.SerializeToString(),
                response_deserializer=known[method.output_type.name].FromString)
            given = iter([request]) if described.client_streaming else request
            if described.server_streaming:
                answers = call(given, timeout=CALL_S)
                answer = next(answers)
                answers.cancel()
            else:
                answer = call(given, timeout=CALL_S)
            assert answer.DESCRIPTOR.name == method.output_type.name
            called.add(path)
    assert len(called) == 10 + 2 + 2


def test_samples_are_read_with_what_was_learnt(tool, client):
    known = messages_of(descriptor_pool.DescriptorPool(),
                        tool.file_of(file_containing_symbol="gRPCMef3Server.GetSignalRange"))
    assert client.open(ONE.path).file_opened
    read = tool.channel.unary_stream("/gRPCMef3Server/GetSignalRange",
                                     request_serializer=lambda message: message.SerializeToString(),
                                     response_deserializer=known["SignalChunk"].FromString)
    chunks = list(read(known["SignalRangeRequest"](file_path=str(ONE.path), start_uutc=ONE.start,
                                                   end_uutc=ONE.end), timeout=CALL_S))
    parts = [numpy.frombuffer(chunk.array_bytes, chunk.dtype).reshape(chunk.shape)
             for chunk in chunks]
    assert same(numpy.concatenate(parts, 1), ONE.float32(ONE.start, ONE.end))


def test_one_stream_takes_many_requests_and_answers_each(tool):
    requests = [tool.request(host="h", list_services="*"),
                tool.request(file_by_filename="mef3.proto"),
                tool.request(file_by_filename="nowhere.proto"),
                tool.request(file_containing_symbol="SignalChunk.dtype"),
                tool.request(file_containing_symbol="SignalChunk.nothing"),
                tool.request(all_extension_numbers_of_type="SignalChunk"),
                tool.request(file_containing_extension={"containing_type": "SignalChunk",
                                                        "extension_number": 7}),
                tool.request()] * 50
    answers = tool.ask(*requests)
    assert [answer.original_request for answer in answers] == requests
    assert [answer.valid_host for answer in answers] == [request.host for request in requests]
    kinds = [(answer.WhichOneof("message_response"), answer.error_response.error_code)
             for answer in answers[:8]]
    assert kinds == [("list_services_response", 0), ("file_descriptor_response", 0),
                     ("error_response", NOT_FOUND), ("file_descriptor_response", 0),
                     ("error_response", NOT_FOUND), ("error_response", NOT_FOUND),
                     ("error_response", NOT_FOUND), ("error_response", INVALID)]
    assert len(answers) == len(requests)


def test_each_answer_comes_before_the_next_request(tool):
    """As an interactive tool uses it: the stream stays open."""
    requests = queue.SimpleQueue()
    answers = tool.ask_all(iter(requests.get, None), timeout=CALL_S)
    for _ in range(20):
        requests.put(tool.request(file_containing_symbol="gRPCMef3Server"))
        assert next(answers).HasField("file_descriptor_response")
    requests.put(None)
    assert list(answers) == []
    assert answers.code() == grpc.StatusCode.OK
