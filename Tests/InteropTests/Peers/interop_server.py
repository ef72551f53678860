"""interop_server.py [CERTIFICATE KEY]: the test service as grpcio serves it; prints `listening on HOST:PORT`."""
import os
import pathlib
import sys
import time
from concurrent import futures

import contracts
import grpc
from contracts import INITIAL, TRAILING, messages


class TestService:
    """It lacks UnimplementedCall, as a server may. Each request comes with whether it travelled compressed."""

    def EmptyCall(self, request, context):
        return messages.Empty()

    def UnaryCall(self, received, context):
        request, was_compressed = received
        echo_metadata(context)
        check(request, was_compressed, context)
        end_if_asked(request, context)
        if request.response_compressed.value:
            context.set_compression(grpc.Compression.Gzip)
        return messages.SimpleResponse(
            payload=messages.Payload(body=bytes(request.response_size)),
            server_id=f"grpcio-{os.getpid()}" if request.fill_server_id else "")

    def CacheableUnaryCall(self, received, context):
        request, _ = received
        context.send_initial_metadata((("cache-control", "max-age=60, public"),))
        return messages.SimpleResponse(payload=messages.Payload(body=bytes(request.response_size)))

    def StreamingOutputCall(self, received, context):
        yield from answers(received[0], context)

    def StreamingInputCall(self, requests, context):
        size = 0
        for request, was_compressed in requests:
            check(request, was_compressed, context)
            size += len(request.payload.body)
        return messages.StreamingInputCallResponse(aggregated_payload_size=size)

    def FullDuplexCall(self, requests, context):
        echo_metadata(context)
        for request, _ in requests:
            yield from answers(request, context)


def answers(request, context):
    end_if_asked(request, context)
    if any(parameters.compressed.value for parameters in request.response_parameters):
        context.set_compression(grpc.Compression.Gzip)
    for parameters in request.response_parameters:
        time.sleep(parameters.interval_us / 1e6)
        if not parameters.compressed.value:
            context.disable_next_message_compression()
        yield messages.StreamingOutputCallResponse(payload=messages.Payload(body=bytes(parameters.size)))


def check(request, was_compressed, context):
    """A request may say whether it must have come compressed."""
    if request.HasField("expect_compressed") and request.expect_compressed.value != was_compressed:
        context.abort(grpc.StatusCode.INVALID_ARGUMENT, "the request did not come as it says")


def end_if_asked(request, context):
    if request.response_status.code:
        code = next(code for code in grpc.StatusCode if code.value[0] == request.response_status.code)
        context.abort(code, request.response_status.message)


def echo_metadata(context):
    sent = dict(context.invocation_metadata())
    if INITIAL in sent:
        context.send_initial_metadata(((INITIAL, sent[INITIAL]),))
    if TRAILING in sent:
        context.set_trailing_metadata(((TRAILING, sent[TRAILING]),))


server = grpc.server(futures.ThreadPoolExecutor(8), options=[contracts.AS_IT_CAME])
server.add_generic_rpc_handlers((contracts.handlers("grpc.testing.TestService", TestService(), contracts.inflated),))
if len(sys.argv) == 3:
    certificate, key = (pathlib.Path(file).read_bytes() for file in sys.argv[1:])
    port = server.add_secure_port("127.0.0.1:0", grpc.ssl_server_credentials([(key, certificate)]))
else:
    port = server.add_insecure_port("127.0.0.1:0")
server.start()
print(f"listening on 127.0.0.1:{port}", flush=True)
server.wait_for_termination()
