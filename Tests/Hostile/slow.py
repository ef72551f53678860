"""slow.py PORT [--roots FILE] [NAME...]: peers that take their time, each on a connection of its own.

The server must have been told small limits (interop-server --handshake_timeout_ms 400
--idle_timeout_ms 1000 --write_timeout_ms 800). A row
passes if the server ends the connection, or the stream, in time: not at once, and not never. Prints `NAME passed`, or what
happened; exits with 1 if a row failed.
"""
import argparse
import concurrent.futures
import socket
import struct
import sys
import time

import wire
from floods import UNARY, wire_varint
from wire import DATA, END, HEAD, HEADERS, PREFACE, RST, SETTINGS, Connection, frame

SHORTEST, LONGEST = 0.2, 6.0  # seconds: limits are a few hundred milliseconds, and this machine may be busy
ROWS = {}


def row(function):
    ROWS[function.__name__] = function
    return function


def bare(port):
    return socket.create_connection(("127.0.0.1", int(port)), wire.PATIENCE)


def ends(connection):
    """Waits until the other side has closed."""
    connection.settimeout(LONGEST)
    try:
        while connection.recv(65536):
            pass
    except ConnectionResetError:
        pass


def drip(connection, octets, pause=0.05):
    """One octet at a time, until somebody has had enough."""
    connection.settimeout(0.001)
    begun = time.monotonic()
    for octet in octets:
        if time.monotonic() - begun > LONGEST:
            raise TimeoutError("the server bears it for ever")
        try:
            connection.sendall(bytes([octet]))
            if not connection.recv(65536):
                return
        except TimeoutError:
            pass
        except OSError:
            return
        time.sleep(pause)


@row
def says_nothing(port, roots):
    ends(bare(port))


@row
def drips_its_first_octets(port, roots):
    """The preface, or the beginning of a TLS handshake that promises a record of sixteen thousand octets."""
    drip(bare(port), b"\x16\x03\x01\x40\x00\x01" + bytes(200) if roots else PREFACE[:-1] * 10)


@row
def has_no_settings(port, roots):
    with Connection(port, roots, greets=False) as connection:
        connection.send(PREFACE)
        ends(connection.socket)


@row
def drips_its_settings(port, roots):
    with Connection(port, roots, greets=False) as connection:
        connection.send(PREFACE)
        drip(connection.socket, frame(SETTINGS, 0, bytes(600))[:-1])


@row
def never_ends_its_head(port, roots):
    """A header block that stops half-way is no call, so its connection idles."""
    with Connection(port, roots) as connection:
        connection.send(frame(HEADERS, 1, wire.hpack(HEAD)[:40], END))
        ends(connection.socket)


@row
def drips_its_head(port, roots):
    """Neither is one that goes on by an octet at a time.

    libnghttp2 counts the reads that a CONTINUATION's header comes in as if each were a frame, and has enough of them sooner.
    """
    with Connection(port, roots) as connection:
        # Whole fields: an engine that reads them as they come must find nothing else to complain of.
        connection.send(frame(HEADERS, 1, wire.hpack(HEAD), END))
        drip(connection.socket, frame(wire.CONTINUATION, 1, wire.hpack([("x", "y" * 1000)])), 0.02)


@row
def reads_nothing(port, roots):
    """Replies of a megabyte that the window lets through and nobody takes from the socket."""
    with Connection(port, roots, greets=False) as connection:
        connection.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.send(PREFACE + wire.settings((4, 0x7FFF_FFFF)) + wire.window(0, 0x7000_0000))
        request = b"\x10" + wire_varint(1 << 20)
        for stream in range(1, 41, 2):
            connection.send(
                wire.headers(stream, UNARY, end=False)
                + frame(DATA, stream, b"\0" + struct.pack(">I", len(request)) + request, END))
        begun = time.monotonic()
        while time.monotonic() - begun < LONGEST:
            # Nothing is read; that the other side has gone is told by what is sent.
            time.sleep(0.1)
            try:
                connection.socket.sendall(frame(wire.WINDOW, 0, struct.pack(">I", 1)))
            except OSError:
                return
        raise TimeoutError("the server bears it for ever")


@row
def gives_no_window(port, roots):
    """A stream whose reply has no window is given up; its connection goes on."""
    with Connection(port, roots, greets=False) as connection:
        connection.greet((4, 0))
        connection.send(wire.headers(1, end=False) + frame(DATA, 1, wire.MESSAGE, END))
        connection.until(lambda: connection.heard(RST, 1), "the reset", LONGEST)
        assert connection.ping(b"stillok?"), "the connection must go on"


def run(name, port, roots):
    begun = time.monotonic()
    try:
        ROWS[name](port, roots)
    except (AssertionError, OSError) as error:
        return f"{type(error).__name__}: {error}"
    took = time.monotonic() - begun
    shortest = 0 if name == "drips_its_head" else SHORTEST
    return None if shortest <= took <= LONGEST else f"it took {took:.3f} s"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("port")
    parser.add_argument("--roots", help="the roots that vouch for the server: then over TLS")
    parser.add_argument("names", nargs="*", help=f"rows to try, of {' '.join(ROWS)}")
    arguments = parser.parse_intermixed_args()
    failed = 0
    names = arguments.names or list(ROWS)
    with concurrent.futures.ThreadPoolExecutor(len(names)) as pool:
        for name, fault in zip(names, pool.map(lambda name: run(name, arguments.port, arguments.roots), names)):
            failed += fault is not None
            print(f"{name} passed" if fault is None else f"{name} failed: {fault}", flush=True)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
