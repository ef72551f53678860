"""The contracts of the interop tests, compiled by protoc when a peer starts.

They are built without modules: the package `grpc.testing` would have to be one inside grpcio's own package.
"""
import gzip
import pathlib
import tempfile
import types

import grpc
import grpc_tools.protoc
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

SERVER_NAME = "interop.test"
INITIAL = "x-grpc-test-echo-initial"
TRAILING = "x-grpc-test-echo-trailing-bin"
SPECIAL = "\t\ntest with whitespace\r\nand Unicode BMP \u263a and non-BMP \U0001f608\t\n"


def compile_contracts():
    """The messages by name, and the pool that knows the services."""
    folder = pathlib.Path(__file__).parents[3] / "proto"
    with tempfile.NamedTemporaryFile() as out:
        code = grpc_tools.protoc.main([
            "protoc", f"-I{folder}", "--include_imports", f"--descriptor_set_out={out.name}", "grpc/testing/test.proto"])
        assert code == 0, "protoc failed"
        files = descriptor_pb2.FileDescriptorSet.FromString(pathlib.Path(out.name).read_bytes()).file
    pool = descriptor_pool.DescriptorPool()
    for file in files:
        pool.Add(file)
    classes = message_factory.GetMessageClassesForFiles([file.name for file in files], pool)
    return types.SimpleNamespace(**{name.rsplit(".", 1)[1]: kind for name, kind in classes.items()}), pool


messages, pool = compile_contracts()


def methods(service):
    """Each method of a service: its name, path, kind (as grpcio names it) and the two message classes."""
    for method in pool.FindServiceByName(service).methods:
        kind = "_".join("stream" if streams else "unary" for streams in (method.client_streaming, method.server_streaming))
        request, reply = (message_factory.GetMessageClass(kind) for kind in (method.input_type, method.output_type))
        yield method.name, f"/{service}/{method.name}", kind, request, reply


# A channel or server with this option hands messages on as they travelled: see `inflated`.
AS_IT_CAME = ("grpc.per_message_decompression", 0)


def inflated(kind):
    """Reads a message of this kind; answers whether it travelled compressed as well."""
    def read(octets):
        isCompressed = octets[:2] == b"\x1f\x8b"  # no message begins so: field 3 would be of the wire type 7
        return kind.FromString(gzip.decompress(octets) if isCompressed else octets), isCompressed
    return read


def stub(connection, service, decode=lambda kind: kind.FromString):
    """A client of a service, with a callable for each method."""
    return types.SimpleNamespace(**{
        name: getattr(connection, kind)(path, request.SerializeToString, decode(reply))
        for name, path, kind, request, reply in methods(service)})


def handlers(service, implementation, decode):
    """What a server serves for a service: the methods that the implementation has."""
    return grpc.method_handlers_generic_handler(service, {
        name: getattr(grpc, f"{kind}_rpc_method_handler")(
            getattr(implementation, name), decode(request), reply.SerializeToString)
        for name, _, kind, request, reply in methods(service) if hasattr(implementation, name)})


def channel(port, roots, *more):
    """A channel to a port of this machine; with TLS if there is a file of roots."""
    options = [("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1), *more]
    if roots is None:
        return grpc.insecure_channel(f"127.0.0.1:{port}", options)
    credentials = grpc.ssl_channel_credentials(pathlib.Path(roots).read_bytes())
    options.append(("grpc.ssl_target_name_override", SERVER_NAME))
    return grpc.secure_channel(f"127.0.0.1:{port}", credentials, options)
