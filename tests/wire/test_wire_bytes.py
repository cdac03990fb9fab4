"""proto/mef3_wire.proto, from which the daemon's code is made, is proto/mef3.proto in proto2."""
import os
import pathlib
import random
import subprocess
import sys

import pytest
from google.protobuf import descriptor_pb2

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("MEF3_BUILD", ROOT / "build")).resolve()

sys.path.insert(0, str(BUILD / "proto" / "python"))
import mef3_pb2 as contract  # noqa: E402

# What mef3_wire.proto has of gRPC's own, and the names there.
OF_GRPC = {
    "HealthCheckRequest": "HealthCheckRequest",
    "HealthCheckResponse": "HealthCheckResponse",
    "ReflectionRequest": "ServerReflectionRequest",
    "ReflectionExtension": "ExtensionRequest",
    "ReflectionResponse": "ServerReflectionResponse",
    "ReflectionFiles": "FileDescriptorResponse",
    "ReflectionServices": "ListServiceResponse",
    "ReflectionService": "ServiceResponse",
    "ReflectionError": "ErrorResponse",
}
NAMES = sorted(contract.DESCRIPTOR.message_types_by_name)
TEXTS = ["", "a", "Cz", "night.mefd", "né\u20ac\U0001f9e0", "x" * 300]
INTEGERS = [0, 1, -1, 127, 128, 1577836800000000, 2**63 - 1, -2**63]
REALS = [0.0, -0.0, 1.0, 256.0, 249.75, -1e-3, float("inf")]


def fields(proto, tmp_path):
    """Name, number, type, repeated and packed of every field of every message."""
    out = tmp_path / "set"
    subprocess.run(["protoc", f"-I{ROOT}/proto", f"-o{out}", proto], check=True)
    file = descriptor_pb2.FileDescriptorSet.FromString(out.read_bytes()).file[0]
    found = {}
    for message in file.message_type:
        for field in message.field:
            repeated = field.label == field.LABEL_REPEATED
            is_number = field.type not in (field.TYPE_STRING, field.TYPE_BYTES, field.TYPE_MESSAGE)
            # What proto3 packs by itself, proto2 packs when told.
            packed = repeated and is_number and (file.syntax == "proto3" or field.options.packed)
            found[message.name, field.name] = (field.number, field.type, repeated, packed)
    return found, {message.name for message in file.message_type}


def test_the_two_contracts_have_the_same_fields(tmp_path):
    theirs, names = fields("mef3.proto", tmp_path)
    ours, our_names = fields("mef3_wire.proto", tmp_path)
    assert our_names == names | set(OF_GRPC)
    assert {key: row for key, row in ours.items() if key[0] not in OF_GRPC} == theirs


@pytest.mark.parametrize("version", ["v1", "v1alpha"])
def test_messages_of_grpcs_own_services_have_the_fields_that_it_gives_them(version, tmp_path):
    ours, _ = fields("mef3_wire.proto", tmp_path)
    theirs = fields("grpc/health/v1/health.proto", tmp_path)[0]
    theirs |= fields(f"grpc/reflection/{version}/reflection.proto", tmp_path)[0]
    for (message, field), row in ours.items():
        if message in OF_GRPC:
            assert row == theirs[OF_GRPC[message], field], (message, field)


def values(field, choose):
    if field.type == field.TYPE_STRING:
        return choose(TEXTS)
    if field.type == field.TYPE_BYTES:
        return choose([b"", b"\0\1\2", bytes(range(256)) * 3])
    if field.type == field.TYPE_BOOL:
        return choose([False, True])
    if field.type in (field.TYPE_DOUBLE, field.TYPE_FLOAT):
        return choose(REALS)
    return choose(INTEGERS)


def some_message(name, generator):
    message = getattr(contract, name)()
    for field in message.DESCRIPTOR.fields:
        if generator.random() < 0.3:
            continue
        if field.label == field.LABEL_REPEATED:
            items = [values(field, generator.choice) for _ in range(generator.randrange(5))]
            getattr(message, field.name).extend(items)
        else:
            setattr(message, field.name, values(field, generator.choice))
    return message


def test_the_two_contracts_write_the_same_bytes():
    generator = random.Random(3)
    cases = [(name, some_message(name, generator).SerializeToString())
             for name in NAMES for _ in range(40)]
    lines = "".join(f"{name} {data.hex()}\n" for name, data in cases)
    echoed = subprocess.run([BUILD / "tests" / "wire" / "wire_echo"], input=lines, text=True,
                            capture_output=True, check=True).stdout.splitlines()
    assert len(echoed) == len(cases)
    for (name, data), line in zip(cases, echoed):
        assert line == f"{data.hex()} 0 unknown", name
