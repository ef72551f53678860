"""The contracts that these tests serve, compiled by protoc when a peer starts."""
import pathlib
import tempfile

import grpc_tools
import grpc_tools.protoc
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

FOLDER = pathlib.Path(__file__).parents[3] / "proto"
BUILTIN = pathlib.Path(grpc_tools.__file__).parent / "_proto"


def compile_contracts(*files):
    pool = descriptor_pool.DescriptorPool()
    with tempfile.NamedTemporaryFile() as out:
        code = grpc_tools.protoc.main([
            "protoc", f"-I{FOLDER}", f"-I{BUILTIN}", "--include_imports", f"--descriptor_set_out={out.name}", *files])
        assert code == 0, "protoc failed"
        for file in descriptor_pb2.FileDescriptorSet.FromString(pathlib.Path(out.name).read_bytes()).file:
            pool.Add(file)
    return pool


pool = compile_contracts("grpc/testing/test.proto", "learn/course/v1/course.proto")


def method(full_name):
    """The descriptor of `service/Method`, and the classes of its request and its reply."""
    found = pool.FindServiceByName(full_name.split("/")[0]).FindMethodByName(full_name.split("/")[1])
    return found, *(message_factory.GetMessageClass(kind) for kind in (found.input_type, found.output_type))
