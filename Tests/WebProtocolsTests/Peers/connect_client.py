"""connect_client.py PORT: connectrpc's own client, by all its protocols, codecs and versions of HTTP."""
import sys
from dataclasses import dataclass

from connectrpc.client import ConnectClientSync, ResponseMetadata
from connectrpc.code import Code
from connectrpc.errors import ConnectError
from connectrpc.method import IdempotencyLevel, MethodInfo, StreamType
from connectrpc.protocol import ProtocolType
from contracts import method
from google.protobuf import json_format
from pyqwest import HTTPVersion, SyncClient, SyncHTTPTransport

COURSES = "learn.course.v1.CourseService"
TESTS = "grpc.testing.TestService"


@dataclass
class Codec:
    """google.protobuf's messages, which this package does not know by itself."""
    kind: str

    def name(self):
        return self.kind

    def encode(self, message):
        return message.SerializeToString() if self.kind == "proto" else json_format.MessageToJson(message).encode()

    def decode(self, data, message_class):
        if self.kind == "proto":
            return message_class.FromString(bytes(data))
        return json_format.Parse(bytes(data), message_class())


def info(full_name):
    found, request, reply = method(full_name)
    kind = {(False, False): StreamType.UNARY, (True, False): StreamType.CLIENT_STREAM,
            (False, True): StreamType.SERVER_STREAM, (True, True): StreamType.BIDI_STREAM}
    level = {0: IdempotencyLevel.UNKNOWN, 1: IdempotencyLevel.NO_SIDE_EFFECTS, 2: IdempotencyLevel.IDEMPOTENT}
    return MethodInfo(
        name=found.name, service_name=full_name.split("/")[0], input=request, output=reply,
        idempotency_level=level[found.GetOptions().idempotency_level],
        stream_type=kind[found.client_streaming, found.server_streaming])


def unary(client, protocol):
    get = info(f"{COURSES}/GetCourse")
    with ResponseMetadata() as meta:
        reply = client.execute_unary(request=get.input(id="c1"), method=get, headers={"x-echo": "v"}, timeout_ms=20_000)
        assert (reply.id, reply.title, reply.level) == ("c1", 'Ünder "quotes"', 1), reply
        assert meta.headers["x-leading"] == "v" and meta.trailers["x-trailing"] == "v", (meta.headers, meta.trailers)
    if protocol is ProtocolType.CONNECT:
        assert client.execute_unary(request=get.input(id="c1"), method=get, use_get=True).id == "c1"
    try:
        client.execute_unary(request=get.input(), method=get)
        raise AssertionError("an empty id is refused")
    except ConnectError as error:
        assert error.code == Code.INVALID_ARGUMENT and error.message == 'the id is "empty"\n', error
        assert [(d.type_name, d.message_bytes) for d in error.details] == [("google.rpc.ErrorInfo", b"ab")]
    large = info(f"{TESTS}/UnaryCall")
    reply = client.execute_unary(request=large.input(response_size=300_000), method=large)
    assert len(reply.payload.body) == 300_000
    try:
        wait = get.input(id="wait")
        client.execute_unary(request=wait, method=get, timeout_ms=50)
        raise AssertionError("the deadline passes")
    except ConnectError as error:
        assert error.code == Code.DEADLINE_EXCEEDED, error
    none = info(f"{TESTS}/UnimplementedCall")
    try:
        client.execute_unary(request=none.input(), method=none)
        raise AssertionError("the method is not implemented")
    except ConnectError as error:
        assert error.code == Code.UNIMPLEMENTED and error.message == "on purpose", error


def streams(client, duplex):
    watch = info(f"{COURSES}/WatchCourses")
    with ResponseMetadata() as meta:
        events = list(client.execute_server_stream(request=watch.input(), method=watch))
        assert [event.course.id for event in events] == ["a", "b"]
        assert meta.trailers["x-count"] == "2", meta.trailers
    try:
        seen = 0
        for _ in client.execute_server_stream(request=watch.input(), method=watch, headers={"x-fail": "1"}):
            seen += 1
        raise AssertionError("the stream fails")
    except ConnectError as error:
        assert seen == 2 and error.code == Code.UNAVAILABLE and error.message == "no more", error
    total = info(f"{TESTS}/StreamingInputCall")
    sizes = [27182, 8, 1828, 45904]
    requests = (total.input(payload={"body": bytes(size)}) for size in sizes)
    assert client.execute_client_stream(request=requests, method=total).aggregated_payload_size == 74922
    both = info(f"{TESTS}/FullDuplexCall")
    if duplex:
        answers = []

        def asks():
            for size in (31415, 9, 2653):
                yield both.input(response_parameters=[{"size": size}])

        for reply in client.execute_bidi_stream(request=asks(), method=both):
            answers.append(len(reply.payload.body))
        assert answers == [31415, 9, 2653], answers


for version in (HTTPVersion.HTTP1, HTTPVersion.HTTP2):
    http = SyncClient(SyncHTTPTransport(http_version=version))
    for protocol in (ProtocolType.CONNECT, ProtocolType.GRPC_WEB, ProtocolType.GRPC):
        if protocol is ProtocolType.GRPC and version == HTTPVersion.HTTP1:
            continue
        for codec in ("proto", "json") if protocol is ProtocolType.CONNECT else ("proto",):
            for compressed in (False, True):
                options = {} if compressed else {"accept_compression": [], "send_compression": None}
                name = f"{protocol.name} {codec} {'gzip' if compressed else 'identity'} HTTP/{1 if version == HTTPVersion.HTTP1 else 2}"
                client = ConnectClientSync(
                    f"http://127.0.0.1:{sys.argv[1]}", codec=Codec(codec), protocol=protocol, http_client=http, **options)
                unary(client, protocol)
                streams(client, duplex=version == HTTPVersion.HTTP2)
                print(f"{name} passed", flush=True)
