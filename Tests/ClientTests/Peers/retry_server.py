"""grpcio as a server that fails as its caller asks: `retry_server.py COUNT [CHAIN KEY]` serves COUNT ports, prints them, and
ends with its input.

By the call's metadata: `x-codes: 14,14,0` is the status of the first, second, ... attempt on any of the ports; `x-delays: 300,0`
how many milliseconds each takes; `x-pushback: 200` what a failure asks for; `x-head: early` sends the head before the status;
`x-health: NOT_SERVING` changes what the port says of itself. A reply's id names the port's number and the attempts before.
"""

import sys
import threading
import time
from concurrent import futures

import grpc
from grpc_health.v1 import health, health_pb2, health_pb2_grpc

attempts = {}
lock = threading.Lock()


def said(context, name, default=""):
    return dict(context.invocation_metadata()).get(name, default)


def pick(text, index, default):
    parts = [part for part in text.split(",") if part]
    return parts[min(index, len(parts) - 1)] if parts else default


class Echo(grpc.GenericRpcHandler):
    def __init__(self, number, board):
        self.number, self.board = number, board

    def service(self, details):
        return grpc.unary_unary_rpc_method_handler(self.unary)

    def unary(self, request, context):
        call = said(context, "x-call")
        with lock:
            index = attempts.get(call, 0)
            attempts[call] = index + 1
        status = said(context, "x-health")
        if status:
            self.board.set("bench.Echo", health_pb2.HealthCheckResponse.ServingStatus.Value(status))
        time.sleep(int(pick(said(context, "x-delays"), index, "0")) / 1000)
        if said(context, "x-head"):
            context.send_initial_metadata((("x-node", str(self.number)),))
        code = int(pick(said(context, "x-codes"), index, "0"))
        if code:
            if said(context, "x-pushback"):
                context.set_trailing_metadata((("grpc-retry-pushback-ms", said(context, "x-pushback")),))
            context.abort([c for c in grpc.StatusCode if c.value[0] == code][0], "as asked")
        text = f"{self.number} after {index}".encode()
        return b"\x12" + bytes([len(text)]) + text


def main():
    running = []
    for number in range(int(sys.argv[1])):
        board = health.HealthServicer()
        board.set("bench.Echo", health_pb2.HealthCheckResponse.SERVING)
        server = grpc.server(futures.ThreadPoolExecutor(8))
        server.add_generic_rpc_handlers((Echo(number, board),))
        health_pb2_grpc.add_HealthServicer_to_server(board, server)
        if len(sys.argv) > 3:
            with open(sys.argv[2], "rb") as chain, open(sys.argv[3], "rb") as key:
                credentials = grpc.ssl_server_credentials([(key.read(), chain.read())])
            port = server.add_secure_port("127.0.0.1:0", credentials)
        else:
            port = server.add_insecure_port("127.0.0.1:0")
        server.start()
        running.append((server, port))
    print(" ".join(str(port) for _, port in running), flush=True)
    sys.stdin.read()


main()
