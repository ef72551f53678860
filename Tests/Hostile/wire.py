"""HTTP/2 by hand: a connection that sends what it is told, right or wrong, and keeps what the other side says."""
import select
import socket
import ssl
import struct
import time
from collections import namedtuple

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
DATA, HEADERS, PRIORITY, RST, SETTINGS, PUSH, PING, GOAWAY, WINDOW, CONTINUATION = range(10)
END, ACK, END_HEADERS, PADDED = 1, 1, 4, 8
CODES = [
    "NO_ERROR", "PROTOCOL_ERROR", "INTERNAL_ERROR", "FLOW_CONTROL_ERROR", "SETTINGS_TIMEOUT", "STREAM_CLOSED",
    "FRAME_SIZE_ERROR", "REFUSED_STREAM", "CANCEL", "COMPRESSION_ERROR", "CONNECT_ERROR", "ENHANCE_YOUR_CALM",
    "INADEQUATE_SECURITY", "HTTP_1_1_REQUIRED",
]
# A request that gRPC's test service answers with an empty message.
HEAD = [
    (":method", "POST"), (":scheme", "http"), (":path", "/grpc.testing.TestService/EmptyCall"),
    (":authority", "localhost"), ("te", "trailers"), ("content-type", "application/grpc"),
]
MESSAGE = bytes(5)
PATIENCE = 10  # seconds: an answer that does not come by then never comes


class Frame(namedtuple("Frame", "type flags stream payload")):
    def __str__(self):
        names = ["data", "headers", "priority", "rst", "settings", "push", "ping", "goaway", "window", "continuation"]
        name = names[self.type] if self.type < 10 else f"frame {self.type}"
        detail = f" {self.code}" if self.type in (RST, GOAWAY) else f" {len(self.payload)}" if self.type == DATA else ""
        return f"{name} {self.stream}{detail}{' end' if self.type < 2 and self.flags & END else ''}"

    @property
    def code(self):
        """The error code of RST_STREAM or GOAWAY, by its name."""
        (code,) = struct.unpack_from(">I", self.payload, 4 if self.type == GOAWAY else 0)
        return CODES[code] if code < len(CODES) else str(code)


def frame(type, stream=0, payload=b"", flags=0):
    return struct.pack(">I", len(payload))[1:] + struct.pack(">BBI", type, flags, stream) + payload


def integer(value, bits, first):
    """An integer of HPACK (RFC 7541 §5.1) in the low bits of an octet whose others are `first`'s."""
    limit = (1 << bits) - 1
    if value < limit:
        return bytes([first | value])
    out, value = [first | limit], value - limit
    while value >= 128:
        out.append(value & 127 | 128)
        value >>= 7
    return bytes(out + [value])


def text(value):
    value = value.encode("latin-1") if isinstance(value, str) else value
    return integer(len(value), 7, 0) + value


def hpack(fields):
    """Literals that are not added to the table, without Huffman code (RFC 7541 §6.2.2)."""
    return b"".join(b"\0" + text(name) + text(value) for name, value in fields)


def headers(stream, fields=HEAD, end=True):
    return frame(HEADERS, stream, hpack(fields), END_HEADERS | (END if end else 0))


def rst(stream, code=8):
    return frame(RST, stream, struct.pack(">I", code))


def window(stream, increment):
    return frame(WINDOW, stream, struct.pack(">I", increment))


def settings(*entries):
    return frame(SETTINGS, 0, b"".join(struct.pack(">HI", *entry) for entry in entries))


class Connection:
    """A connection to a port of this machine; over TLS if there is a file of roots."""

    def __init__(self, port, roots=None, greets=True):
        self.frames = []
        self.closed = False
        self.buffer = b""
        self.socket = socket.create_connection(("127.0.0.1", int(port)), PATIENCE)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if roots:
            context = ssl.create_default_context(cafile=roots)
            context.set_alpn_protocols(["h2"])
            self.socket = context.wrap_socket(self.socket, server_hostname="interop.test")
            assert self.socket.selected_alpn_protocol() == "h2"
        if greets:
            self.greet()

    def greet(self, *entries):
        """Exchanges the prefaces."""
        self.send(PREFACE + settings(*entries))
        self.until(lambda: self.heard(SETTINGS, ack=False) and self.heard(SETTINGS, ack=True), "the server's SETTINGS")
        self.send(frame(SETTINGS, flags=ACK))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, data):
        """Sends all of `data`, and hears meanwhile, so that neither side waits for the other; answers whether it went."""
        view = memoryview(data)
        while view and not self.closed:
            readable, writable, _ = select.select([self.socket], [self.socket], [], PATIENCE)
            if not readable and not writable:
                raise TimeoutError("the server neither reads nor writes")
            if readable:
                self.hear(0)
            if writable and not self.closed:
                try:
                    view = view[self.socket.send(view[:65536]):]
                except (ConnectionResetError, BrokenPipeError, ssl.SSLEOFError):
                    self.drain()
        return not view

    def drain(self):
        """Hears what came before the end."""
        while self.hear(0.2) and not self.closed:
            pass
        self.closed = True

    def hear(self, patience):
        """Waits for octets, and keeps the frames that they make whole; False if none came."""
        if self.closed:
            return False
        pending = isinstance(self.socket, ssl.SSLSocket) and self.socket.pending()
        if not pending and not select.select([self.socket], [], [], patience)[0]:
            return False
        try:
            data = self.socket.recv(1 << 18)
        except (ConnectionResetError, ssl.SSLError):
            data = b""
        if not data:
            self.closed = True
        self.buffer += data
        while len(self.buffer) >= 9:
            length = int.from_bytes(self.buffer[:3], "big")
            if len(self.buffer) < 9 + length:
                break
            type, flags, stream = struct.unpack_from(">BBI", self.buffer, 3)
            self.frames.append(Frame(type, flags, stream, self.buffer[9:9 + length]))
            self.buffer = self.buffer[9 + length:]
        return True

    def until(self, condition, what=None, patience=PATIENCE):
        """Hears until `condition` holds. If it never does: an error that names `what`, or False."""
        end = time.monotonic() + patience
        while not condition():
            if self.closed or not self.hear(max(0, end - time.monotonic())):
                if condition():
                    break
                if what:
                    raise AssertionError(f"{what} did not come; {'closed after ' if self.closed else ''}{self}")
                return False
        return True

    def heard(self, type, stream=None, ack=None):
        return [
            frame for frame in self.frames
            if frame.type == type and (stream is None or frame.stream == stream)
            and (ack is None or bool(frame.flags & ACK) == ack)]

    def ended(self, stream):
        return any(frame.type < 2 and frame.stream == stream and frame.flags & END for frame in self.frames)

    def ping(self, octets, patience=PATIENCE):
        """Whether a PING is answered: then everything before it was read."""
        self.send(frame(PING, 0, octets))
        return self.until(lambda: any(pong.payload == octets for pong in self.heard(PING, ack=True)), patience=patience)

    @property
    def goaway(self):
        """The code of the GOAWAY that ended the connection, if one came."""
        return self.heard(GOAWAY)[-1].code if self.heard(GOAWAY) else None

    def __str__(self):
        shown = [str(frame) for frame in self.frames[-12:]]
        return f"[{', '.join(shown)}]{' closed' if self.closed else ''}"
