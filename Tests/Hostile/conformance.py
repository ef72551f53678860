"""conformance.py PORT [--roots FILE] [--engine NAME] [ID...]: the rows of conformance.txt against a listening server.

The server must serve gRPC's test service, as interop-server does. Prints `ID passed`, or what came instead of what the
row wants; exits with 1 if a row failed. With ids only the rows whose id begins with one of them are tried.
"""
import argparse
import itertools
import pathlib
import re
import struct
import sys

import wire
from wire import DATA, END, GOAWAY, PING, RST, SETTINGS, Connection

TYPES = {
    name: number for number, name in enumerate(
        "data headers priority rst settings push ping goaway window continuation".split())}
FLAGS = {"end": 1, "ack": 1, "eh": 4, "padded": 8, "prio": 32}
TABLE = pathlib.Path(__file__).with_name("conformance.txt")
LAST_PING = b"weftping"


class Row:
    def __init__(self, id, rule):
        self.id, self.rule = id, rule
        self.steps, self.outcomes, self.exceptions = [], [], {}

    def add(self, line):
        if "=> " not in line:
            self.steps.append(line)
            return
        engine, said = (part.strip() for part in line.split("=> ", 1))
        if engine:
            said, _ = said.split(" : ", 1)
        outcomes = [[part.split() for part in choice.split(" & ")] for choice in said.split(" | ")]
        if engine:
            self.exceptions[engine] = outcomes
        else:
            self.outcomes = outcomes


def rows():
    row = None
    for line in TABLE.read_text().splitlines():
        if not line or line.startswith("#"):
            continue
        if line.startswith(" "):
            row.add(line.strip())
        else:
            if row:
                yield row
            row = Row(*line.split(None, 1))
    yield row


# ---- steps to octets

def words(line):
    return re.findall(r"""(?:"[^"]*"|'[^']*'|[^ "'])+""", line)


def number(word):
    return int(word, 0)


def item(word):
    if word.startswith("0x"):
        return bytes.fromhex(word[2:])
    if word[0] == '"':
        return word[1:-1].replace("\\r", "\r").replace("\\n", "\n").encode()
    if word[0] == "'":
        return wire.hpack([tuple(word[1:-1].split(": ", 1))])
    if word.startswith("head-"):
        return wire.hpack([field for field in wire.HEAD if field[0] != word[5:]])
    if word.startswith("head"):
        first, last = (int(bound) if bound else None for bound in (word[5:-1] or ":").split(":"))
        return wire.hpack(wire.HEAD)[first:last]
    if word == "message":
        return wire.MESSAGE
    if word.startswith("zeros*"):
        return bytes(number(word[6:]))
    kind, value = word.split("=")
    return struct.pack({"u8": ">B", "u16": ">H", "u31": ">I", "u32": ">I"}[kind], number(value))


def octets(line):
    parts = words(line)
    if parts[0] == "preface":
        return wire.PREFACE
    if parts[0] == "raw":
        return b"".join(map(item, parts[1:]))
    times = int(parts.pop(0)[1:]) if re.fullmatch(r"x\d+", parts[0]) else 1
    type = TYPES[parts[0]] if parts[0] in TYPES else number(parts[0])
    stream, step = (number(parts[1][:-1]), 2) if parts[1].endswith("+") else (number(parts[1]), 0)
    flags = 0
    items = parts[2:]
    while items and (items[0] in FLAGS or items[0].startswith("flags=")):
        word = items.pop(0)
        flags |= FLAGS[word] if word in FLAGS else number(word[6:])
    payload = b"".join(map(item, items))
    return b"".join(wire.frame(type, stream + index * step, payload, flags) for index in range(times))


# ---- outcomes

def fulfils(connection, outcome):
    kind, *rest = outcome
    if kind == "goaway":
        return len(connection.heard(GOAWAY)) == 1 and connection.goaway in rest[0].split(",") and connection.closed
    if kind == "closed":
        return connection.closed
    if kind == "last":
        return struct.unpack_from(">I", connection.heard(GOAWAY)[-1].payload)[0] == int(rest[0])
    if kind == "reset":
        resets = connection.heard(RST, int(rest[0]))
        return len(resets) == 1 and (len(rest) < 2 or resets[0].code in rest[1].split(","))
    if kind == "answer":
        return connection.ended(int(rest[0]))
    if kind == "data":
        return [len(frame.payload) for frame in connection.heard(DATA, int(rest[0]))] == list(map(int, rest[1:]))
    if kind == "ack":
        return len(connection.heard(SETTINGS, ack=True)) == int(rest[0] if rest else 1)
    return kind == "alive"


def quiet(connection, choice):
    """Nothing was said against the peer but what `choice` names."""
    if any(outcome[0] in ("goaway", "closed") for outcome in choice):
        return True
    named = [int(outcome[1]) for outcome in choice if outcome[0] == "reset"]
    resets = [frame for frame in connection.heard(RST) if frame.code != "NO_ERROR" and frame.stream not in named]
    pongs = [frame.payload for frame in connection.heard(PING, ack=True)]
    return not resets and not connection.goaway and not connection.closed and pongs.count(LAST_PING) == 1


def run(row, port, roots, engine):
    """None if the row passes, else what went wrong."""
    greets = row.steps[0] != "bare"
    with Connection(port, roots, greets) as connection:
        for step in row.steps[0 if greets else 1:]:
            if step.startswith("wait "):
                connection.until(lambda: fulfils(connection, step.split()[1:]), step)
            else:
                connection.send(octets(step))
        wanted = row.exceptions.get(engine, row.outcomes)

        def met():
            return any(all(fulfils(connection, part) for part in choice) for choice in wanted)

        # Only then is it asked whether the connection lives: the answer of a handler takes its own time.
        if not any(choice == [["alive"]] for choice in wanted):
            connection.until(met)
        if not connection.closed:
            connection.ping(LAST_PING, patience=3)
        if any(met() and quiet(connection, choice) for choice in wanted):
            return None
        return f"wanted {' | '.join(' & '.join(' '.join(part) for part in choice) for choice in wanted)}; said {connection}"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("port")
    parser.add_argument("--roots", help="the roots that vouch for the server: then over TLS")
    parser.add_argument("--engine", help="the server's engine, for rows where it may differ")
    parser.add_argument("ids", nargs="*", help="beginnings of the ids to try")
    arguments = parser.parse_intermixed_args()
    failed = 0
    for row in rows():
        if arguments.ids and not row.id.startswith(tuple(arguments.ids)):
            continue
        try:
            fault = run(row, arguments.port, arguments.roots, arguments.engine)
        except (AssertionError, OSError) as error:
            fault = f"{type(error).__name__}: {error}"
        failed += fault is not None
        print(f"{row.id} passed" if fault is None else f"{row.id} failed ({row.rule}): {fault}", flush=True)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
