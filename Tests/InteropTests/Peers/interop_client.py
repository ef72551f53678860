"""interop_client.py PORT [ROOTS]: every case as grpcio runs it; prints `CASE passed`, or what went wrong."""
import queue
import sys
import time
import traceback

import grpc
import contracts
from contracts import INITIAL, SPECIAL, TRAILING, messages

LIMIT = 20  # seconds: a call that hangs fails
REQUESTS = [27182, 8, 1828, 45904]
REPLIES = [31415, 9, 2653, 58979]


def new_channel(*options):
    return contracts.channel(sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else None, *options)


connection = new_channel()
stub = contracts.stub(connection, "grpc.testing.TestService")


def payload(size):
    return messages.Payload(body=bytes(size))


def simple(size, reply_size, **fields):
    return messages.SimpleRequest(response_size=reply_size, payload=payload(size), **fields)


def output(size, *reply_sizes, **fields):
    parameters = [messages.ResponseParameters(size=reply_size) for reply_size in reply_sizes]
    return messages.StreamingOutputCallRequest(payload=payload(size), response_parameters=parameters, **fields)


def ends(code, call, message=None):
    """What `call` gives must end with `code`; answers the error."""
    try:
        outcome = call()
        if not hasattr(outcome, "SerializeToString"):
            list(outcome)
    except grpc.RpcError as error:
        assert error.code() == code, f"{error.code()} {error.details()!r}"
        assert message is None or error.details() == message, repr(error.details())
        return error
    raise AssertionError(f"ended well, not with {code}")


class Feed:
    """Requests that are given one at a time."""

    def __init__(self):
        self.queue = queue.Queue()

    def __iter__(self):
        return iter(self.queue.get, None)


def empty_unary():
    assert stub.EmptyCall(messages.Empty(), timeout=LIMIT) == messages.Empty()


def large_unary():
    assert len(stub.UnaryCall(simple(271828, 314159), timeout=LIMIT).payload.body) == 314159


def client_streaming():
    requests = (messages.StreamingInputCallRequest(payload=payload(size)) for size in REQUESTS)
    assert stub.StreamingInputCall(requests, timeout=LIMIT).aggregated_payload_size == 74922


def server_streaming():
    replies = stub.StreamingOutputCall(output(0, *REPLIES), timeout=LIMIT)
    assert [len(reply.payload.body) for reply in replies] == REPLIES


def ping_pong():
    feed = Feed()
    call = stub.FullDuplexCall(iter(feed), timeout=LIMIT)
    for size, reply_size in zip(REQUESTS, REPLIES):
        feed.queue.put(output(size, reply_size))
        assert len(next(call).payload.body) == reply_size
    feed.queue.put(None)
    assert list(call) == []


def half_duplex():
    calls = [output(size, reply) for size, reply in zip(REQUESTS, REPLIES)]
    assert [len(reply.payload.body) for reply in stub.HalfDuplexCall(iter(calls), timeout=LIMIT)] == REPLIES


def empty_stream():
    assert list(stub.FullDuplexCall(iter(()), timeout=LIMIT)) == []


def timeout_on_sleeping_server():
    feed = Feed()
    feed.queue.put(output(27182))
    ends(grpc.StatusCode.DEADLINE_EXCEEDED, lambda: stub.FullDuplexCall(iter(feed), timeout=0.001))
    feed.queue.put(None)


def timeout_in_service():
    parameters = [messages.ResponseParameters(size=1, interval_us=60_000_000)]
    request = messages.StreamingOutputCallRequest(response_parameters=parameters)
    ends(grpc.StatusCode.DEADLINE_EXCEEDED, lambda: stub.StreamingOutputCall(request, timeout=0.1))


def cancel_after_begin():
    feed = Feed()
    call = stub.StreamingInputCall.future(iter(feed), timeout=LIMIT)
    call.cancel()
    assert call.cancelled() and call.code() == grpc.StatusCode.CANCELLED
    feed.queue.put(None)


def cancel_after_first_response():
    feed = Feed()
    call = stub.FullDuplexCall(iter(feed), timeout=LIMIT)
    feed.queue.put(output(27182, 31415))
    assert len(next(call).payload.body) == 31415
    call.cancel()
    ends(grpc.StatusCode.CANCELLED, lambda: call)
    feed.queue.put(None)


def status_code_and_message():
    status = messages.EchoStatus(code=2, message="test status message")
    expect_status(status)
    call = lambda: stub.FullDuplexCall(iter([output(0, response_status=status)]), timeout=LIMIT)
    ends(grpc.StatusCode.UNKNOWN, call, status.message)


def special_status_message():
    expect_status(messages.EchoStatus(code=2, message=SPECIAL))


def expect_status(status):
    ends(grpc.StatusCode.UNKNOWN, lambda: stub.UnaryCall(simple(0, 0, response_status=status), timeout=LIMIT), status.message)


def custom_metadata():
    sent = ((INITIAL, "test_initial_metadata_value"), (TRAILING, b"\xab\xab\xab"))
    _, unary = stub.UnaryCall.with_call(simple(271828, 314159), metadata=sent, timeout=LIMIT)
    duplex = stub.FullDuplexCall(iter([output(271828, 314159)]), metadata=sent, timeout=LIMIT)
    assert [len(reply.payload.body) for reply in duplex] == [314159]
    for call in (unary, duplex):
        assert dict(call.initial_metadata())[INITIAL] == "test_initial_metadata_value"
        assert dict(call.trailing_metadata())[TRAILING] == b"\xab\xab\xab"


def unimplemented_method():
    ends(grpc.StatusCode.UNIMPLEMENTED, lambda: stub.UnimplementedCall(messages.Empty(), timeout=LIMIT))


def unimplemented_service():
    stranger = contracts.stub(connection, "grpc.testing.UnimplementedService")
    ends(grpc.StatusCode.UNIMPLEMENTED, lambda: stranger.UnimplementedCall(messages.Empty(), timeout=LIMIT))


def concurrent_large_unary():
    calls = [stub.UnaryCall.future(simple(271828, 314159), timeout=LIMIT) for _ in range(100)]
    assert all(len(call.result().payload.body) == 314159 for call in calls)


def cacheable_unary():
    call = lambda: stub.CacheableUnaryCall.with_call(simple(16, 16), metadata=(("x-user-ip", "1.2.3.4"),), timeout=LIMIT)
    (first, head), (second, _) = call(), call()
    assert first == second and len(first.payload.body) == 16
    assert dict(head.initial_metadata())["cache-control"] == "max-age=60, public"


def rpc_soak():
    for _ in range(20):
        begun = time.monotonic()
        assert len(stub.UnaryCall(simple(271828, 314159), timeout=LIMIT).payload.body) == 314159
        assert time.monotonic() - begun < 1


def channel_soak():
    for _ in range(10):
        begun = time.monotonic()
        with new_channel(("grpc.use_local_subchannel_pool", 1)) as fresh:
            other = contracts.stub(fresh, "grpc.testing.TestService")
            assert len(other.UnaryCall(simple(271828, 314159), timeout=LIMIT).payload.body) == 314159
        assert time.monotonic() - begun < 1


def long_lived_channel():
    large_unary()
    time.sleep(0.3)
    large_unary()


def pick_first_unary():
    request = messages.SimpleRequest(fill_server_id=True)
    servers = {stub.UnaryCall(request, timeout=LIMIT).server_id for _ in range(100)}
    assert len(servers) == 1 and servers != {""}, servers


def inspecting_stub():
    """A stub whose replies come with whether they travelled compressed."""
    return contracts.stub(new_channel(contracts.AS_IT_CAME), "grpc.testing.TestService", contracts.inflated)


def client_compressed_unary():
    flags = lambda expected: {"expect_compressed": messages.BoolValue(value=expected)}
    probe = lambda: stub.UnaryCall(simple(271828, 314159, **flags(True)), timeout=LIMIT)
    ends(grpc.StatusCode.INVALID_ARGUMENT, probe)
    for compression in (grpc.Compression.Gzip, grpc.Compression.Deflate, grpc.Compression.NoCompression):
        expected = compression != grpc.Compression.NoCompression
        reply = stub.UnaryCall(simple(271828, 314159, **flags(expected)), compression=compression, timeout=LIMIT)
        assert len(reply.payload.body) == 314159


def server_compressed_unary():
    for wanted in (True, False):
        request = simple(271828, 314159, response_compressed=messages.BoolValue(value=wanted))
        assert len(stub.UnaryCall(request, timeout=LIMIT).payload.body) == 314159
        reply, was_compressed = inspecting_stub().UnaryCall(request, timeout=LIMIT)
        assert len(reply.payload.body) == 314159 and was_compressed == wanted


def client_compressed_streaming():
    def request(size, expected):
        return messages.StreamingInputCallRequest(
            payload=payload(size), expect_compressed=messages.BoolValue(value=expected))
    ends(grpc.StatusCode.INVALID_ARGUMENT, lambda: stub.StreamingInputCall(iter([request(27182, True)]), timeout=LIMIT))
    # grpcio compresses all messages of a stream or none: the second half of the test is with streams of their own.
    for compression, expected in ((grpc.Compression.Gzip, True), (grpc.Compression.NoCompression, False)):
        requests = iter([request(27182, expected), request(45904, expected)])
        reply = stub.StreamingInputCall(requests, compression=compression, timeout=LIMIT)
        assert reply.aggregated_payload_size == 73086


def server_compressed_streaming():
    wanted = [(31415, True), (92653, False)]
    parameters = [
        messages.ResponseParameters(size=size, compressed=messages.BoolValue(value=compressed)) for size, compressed in wanted]
    request = messages.StreamingOutputCallRequest(response_parameters=parameters)
    replies = inspecting_stub().StreamingOutputCall(request, timeout=LIMIT)
    assert [(len(reply.payload.body), was_compressed) for reply, was_compressed in replies] == wanted
    assert [len(reply.payload.body) for reply in stub.StreamingOutputCall(request, timeout=LIMIT)] == [31415, 92653]


def too_large_request():
    ends(grpc.StatusCode.RESOURCE_EXHAUSTED, lambda: stub.UnaryCall(simple(5 << 20, 1), timeout=LIMIT))


def undecodable_request():
    raw = connection.unary_unary("/grpc.testing.TestService/UnaryCall")
    ends(grpc.StatusCode.INTERNAL, lambda: raw(b"\xff\xff\xff", timeout=LIMIT))


def two_requests_for_one():
    raw = connection.stream_unary("/grpc.testing.TestService/EmptyCall")
    ends(grpc.StatusCode.UNIMPLEMENTED, lambda: raw(iter([b"", b""]), timeout=LIMIT))


CASES = [
    empty_unary, large_unary, client_streaming, server_streaming, ping_pong, half_duplex, empty_stream,
    timeout_on_sleeping_server, timeout_in_service, cancel_after_begin, cancel_after_first_response,
    status_code_and_message, special_status_message, custom_metadata, unimplemented_method, unimplemented_service,
    cacheable_unary, concurrent_large_unary, rpc_soak, channel_soak, long_lived_channel, pick_first_unary,
    client_compressed_unary, server_compressed_unary, client_compressed_streaming, server_compressed_streaming, too_large_request, undecodable_request, two_requests_for_one,
]
for case in CASES:
    try:
        case()
        print(f"{case.__name__} passed")
    except Exception:
        print(f"{case.__name__} failed: {traceback.format_exc()}")
