"""grpcio as a peer: `client PORT` echoes through a server, `server` serves an echo and prints its port; PEM files make it mTLS.

`pinger PORT` pings too often.
"""

import sys
from concurrent import futures

import grpc


def read(path):
    with open(path, "rb") as file:
        return file.read()


def client(port, files):
    target, options = f"127.0.0.1:{port}", (("grpc.ssl_target_name_override", "course.example"),)
    if files:
        chain, key, roots = map(read, files)
        credentials = grpc.ssl_channel_credentials(roots, key, chain)
        channel = grpc.secure_channel(target, credentials, options)
    else:
        channel = grpc.insecure_channel(target)
    with channel:
        unary = channel.unary_unary("/test.Echo/Unary", request_serializer=bytes, response_deserializer=bytes)
        bodies = [b"", b"hello", b"x" * 1_000_000]
        print("unary", all(unary(body, timeout=20) == body for body in bodies))
        stream = channel.stream_stream("/test.Echo/Both", request_serializer=bytes, response_deserializer=bytes)
        print("stream", list(stream(iter(bodies * 10), timeout=20)) == bodies * 10)
        calls = [unary.future(b"%d" % number, timeout=20) for number in range(200)]
        print("many", all(call.result() == b"%d" % number for number, call in enumerate(calls)))


def pinger(port):
    """Asks far too often during a call that nobody answers, and prints how the call ends."""
    options = (("grpc.keepalive_time_ms", 20), ("grpc.keepalive_timeout_ms", 20_000), ("grpc.http2.max_pings_without_data", 0))
    with grpc.insecure_channel(f"127.0.0.1:{port}", options) as channel:
        unary = channel.unary_unary("/test.Echo/Unary", request_serializer=bytes, response_deserializer=bytes)
        try:
            unary(b"", timeout=30)
        except grpc.RpcError as error:
            print(error.code().name, "too_many_pings" in error.details() or "Too many pings" in error.details())


class Echo(grpc.GenericRpcHandler):
    def service(self, details):
        return grpc.stream_stream_rpc_method_handler(lambda requests, context: requests)


def server(files):
    running = grpc.server(futures.ThreadPoolExecutor(4))
    running.add_generic_rpc_handlers((Echo(),))
    if files:
        chain, key, roots = map(read, files)
        port = running.add_secure_port("127.0.0.1:0", grpc.ssl_server_credentials([(key, chain)], roots, True))
    else:
        port = running.add_insecure_port("127.0.0.1:0")
    running.start()
    print(port, flush=True)
    sys.stdin.read()


if sys.argv[1] == "pinger":
    pinger(int(sys.argv[2]))
elif sys.argv[1] == "client":
    client(int(sys.argv[2]), sys.argv[3:])
else:
    server(sys.argv[2:])
