"""What lies on the wire between two sidecars: a relay that keeps it, a reader of TLS records, a test's own clients."""
import dataclasses
import socket
import ssl
import struct
import threading

import h2.config
import h2.connection
import h2.events

HANDSHAKE, CHANGE_CIPHER_SPEC, ALERT, APPLICATION_DATA = 22, 20, 21, 23
CLIENT_HELLO, SERVER_HELLO = 1, 2
SUPPORTED_VERSIONS = 43
TLS_1_3 = 0x0304


def split(address: str) -> tuple[str, int]:
    host, _, port = address.rpartition(":")
    return host, int(port)


class RecordingRelay:
    """Hands bytes on between a client and `target`, and keeps all of them, by connection and direction."""

    def __init__(self, target: str):
        self.target = split(target)
        self.connections: list[tuple[bytearray, bytearray]] = []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self.listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            server = socket.create_connection(self.target)
            kept = (bytearray(), bytearray())
            self.connections.append(kept)
            threading.Thread(target=self._pump, args=(client, server, kept[0]), daemon=True).start()
            threading.Thread(target=self._pump, args=(server, client, kept[1]), daemon=True).start()

    @staticmethod
    def _pump(source, sink, kept):
        try:
            while data := source.recv(65536):
                kept += data  # kept first: what arrived was seen
                sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.listener.close()


def records(data: bytes) -> list[tuple[int, bytes]]:
    """(type, content) of every whole TLS record; fails on bytes that are none (RFC 8446 §5.1)."""
    found, at = [], 0
    while at + 5 <= len(data):
        kind, version, length = struct.unpack_from("!BHH", data, at)
        known = kind in (HANDSHAKE, CHANGE_CIPHER_SPEC, ALERT, APPLICATION_DATA)
        assert known, f"byte {at} begins no record: {data[at:at + 16]}"
        assert version in (0x0301, 0x0303) and length <= 16640, f"byte {at}: {data[at:at + 5].hex()}"
        if at + 5 + length > len(data):
            break
        found.append((kind, bytes(data[at + 5:at + 5 + length])))
        at += 5 + length
    return found


@dataclasses.dataclass
class Hello:
    kind: int
    extensions: dict[int, bytes]

    @property
    def versions(self) -> list[int]:
        """What a client offers, or the one that a server chose (RFC 8446 §4.2.1)."""
        body = self.extensions[SUPPORTED_VERSIONS]
        if self.kind == CLIENT_HELLO:
            body = body[1:1 + body[0]]
        return list(struct.unpack(f"!{len(body) // 2}H", body))


def hello(content: bytes) -> Hello:
    """Reads a ClientHello or ServerHello (RFC 8446 §4.1.2, §4.1.3)."""
    kind = content[0]
    assert int.from_bytes(content[1:4], "big") == len(content) - 4
    at = 4 + 2 + 32
    at += 1 + content[at]  # session id
    if kind == CLIENT_HELLO:
        at += 2 + int.from_bytes(content[at:at + 2], "big")  # cipher suites
        at += 1 + content[at]  # compression methods
    else:
        at += 3
    end = at + 2 + int.from_bytes(content[at:at + 2], "big")
    at += 2
    extensions = {}
    while at < end:
        name, length = struct.unpack_from("!HH", content, at)
        extensions[name] = content[at + 4:at + 4 + length]
        at += 4 + length
    return Hello(kind, extensions)


def client_context(roots: str, files: dict | None = None) -> ssl.SSLContext:
    """Believes the mesh's authority; shows the certificate in `files`, or none."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False  # members have no DNS name
    context.load_verify_locations(cadata=roots)
    context.set_alpn_protocols(["h2"])
    if files:
        context.load_cert_chain(files["certificate_file"], files["key_file"])
    return context


def refusal(address: str, context: ssl.SSLContext) -> str:
    """How a server ends a connection. In TLS 1.3 a client hears after its handshake that it was refused."""
    try:
        with socket.create_connection(split(address), timeout=10) as plain, context.wrap_socket(plain) as secure:
            while secure.recv(4096):
                pass
            return "closed"
    except ssl.SSLError as error:
        return error.reason or str(error)


def served_certificate(address: str, context: ssl.SSLContext) -> bytes:
    """The certificate that a server shows now, in DER."""
    with socket.create_connection(split(address), timeout=10) as plain, context.wrap_socket(plain) as secure:
        return secure.getpeercert(binary_form=True)


class Reply(dict):
    """The fields of an answer, trailers among them; `body` is its gRPC message."""
    body = b""


def raw_call(
    address: str, context: ssl.SSLContext, path: str, fields: list[tuple[str, str]], body: bytes = b""
) -> Reply:
    """One gRPC call by a client that sends whatever it is told to, as no sidecar would."""
    with socket.create_connection(split(address), timeout=10) as plain, context.wrap_socket(plain) as secure:
        connection = h2.connection.H2Connection(h2.config.H2Configuration(
            header_encoding="utf-8", validate_outbound_headers=False, normalize_outbound_headers=False))
        connection.initiate_connection()
        stream = connection.get_next_available_stream_id()
        connection.send_headers(stream, [
            (":method", "POST"), (":scheme", "https"), (":authority", "course"), (":path", path),
            ("content-type", "application/grpc"), ("te", "trailers"), *fields])
        connection.send_data(stream, struct.pack("!BI", 0, len(body)) + body, end_stream=True)
        secure.sendall(connection.data_to_send())
        reply, message = Reply(), b""
        while data := secure.recv(65536):
            for event in connection.receive_data(data):
                if isinstance(event, (h2.events.ResponseReceived, h2.events.TrailersReceived)):
                    reply.update(event.headers)
                elif isinstance(event, h2.events.DataReceived):
                    message += event.data
                elif isinstance(event, h2.events.StreamReset):
                    reply["reset"] = str(event.error_code)
                if isinstance(event, (h2.events.StreamEnded, h2.events.StreamReset)):
                    reply.body = message[5:]
                    return reply
            secure.sendall(connection.data_to_send())
        return reply
