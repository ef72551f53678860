"""servers.py CLIENT [--engine NAME] [-j JOBS] [NAME...]: servers that misbehave, and our interop-client as their victim.

CLIENT is the program. Each row starts a server on a port of its own, runs the client against it with the row's test case,
and looks at how the client ends: it must say the right status, in time, and behave on the wire as the row says. Prints
`NAME passed`, or what happened; exits with 1 if a row failed.

The rows of gRPC's negative tests have their official names (grpc/doc/negative-http2-interop-test-descriptions.md).
"""
import argparse
import concurrent.futures
import itertools
import select
import socket
import struct
import subprocess
import sys
import threading
import time

import hpack
import wire
from wire import ACK, CONTINUATION, DATA, END, END_HEADERS, GOAWAY, HEADERS, PING, PREFACE, PUSH, SETTINGS, frame

HEAD = [(":status", "200"), ("content-type", "application/grpc")]
OK = [("grpc-status", "0")]
LARGE_REPLY = 314159
LIMIT = 10  # seconds: what a client may take for a row
ROWS = {}


class Peer(wire.Connection):
    """One accepted connection, seen from the server."""

    def __init__(self, accepted):
        self.frames, self.closed, self.buffer = [], False, b""
        self.socket = accepted
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def greet(self, *entries):
        """Reads the client's preface, and sends ours."""
        preface = b""
        while len(preface) < len(PREFACE):
            piece = self.socket.recv(len(PREFACE) - len(preface))
            if not piece:
                self.closed = True
                raise ConnectionError("the client left before its preface")
            preface += piece
        assert preface == PREFACE, preface
        self.send(wire.settings(*entries) + frame(SETTINGS, flags=ACK) + wire.window(0, 1 << 24))
        return self

    def request(self, count=1):
        """Waits for the end of the `count`th request, giving window back; answers its stream."""
        def ends():
            return [frame.stream for frame in self.frames if frame.type < 2 and frame.flags & END]
        while len(ends()) < count:
            seen = len(self.frames)
            if self.closed or not self.hear(wire.PATIENCE):
                raise ConnectionError(f"no request came: {self}")
            for data in self.frames[seen:]:
                if data.type == DATA and data.payload:
                    self.send(wire.window(data.stream, len(data.payload)) + wire.window(0, len(data.payload)))
        return ends()[count - 1]

    def linger(self, patience=2):
        """Hears until the client leaves or is quiet."""
        while self.hear(patience) and not self.closed:
            pass


def message(size):
    """A framed SimpleResponse whose payload has `size` octets."""
    if not size:
        return bytes(5)
    body = b"\x12" + varint(size) + bytes(size)
    reply = b"\x0a" + varint(len(body)) + body
    return b"\0" + struct.pack(">I", len(reply)) + reply


def varint(value):
    out = b""
    while value >= 128:
        out, value = out + bytes([value & 127 | 128]), value >> 7
    return out + bytes([value])


def data(stream, octets, end=False):
    """DATA frames of the usual size."""
    pieces = [octets[at:at + 16_384] for at in range(0, len(octets), 16_384)] or [b""]
    return b"".join(
        frame(DATA, stream, piece, END if end and index == len(pieces) - 1 else 0) for index, piece in enumerate(pieces))


def head(stream, fields=HEAD, end=False):
    return wire.headers(stream, fields, end)


def answer(stream, size=0):
    return head(stream) + data(stream, message(size)) + head(stream, OK, end=True)


def row(wanted, case="empty_unary", arguments=()):
    """A server for one client: `wanted` is how the client ends, "passed" or the name of a status (or several)."""
    def add(function):
        ROWS[function.__name__] = (function, wanted if isinstance(wanted, tuple) else (wanted,), case, arguments)
        return function
    return add


# Each server is told of each connection; what it answers, if anything, must be true or the row fails.

# ---- gRPC's negative tests

@row("passed", "goaway", ("--pause_ms", "100"))
def goaway(peer, number):
    peer.greet()
    stream = peer.request()
    peer.send(answer(stream, LARGE_REPLY) + (frame(GOAWAY, 0, struct.pack(">II", stream, 0)) if number == 0 else b""))
    peer.linger()
    return len([end for end in peer.frames if end.type < 2 and end.flags & END]) == 1


@row("passed", "rst_after_header")
def rst_after_header(peer, number):
    stream = peer.greet().request()
    peer.send(head(stream) + wire.rst(stream, 0))
    peer.linger()


@row("passed", "rst_during_data")
def rst_during_data(peer, number):
    stream = peer.greet().request()
    peer.send(head(stream) + data(stream, message(LARGE_REPLY)[:LARGE_REPLY // 2]) + wire.rst(stream, 0))
    peer.linger()


@row("passed", "rst_after_data")
def rst_after_data(peer, number):
    stream = peer.greet().request()
    peer.send(head(stream) + data(stream, message(LARGE_REPLY)) + wire.rst(stream, 0))
    peer.linger()


@row("passed", "ping")
def ping(peer, number):
    peer.greet()
    pings = [struct.pack(">Q", index) for index in range(20)]
    peer.send(frame(PING, 0, pings[0]))
    stream = peer.request()
    reply = message(LARGE_REPLY)
    peer.send(head(stream))
    for index, octets in enumerate(pings[1:]):
        peer.send(frame(PING, 0, octets) + data(stream, reply[index * 17_000:(index + 1) * 17_000]))
    pongs = lambda: [pong.payload for pong in peer.heard(PING, ack=True)]
    peer.until(lambda: pongs() == pings, "all acknowledgements, in order")
    peer.send(head(stream, OK, end=True))
    peer.linger()
    return pongs() == pings


@row("passed", "max_streams")
def max_streams(peer, number):
    peer.greet((3, 1))
    answered, most = 0, 0
    while not peer.closed and answered < 11:
        stream = peer.request(answered + 1)
        open = {heads.stream for heads in peer.heard(HEADERS)}
        most = max(most, len(open) - answered)
        peer.send(answer(stream, LARGE_REPLY))
        answered += 1
    peer.linger(0.3)
    return number > 0 or most == 1 and answered <= 11


# ---- statuses and bodies

def replies(name, wanted, *frames_of, case="empty_unary", arguments=()):
    """A row whose server answers the request with these frames, made for its stream."""
    def serve(peer, number):
        stream = peer.greet().request()
        peer.send(b"".join(make(stream) for make in frames_of))
        peer.linger()
    serve.__name__ = name
    row(wanted, case, arguments)(serve)


for status, wanted in [
    (400, "INTERNAL"), (401, "UNAUTHENTICATED"), (403, "PERMISSION_DENIED"), (404, "UNIMPLEMENTED"),
    (429, "UNAVAILABLE"), (500, "UNKNOWN"), (502, "UNAVAILABLE"), (503, "UNAVAILABLE"), (504, "UNAVAILABLE"),
]:
    replies(
        f"http_{status}", wanted,
        lambda s, status=status: head(s, [(":status", str(status)), ("content-type", "text/html")]) + data(s, b"<p>", True))
for code, wanted in [
    (0, "INTERNAL"), (1, "INTERNAL"), (2, "INTERNAL"), (3, ("INTERNAL", "RESOURCE_EXHAUSTED")), (5, ("INTERNAL", "UNKNOWN")),
    (6, "INTERNAL"), (8, "CANCELLED"), (9, "INTERNAL"), (11, "RESOURCE_EXHAUSTED"),
    (12, "PERMISSION_DENIED"), (13, ("INTERNAL", "UNKNOWN")), (99, ("INTERNAL", "UNKNOWN")),
]:
    replies(f"rst_{code}", wanted, lambda s, code=code: wire.rst(s, code))

replies("trailers_only", "NOT_FOUND", lambda s: head(s, HEAD + [("grpc-status", "5"), ("grpc-message", "no%20one")], True))
replies("no_trailers", ("INTERNAL", "UNKNOWN"), lambda s: head(s) + data(s, message(0), True))
replies("no_body_no_trailers", ("INTERNAL", "UNKNOWN"), lambda s: head(s, end=True))
replies("no_status_in_trailers", ("INTERNAL", "UNKNOWN"), lambda s: head(s) + data(s, message(0)) + head(s, [("x", "y")], True))
replies("no_message", ("INTERNAL", "UNIMPLEMENTED"), lambda s: head(s) + head(s, OK, True))
replies("two_messages", ("INTERNAL", "UNIMPLEMENTED"), lambda s: head(s) + data(s, message(0) * 2) + head(s, OK, True))
replies("status_is_no_number", "UNKNOWN", lambda s: head(s, HEAD + [("grpc-status", "abc")], True))
replies("status_is_unknown", "UNKNOWN", lambda s: head(s, HEAD + [("grpc-status", "77")], True))
replies("status_is_negative", "UNKNOWN", lambda s: head(s, HEAD + [("grpc-status", "-1")], True))
replies(
    "message_is_badly_encoded", "ABORTED",
    lambda s: head(s, HEAD + [("grpc-status", "10"), ("grpc-message", "50%, %zz %e2%98 %")], True))
replies(
    "details_are_no_base64", "ABORTED",
    lambda s: head(s, HEAD + [("grpc-status", "10"), ("grpc-status-details-bin", "***")], True))
replies("cut_within_a_message", "INTERNAL", lambda s: head(s) + data(s, b"\0\0\0\0\x09abc") + head(s, OK, True))
replies("cut_within_a_prefix", "INTERNAL", lambda s: head(s) + data(s, b"\0\0") + head(s, OK, True))
replies("compressed_without_encoding", "INTERNAL", lambda s: head(s) + data(s, b"\x01\0\0\0\x01x") + head(s, OK, True))
replies(
    "unknown_encoding", "INTERNAL",
    lambda s: head(s, HEAD + [("grpc-encoding", "br")]) + data(s, b"\x01\0\0\0\x01x") + head(s, OK, True))
replies("unknown_flags", "INTERNAL", lambda s: head(s) + data(s, b"\x7f\0\0\0\x01x") + head(s, OK, True))
replies("undecodable_message", "INTERNAL", lambda s: head(s) + data(s, b"\0\0\0\0\x02\xff\xff") + head(s, OK, True))
replies("huge_message", "RESOURCE_EXHAUSTED", lambda s: head(s) + data(s, b"\0\xff\xff\xff\xff" + bytes(1000)))
replies("not_grpc", "UNKNOWN", lambda s: head(s, [(":status", "200"), ("content-type", "text/html")]) + data(s, b"<p>", True))
replies("interim_answers", "passed", lambda s: head(s, [(":status", "103")]) * 5 + answer(s))
replies("empty_data", "passed", lambda s: head(s) + frame(DATA, s) * 20 + data(s, message(0)) + head(s, OK, True))
replies(
    "padded", "passed", lambda s: head(s) + frame(DATA, s, b"\x09" + message(0) + bytes(9), 8) + head(s, OK, True))
replies("one_octet_at_a_time", "passed", lambda s: head(s) + b"".join(frame(DATA, s, b"\0") for _ in range(5)) + head(s, OK, True))
replies("early_answer_to_streaming", "passed", lambda s: answer(s))

# ---- malformed HTTP: the stream is lost, or the connection

replies("no_http_status", "INTERNAL", lambda s: head(s, HEAD[1:], True))
replies("upper_case_name", "INTERNAL", lambda s: head(s, HEAD + [("Upper", "x")], True))
replies("connection_field", "INTERNAL", lambda s: head(s, HEAD + [("connection", "close")], True))
replies("data_before_head", ("INTERNAL", "UNAVAILABLE"), lambda s: data(s, message(0)))
replies("trailers_without_end", "INTERNAL", lambda s: head(s) + data(s, message(0)) + head(s, OK))
replies("wrong_content_length", "INTERNAL", lambda s: head(s, HEAD + [("content-length", "3")]) + data(s, message(0)) + head(s, OK, True))
replies("bad_hpack", ("UNAVAILABLE", "INTERNAL"), lambda s: frame(HEADERS, s, b"\xff\xff\x01", END_HEADERS))
replies("push", ("UNAVAILABLE", "INTERNAL"), lambda s: frame(PUSH, s, struct.pack(">I", 2) + wire.hpack(wire.HEAD), END_HEADERS))
replies("answer_to_nobody", ("UNAVAILABLE", "INTERNAL"), lambda s: head(s + 2, HEAD))
replies("settings_of_wrong_size", ("UNAVAILABLE", "INTERNAL"), lambda s: frame(SETTINGS, 0, b"12345"))
replies("frame_too_large", ("UNAVAILABLE", "INTERNAL"), lambda s: head(s) + frame(DATA, s, bytes(16_385)))
replies("header_list_too_large", ("RESOURCE_EXHAUSTED", "INTERNAL"), lambda s: head(s) + b"".join([
    frame(HEADERS, s, wire.hpack([("x", "y" * 16_000)]), END)] + [
    frame(CONTINUATION, s, wire.hpack([("x", "y" * 16_000)]), END_HEADERS if index == 4 else 0) for index in range(5)]))
replies("continuation_flood", ("UNAVAILABLE", "INTERNAL"), lambda s: frame(HEADERS, s, wire.hpack(HEAD)) + frame(CONTINUATION, s) * 5000)
replies("settings_flood", ("UNAVAILABLE", "INTERNAL"), lambda s: wire.settings((3, 100)) * 200_000)
replies("interim_flood", ("UNAVAILABLE", "INTERNAL", "DEADLINE_EXCEEDED", "RESOURCE_EXHAUSTED"), lambda s: head(s, [(":status", "103")]) * 100_000, arguments=("--rpc_timeout_ms", "3000"))
replies("rst_of_an_idle_stream", ("UNAVAILABLE", "INTERNAL"), lambda s: wire.rst(s + 2))
replies("nothing", "DEADLINE_EXCEEDED", arguments=("--rpc_timeout_ms", "300"))
replies("head_and_nothing", "DEADLINE_EXCEEDED", lambda s: head(s), arguments=("--rpc_timeout_ms", "300"))


# ---- connections

@row("UNAVAILABLE")
def closes_at_once(peer, number):
    pass


@row("UNAVAILABLE")
def speaks_http1(peer, number):
    peer.socket.sendall(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")


@row("UNAVAILABLE")
def speaks_tls(peer, number):
    peer.socket.sendall(bytes.fromhex("15030300020228"))


@row("UNAVAILABLE")
def closes_without_an_answer(peer, number):
    peer.greet().request()


@row("UNAVAILABLE")
def closes_within_an_answer(peer, number):
    stream = peer.greet().request()
    peer.send(head(stream))


@row("UNAVAILABLE")
def breaks_off(peer, number):
    stream = peer.greet().request()
    peer.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    peer.send(head(stream))


@row(("UNAVAILABLE", "passed"))
def refuses(peer, number):
    """REFUSED_STREAM says that nothing was done: a client may try again by itself."""
    stream = peer.greet().request()
    peer.send(wire.rst(stream, 7) if number == 0 and len(peer.heard(HEADERS)) == 1 else answer(stream))
    if len(peer.heard(HEADERS)) == 1:
        try:
            peer.send(answer(peer.request(2)))
        except ConnectionError:
            pass
    peer.linger()


@row(("UNAVAILABLE", "passed"))
def says_goodbye_first(peer, number):
    """A GOAWAY that leaves the request out says that nothing was done."""
    peer.greet()
    stream = peer.request()
    peer.send(frame(GOAWAY, 0, struct.pack(">II", 0, 0)) if number == 0 else answer(stream))
    peer.linger()


@row("UNAVAILABLE")
def scolds(peer, number):
    peer.greet().request()
    peer.send(frame(GOAWAY, 0, struct.pack(">II", 1, 11) + b"too_many_pings"))


@row(("UNAVAILABLE", "DEADLINE_EXCEEDED"), "empty_unary", ("--rpc_timeout_ms", "1000"))
def never_begins(peer, number):
    peer.linger()


@row("DEADLINE_EXCEEDED", "large_unary", ("--rpc_timeout_ms", "500"))
def gives_no_window(peer, number):
    peer.greet((4, 0))
    peer.linger()
    return not peer.heard(DATA)


@row("passed", "large_unary")
def gives_window_by_octets(peer, number):
    """The window opens by little pieces, and a window that was taken back is respected."""
    peer.greet((4, 1000))
    def came():
        return sum(len(part.payload) for part in peer.heard(DATA))
    peer.until(lambda: came() == 1000, "the first thousand octets")
    peer.send(wire.settings((4, 10)) + wire.window(1, 1000))  # 1000 - 990 octets of room
    peer.until(lambda: came() >= 1010, "ten octets more")
    time.sleep(0.05)
    peer.hear(0)
    kept = came() == 1010
    peer.send(wire.settings((4, 1 << 20)) + wire.window(0, 1 << 20))
    peer.send(answer(peer.request(), LARGE_REPLY))
    peer.linger()
    return kept


@row("passed")
def small_frames_and_tables(peer, number):
    """SETTINGS may forbid the peer's table; the request must obey from then on."""
    peer.greet((1, 0), (5, 16_384))
    stream = peer.request()
    decoder = hpack.Decoder()
    decoder.max_allowed_table_size = 4096
    (block,) = [request.payload for request in peer.heard(HEADERS)]
    decoder.decode(block)
    peer.send(answer(stream))
    peer.linger()


class Server(threading.Thread):
    def __init__(self, function):
        super().__init__(daemon=True)
        self.function = function
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.faults = []
        self.over = False

    def run(self):
        for number in itertools.count():
            while not select.select([self.listener], [], [], 0.05)[0]:
                if self.over:
                    self.listener.close()
                    return
            accepted, _ = self.listener.accept()
            threading.Thread(target=self.serve, args=(accepted, number), daemon=True).start()

    def serve(self, accepted, number):
        with Peer(accepted) as peer:
            try:
                if self.function(peer, number) is False:
                    self.faults.append(f"connection {number}: the client did not behave: {peer}")
            except AssertionError as error:
                self.faults.append(f"connection {number}: {error}")
            except OSError:
                pass  # the client left: it says why itself


def run(client, name, engine):
    """None if the row passes, else what went wrong."""
    function, wanted, case, arguments = ROWS[name]
    server = Server(function)
    server.start()
    begun = time.monotonic()
    command = [client, "--server_port", str(server.port), "--test_case", case, "--rpc_timeout_ms", "5000", *arguments]
    if engine:
        command += ["--http2", engine]
    try:
        ended = subprocess.run(command, capture_output=True, text=True, timeout=LIMIT)
    except subprocess.TimeoutExpired:
        return f"the client hangs: {' '.join(command)}"
    finally:
        server.over = True
    said = ended.stdout.strip()
    if ended.returncode not in (0, 1):
        return f"the client broke down ({ended.returncode}): {said} {ended.stderr[-2000:]}"
    outcome = "passed" if ended.returncode == 0 else next(
        (word.strip(":") for word in said.partition(" failed: ")[2].split() if word.strip(":").isupper()), said)
    # Tests say "ended as CODE: ..." or the error itself.
    if outcome not in wanted:
        return f"the client ended with {outcome}, not {' or '.join(wanted)}: {said}"
    if server.faults:
        return "; ".join(server.faults)
    return None


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("client")
    parser.add_argument("--engine", help="the client's engine")
    parser.add_argument("-j", "--jobs", type=int, default=4, help="rows at a time")
    parser.add_argument("names", nargs="*", help=f"rows to try, of {' '.join(ROWS)}")
    arguments = parser.parse_intermixed_args()
    failed = 0
    names = arguments.names or list(ROWS)
    with concurrent.futures.ThreadPoolExecutor(arguments.jobs) as pool:
        for name, fault in zip(names, pool.map(lambda name: run(arguments.client, name, arguments.engine), names)):
            failed += fault is not None
            print(f"{name} passed" if fault is None else f"{name} failed: {fault}", flush=True)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
