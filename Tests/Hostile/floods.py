"""floods.py PORT PID [--roots FILE] [NAME...]: peers that ask for too much, one at a time, of the server with this PID.

Meanwhile an honest client on a connection of its own makes call after call, and the server's memory is watched. A flood
passes if it ended as its row says, if memory stayed within bounds, and if every honest call was answered in time. Prints
`NAME passed`, or what happened; exits with 1 if a flood failed.
"""
import argparse
import itertools
import struct
import sys
import threading
import time

import wire
from wire import ACK, CONTINUATION, DATA, END, END_HEADERS, HEAD, HEADERS, PING, PRIORITY, SETTINGS, Connection, frame

CALM, BORNE, CLOSED = "ENHANCE_YOUR_CALM", "borne", "closed"
MEMORY = 48 << 20  # octets that the server may have grown by after any flood: a connection's window is 16 MiB, and
# what one read brings, or a table remembers, comes on top
LONGEST = 20  # seconds: what one flood may go on
SLOWEST = 5.0  # seconds: what an honest call may take while the flood lasts, in a debug build on a machine with other work
STREAMING = [field if field[0] != ":path" else (":path", "/grpc.testing.TestService/StreamingInputCall") for field in HEAD]
DUPLEX = [field if field[0] != ":path" else (":path", "/grpc.testing.TestService/FullDuplexCall") for field in HEAD]
UNARY = [field if field[0] != ":path" else (":path", "/grpc.testing.TestService/UnaryCall") for field in HEAD]
FLOODS = {}


def flood(*codes, stalls=False):
    """A flood that must end with one of these codes; without codes, or with BORNE, it may be borne, and the connection
    then still answers. CLOSED is an end without a word. `stalls`: what the server answers is never read."""
    def add(function):
        FLOODS[function.__name__] = (function, codes or (BORNE,), stalls)
        return function
    return add


def odd(count, first=1):
    return range(first, first + 2 * count, 2)


# Each flood gives the octets that it sends, piece by piece, until they are over or the connection is.

@flood(CALM, "INTERNAL_ERROR")  # nghttp2 has no better word for it
def rapid_reset(connection):
    """Requests that are given up as soon as they are made (CVE-2023-44487)."""
    for stream in odd(20_000):
        yield wire.headers(stream, end=False) + wire.rst(stream)


@flood(CALM)
def made_to_reset(connection):
    """Requests that the server must reset: their windows overflow (CVE-2025-8671)."""
    for stream in odd(20_000):
        yield wire.headers(stream, end=False) + wire.window(stream, 0x7FFF_FFFF)


@flood(CALM)
def made_to_reset_by_length(connection):
    """Requests that the server must reset: they end before their content-length."""
    for stream in odd(20_000):
        yield wire.headers(stream, HEAD + [("content-length", "9")], end=False) + frame(DATA, stream, b"", END)


@flood(CALM)
def malformed_heads(connection):
    """Requests that are malformed, one behind the other."""
    for stream in odd(20_000):
        yield wire.headers(stream, HEAD + [("Upper", "x")])


@flood(CALM, "PROTOCOL_ERROR")
def continuation(connection):
    """A header block that never ends (CVE-2024-27316)."""
    yield frame(HEADERS, 1, wire.hpack(HEAD), END)
    for _ in range(4000):
        yield frame(CONTINUATION, 1, wire.hpack([("x", "y" * 16_000)]))


@flood(CALM, "PROTOCOL_ERROR")
def empty_continuation(connection):
    """The same without octets."""
    yield frame(HEADERS, 1, wire.hpack(HEAD), END)
    for _ in range(20_000):
        yield frame(CONTINUATION, 1)


@flood(CALM, stalls=True)
def settings_unread(connection):
    """SETTINGS whose acknowledgements nobody reads (CVE-2019-9515)."""
    for _ in range(4000):
        yield wire.settings((3, 100)) * 100


@flood(CALM, stalls=True)
def ping_unread(connection):
    """PINGs whose acknowledgements nobody reads (CVE-2019-9512)."""
    for _ in range(4000):
        yield frame(PING, 0, b"floodfld") * 100


@flood(CALM, BORNE)  # one read of the socket may hold more of them than an honest peer ever has under way
def ping_read(connection):
    """PINGs of somebody who reads: they cost what they cost, and nothing piles up."""
    for _ in range(200):
        yield frame(PING, 0, b"floodfld") * 100


@flood(CALM)
def large_settings(connection):
    """SETTINGS of as many entries as a frame holds."""
    for _ in range(100):
        yield wire.settings(*[(3, 100)] * 2700)


@flood(CALM)
def empty_data(connection):
    """DATA without octets and without an end (CVE-2019-9518)."""
    yield wire.headers(1, STREAMING, end=False)
    for _ in range(2000):
        yield frame(DATA, 1) * 10


@flood()
def tiny_data(connection):
    """A message that comes octet by octet, each in a frame of its own."""
    yield wire.headers(1, STREAMING, end=False) + frame(DATA, 1, b"\0" + struct.pack(">I", 1 << 17))
    for _ in range(1310):
        yield frame(DATA, 1, b"\0") * 100


@flood()
def padded_data(connection):
    """DATA that is padding and nothing else: it counts for the windows, and must come back to them."""
    yield wire.headers(1, STREAMING, end=False)
    padded = frame(DATA, 1, b"\xff" + bytes(256), 8)
    for _ in range(1000):
        if connection.window(1) < 257 * 100:
            connection.until(lambda: connection.window(1) >= 257 * 100, "the window of padding")
        yield padded * 100


@flood()
def tiny_messages(connection):
    """Messages of nothing to a handler that cannot go on, because its replies have no window."""
    yield wire.settings((4, 0)) + wire.headers(1, DUPLEX, end=False)
    request = bytes.fromhex("1202080a")  # a StreamingOutputCallRequest that asks for one reply of ten octets
    message = b"\0" + struct.pack(">I", len(request)) + request
    for _ in range(1100):
        yield frame(DATA, 1, message) * 100


@flood()
def no_window(connection):
    """Replies that are asked for and never let through: 60 of a hundred kilobytes."""
    yield wire.settings((4, 0))
    request = b"\x10" + wire_varint(100_000)  # SimpleRequest.response_size
    for stream in odd(60):
        yield wire.headers(stream, UNARY, end=False) + frame(DATA, stream, b"\0" + struct.pack(">I", len(request)) + request, END)


@flood(CALM)
def table_bomb(connection):
    """A field of four kilobytes is added to the table once and then named by single octets, thousands of times."""
    yield frame(HEADERS, 1, b"\x40" + wire.text("x") + wire.text("y" * 4000) + wire.hpack(HEAD), END | END_HEADERS)
    for stream in odd(2000, 3):
        yield frame(HEADERS, stream, wire.hpack(HEAD) + b"\xbe" * 16_000, END | END_HEADERS)


@flood(CALM)
def huge_list(connection):
    """A header list of a hundred kilobytes for each stream, in as many frames as may be."""
    block = wire.hpack(HEAD + [("x", "y" * 15_000)] * 7)
    pieces = [block[at:at + 16_384] for at in range(0, len(block), 16_384)]
    for stream in odd(2000):
        yield frame(HEADERS, stream, pieces[0], END) + b"".join(
            frame(CONTINUATION, stream, piece, END_HEADERS if piece is pieces[-1] else 0) for piece in pieces[1:])


@flood()
def table_churn(connection):
    """The table's size goes up and down in each block, and it is filled anew."""
    fill = b"".join(b"\x40" + wire.text(f"k{index}") + wire.text("v" * 100) for index in range(20))
    for stream in odd(1000):
        yield frame(HEADERS, stream, b"\x20\x3f\xe1\x1f" + wire.hpack(HEAD) + fill, END | END_HEADERS)
        if stream % 100 == 1:
            connection.until(lambda: connection.ended(stream), "the answer")


@flood()
def priority(connection):
    """PRIORITY for streams that nobody opened, each of which depends on the one before."""
    for first in range(1, 400_000, 200):
        yield b"".join(frame(PRIORITY, stream, struct.pack(">IB", stream - 1, 255)) for stream in odd(100, first))


@flood()
def window_update(connection):
    """WINDOW_UPDATE by one, on the connection and on a stream that is open."""
    yield wire.headers(1, end=False)
    for _ in range(2000):
        yield (wire.window(0, 1) + wire.window(1, 1)) * 100


@flood()
def unknown_frames(connection):
    """Frames of no known type, as large as may be."""
    for _ in range(2000):
        yield frame(0x42, 0, bytes(16_384), 0xFF)


@flood(CLOSED, BORNE)  # who says goodbye and has nothing under way may be let go
def goaways(connection):
    """GOAWAY with debug data, over and over."""
    for _ in range(500):
        yield frame(wire.GOAWAY, 0, struct.pack(">II", 0, 0) + b"d" * 8000)


@flood("PROTOCOL_ERROR", CALM)  # what comes above the limit may be refused, as long as it is not too much
def too_many_streams(connection):
    """More streams than were allowed, all left open."""
    for stream in odd(5000):
        yield wire.headers(stream, end=False)


@flood()
def half_done(connection):
    """As many requests as are allowed, all with a message that has begun and never goes on."""
    for stream in odd(900):
        yield wire.headers(stream, end=False) + frame(DATA, stream, b"\0\0\x3f\xff\xff" + bytes(1000))


def wire_varint(value):
    out = b""
    while value >= 128:
        out, value = out + bytes([value & 127 | 128]), value >> 7
    return out + bytes([value])


class Flooder(Connection):
    """Counts what it has of its windows, and reads only if the flood lets it."""

    def __init__(self, *arguments):
        self.sent = {}
        super().__init__(*arguments)

    def window(self, stream):
        grown = sum(struct.unpack(">I", update.payload)[0] for update in self.heard(wire.WINDOW, stream))
        (first,) = [
            value for settings in self.heard(SETTINGS, ack=False)
            for key, value in struct.iter_unpack(">HI", settings.payload) if key == 4]
        return first + grown - self.sent.get(stream, 0)

    def send_counted(self, piece):
        at = 0
        while at < len(piece):
            length = int.from_bytes(piece[at:at + 3], "big")
            if piece[at + 3] == DATA:
                (stream,) = struct.unpack_from(">I", piece, at + 5)
                self.sent[stream] = self.sent.get(stream, 0) + length
            at += 9 + length
        return self.send(piece)


class Honest(threading.Thread):
    """Calls on a connection of its own, one after the other, until told to stop."""

    def __init__(self, port, roots):
        super().__init__(daemon=True)
        self.connection = Connection(port, roots)
        self.calls, self.slowest, self.fault, self.over = 0, 0.0, None, threading.Event()

    def run(self):
        try:
            for stream in odd(1 << 20):
                if self.over.is_set():
                    return
                begun = time.monotonic()
                self.connection.send(wire.headers(stream, end=False) + frame(DATA, stream, wire.MESSAGE, END))
                self.connection.until(lambda: self.connection.ended(stream), "the answer to an honest call")
                self.slowest = max(self.slowest, time.monotonic() - begun)
                self.calls += 1
                self.connection.frames.clear()
                time.sleep(0.002)
        except (AssertionError, OSError) as error:
            self.fault = str(error)

    def stop(self):
        self.over.set()
        self.join(wire.PATIENCE + 1)
        self.connection.socket.close()


def resident(pid):
    with open(f"/proc/{pid}/status") as status:
        return next(int(line.split()[1]) << 10 for line in status if line.startswith("VmRSS"))


def send_unread(connection, piece):
    """Sends without reading; False when the server does not read any more, or has gone."""
    connection.socket.settimeout(1)
    try:
        connection.socket.sendall(piece)
        return True
    except (TimeoutError, OSError):
        return False


def run(name, port, pid, roots, before):
    """What went wrong, or None, and figures."""
    function, codes, stalls = FLOODS[name]
    honest = Honest(port, roots)
    honest.start()
    most = resident(pid)
    begun = time.monotonic()
    with Flooder(port, roots) as connection:
        for index, piece in enumerate(function(connection)):
            sent = send_unread(connection, piece) if stalls else connection.send_counted(piece)
            if index % 64 == 0:
                most = max(most, resident(pid))
                if not stalls:
                    connection.hear(0)
            if not sent or connection.closed or time.monotonic() - begun > LONGEST:
                break
        connection.socket.settimeout(None)
        if BORNE not in codes:
            connection.until(lambda: connection.closed)
        isAlive = not connection.closed and connection.ping(b"stillok?", patience=5)
        most = max(most, resident(pid))
        honest.stop()
    outcome = BORNE if isAlive else connection.goaway or CLOSED if connection.closed else "silence"
    figures = (
        f"{outcome}, grew by {(most - before) >> 10} KiB, {honest.calls} honest calls, the slowest in "
        f"{honest.slowest * 1000:.0f} ms, {time.monotonic() - begun:.1f} s")
    if outcome not in codes:
        return f"the flood ended with {outcome}, not {' or '.join(codes)}: {connection}", figures
    if most - before > MEMORY:
        return f"the server grew by {(most - before) >> 10} KiB, over the bound of {MEMORY >> 10}", figures
    if honest.fault or not honest.calls or honest.slowest > SLOWEST:
        return f"an honest client suffered: {honest.calls} calls, the slowest in {honest.slowest:.3f} s, {honest.fault}", figures
    return None, figures


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("port")
    parser.add_argument("pid")
    parser.add_argument("--roots", help="the roots that vouch for the server: then over TLS")
    parser.add_argument("-v", "--verbose", action="store_true", help="figures of each flood")
    parser.add_argument("names", nargs="*", help=f"floods to try, of {' '.join(FLOODS)}")
    arguments = parser.parse_intermixed_args()
    with Connection(arguments.port, arguments.roots) as first:
        first.ping(b"warm-up!")
    before = resident(arguments.pid)
    failed = 0
    for name in arguments.names or FLOODS:
        try:
            fault, figures = run(name, arguments.port, arguments.pid, arguments.roots, before)
        except (AssertionError, OSError) as error:
            fault, figures = f"{type(error).__name__}: {error}", ""
        failed += fault is not None
        print(f"{name} failed: {fault}" if fault else f"{name} passed{f' ({figures})' if arguments.verbose else ''}", flush=True)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
