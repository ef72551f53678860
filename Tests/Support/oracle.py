"""The other side of the differential tests: Python's protobuf.

oracle.py make SEED COUNT TYPE...   a descriptor set, then one case a line: type, binary, JSON, JSON's variant, text
oracle.py schema SEED COUNT         the same for random types of a random contract
oracle.py contracts                 the descriptor set alone, as contracts.txt has it
oracle.py check FILE [SEED]         reads lines "type original kind payload" and prints those that differ; of the
                                    random contract if its seed is given
All payloads are base64.
"""

import base64
import difflib
import json
import math
import os
import random
import sys
import tempfile
import textwrap

from google.protobuf import descriptor_pb2, descriptor_pool, json_format, message_factory, text_format
from grpc_tools import protoc

import schemas

HERE = os.path.dirname(os.path.abspath(__file__))
MAP_ENTRIES = [0, 1, 2, 3, 5, 40]


def load():
    """Compiles the test contracts into a pool of their own."""
    with tempfile.NamedTemporaryFile(suffix=".binpb") as out:
        include = os.path.join(os.path.dirname(protoc.__file__), "_proto")
        arguments = ["protoc", f"-I{HERE}", f"-I{include}", "--include_imports", f"--descriptor_set_out={out.name}"]
        if protoc.main(arguments + ["everything.proto", "legacy.proto"]) != 0:
            sys.exit("the test contracts do not compile")
        files = descriptor_pb2.FileDescriptorSet.FromString(open(out.name, "rb").read())
    pool = descriptor_pool.DescriptorPool()
    for file in files.file:
        pool.Add(file)
    return files, pool


FILES, POOL = load()


def new(name):
    return message_factory.GetMessageClass(POOL.FindMessageTypeByName(name))()


def use_random_contract(seed):
    """Puts a random contract in the place of the written ones and answers the names of its messages."""
    global FILES, POOL
    file, names = schemas.random_file(seed)
    FILES = descriptor_pb2.FileDescriptorSet(file=[file])
    POOL = descriptor_pool.DescriptorPool()
    POOL.Add(file)
    return names


class Maker:
    """Makes random messages that like the edges of what is allowed."""

    def __init__(self, seed):
        self.random = random.Random(seed)

    def text(self):
        pick = self.random.random()
        if pick < 0.15:
            return ""
        alphabet = "abcdefghij XYZ_-/.0123" if pick < 0.6 else "a\"\\\n\t\r\b\f\x01\x1f\x7f/<é漢😀\u2028\ufeff\u0000"
        return "".join(self.random.choice(alphabet) for _ in range(self.random.choice([1, 3, 7, 8, 9, 16, 31, 70, 200])))

    def integer(self, bits, signed):
        low, high = (-(1 << bits - 1), (1 << bits - 1) - 1) if signed else (0, (1 << bits) - 1)
        edges = [low, high, 0, 1, 127, 128, 16383, 16384, high - 1]
        edges += [-1, -128] if signed else []
        return self.random.choice(edges) if self.random.random() < 0.6 else self.random.randint(low, high)

    def double(self):
        edges = [0.0, -0.0, 1.0, -1.5, 1e-5, 1e300, 5e-324, 1.7976931348623157e308, math.inf, -math.inf, math.nan,
                 9007199254740993.0, 0.1, 123456789.125]
        return self.random.choice(edges) if self.random.random() < 0.7 else self.random.uniform(-1e9, 1e9)

    def float(self):
        edges = [0.0, -0.0, 1.0, 0.1, -3.4e38, 1.1754943508222875e-38, math.inf, -math.inf, math.nan,
                 16777217.0]
        return self.random.choice(edges) if self.random.random() < 0.7 else self.random.uniform(-1e6, 1e6)

    def scalar(self, field):
        kind = field.type
        if kind == field.TYPE_DOUBLE:
            return self.double()
        if kind == field.TYPE_FLOAT:
            return self.float()
        if kind in (field.TYPE_INT64, field.TYPE_SINT64, field.TYPE_SFIXED64):
            return self.integer(64, True)
        if kind in (field.TYPE_INT32, field.TYPE_SINT32, field.TYPE_SFIXED32):
            return self.integer(32, True)
        if kind in (field.TYPE_UINT64, field.TYPE_FIXED64):
            return self.integer(64, False)
        if kind in (field.TYPE_UINT32, field.TYPE_FIXED32):
            return self.integer(32, False)
        if kind == field.TYPE_BOOL:
            return self.random.random() < 0.5
        if kind == field.TYPE_STRING:
            return self.text()
        if kind == field.TYPE_BYTES:
            return self.random.randbytes(self.random.choice([0, 1, 2, 3, 4, 50]))
        numbers = [value.number for value in field.enum_type.values]
        if field.enum_type.full_name == "google.protobuf.NullValue":
            return 0
        if not field.enum_type.is_closed:
            numbers += [99, -2147483648]
        return self.random.choice(numbers)

    def json_value(self, depth):
        kinds = ["null", "number", "string", "bool"] + (["list", "struct"] if depth > 0 else [])
        kind = self.random.choice(kinds)
        if kind == "number":
            return self.random.choice([0, -1, 1.5, 1e300, 123456789, -0.0])
        if kind == "string":
            return self.text()
        if kind == "bool":
            return self.random.random() < 0.5
        if kind == "list":
            return [self.json_value(depth - 1) for _ in range(self.random.randint(0, 4))]
        if kind == "struct":
            return {self.text(): self.json_value(depth - 1) for _ in range(self.random.choice(MAP_ENTRIES[:5]))}
        return None

    def fill(self, message, depth):
        name = message.DESCRIPTOR.full_name
        if name == "google.protobuf.Timestamp":
            message.seconds = self.random.choice(
                [0, 1, -1, -62135596800, 253402300799, self.random.randint(-62135596800, 253402300799)])
            message.nanos = self.random.choice([0, 1, 1000, 1000000, 999999999, 123456000])
        elif name == "google.protobuf.Duration":
            sign = self.random.choice([-1, 1])
            message.seconds = sign * self.random.choice([0, 1, 315576000000, self.random.randint(0, 10000)])
            message.nanos = sign * self.random.choice([0, 1, 1000, 1000000, 999999999, 500000000])
        elif name == "google.protobuf.FieldMask":
            message.paths.extend(self.random.sample(["a", "foo_bar", "x.y_z", "a1.b2_c", "long_name_of.field"], k=3))
        elif name in ("google.protobuf.Struct", "google.protobuf.Value", "google.protobuf.ListValue"):
            value = {"google.protobuf.Struct": lambda: {self.text(): self.json_value(3) for _ in range(4)},
                     "google.protobuf.ListValue": lambda: [self.json_value(3) for _ in range(4)],
                     "google.protobuf.Value": lambda: self.json_value(3)}[name]()
            json_format.ParseDict(value, message, descriptor_pool=POOL)
        elif name == "google.protobuf.Any":
            inner = new(self.random.choice(["test.v1.Point", "test.v1.Known", "google.protobuf.Duration",
                                            "google.protobuf.Struct", "google.protobuf.Empty", "google.protobuf.Int64Value"]))
            self.fill(inner, depth - 1)
            message.type_url = "type.googleapis.com/" + inner.DESCRIPTOR.full_name
            message.value = inner.SerializeToString()
        else:
            self.fields(message, depth)

    def fields(self, message, depth):
        descriptor = message.DESCRIPTOR
        fields = list(descriptor.fields)
        if descriptor.is_extendable:
            fields += POOL.FindAllExtensions(descriptor)
        for field in fields:
            if field.is_required:
                self.field(message, field, depth)
                continue
            skipped = 0.75 if field.message_type and not is_map(field) and depth < 3 else 0.55
            if self.random.random() < skipped or (field.message_type and depth <= 0 and not is_map(field)):
                continue
            self.field(message, field, depth)

    def field(self, message, field, depth):
        if is_map(field):
            key, value = field.message_type.fields_by_name["key"], field.message_type.fields_by_name["value"]
            if value.message_type and depth <= 0:
                return
            entries = getattr(message, field.name)
            for _ in range(self.random.choice(MAP_ENTRIES if depth > 2 and not value.message_type else MAP_ENTRIES[:4])):
                if value.message_type:
                    self.fill(entries[self.scalar(key)], depth - 2)
                else:
                    entries[self.scalar(key)] = self.scalar(value)
            return
        if field.is_repeated:
            values = message.Extensions[field] if field.is_extension else getattr(message, field.name)
            for _ in range(self.random.choice([1, 2, 3, 9])):
                if field.message_type:
                    self.fill(values.add(), depth - 2)
                else:
                    values.append(self.scalar(field))
        elif field.message_type:
            inner = message.Extensions[field] if field.is_extension else getattr(message, field.name)
            inner.SetInParent()
            self.fill(inner, depth - 1)
        elif field.is_extension:
            message.Extensions[field] = self.scalar(field)
        else:
            setattr(message, field.name, self.scalar(field))


def is_map(field):
    return bool(field.message_type and field.message_type.GetOptions().map_entry)


VARIANTS = [{}, {"preserving_proto_field_name": True}, {"always_print_fields_with_no_presence": True},
            {"use_integers_for_enums": True}]


def to_json(message, variant):
    return json_format.MessageToJson(message, descriptor_pool=POOL, **VARIANTS[variant])


def to_text(message, index):
    return text_format.MessageToString(
        message, descriptor_pool=POOL, as_one_line=index % 2 == 1, use_short_repeated_primitives=index % 3 == 1,
        as_utf8=index % 5 != 1, use_index_order=index % 7 == 1)


def make(maker, count, names):
    print(base64.b64encode(FILES.SerializeToString()).decode())
    for index in range(count):
        name = names[index % len(names)]
        binary = b""
        # Every third case is two messages after each other: that is how messages merge.
        for _ in range(2 if index % 3 == 2 else 1):
            message = new(name)
            maker.fill(message, 3)
            binary += message.SerializePartialToString()
        merged = new(name)
        merged.MergeFromString(binary)
        variant = index // len(names) % len(VARIANTS)
        text = to_json(merged, variant)
        print(name, encode(binary), encode(text.encode()), variant, encode(to_text(merged, index).encode()))


def encode(payload):
    return base64.b64encode(payload).decode() or "="


def decode(text):
    return b"" if text == "=" else base64.b64decode(text)


def check(path):
    for number, line in enumerate(open(path)):
        name, original, kind, payload = line.split()
        expected = new(name)
        expected.MergeFromString(decode(original))
        found = new(name)
        try:
            if kind == "binary":
                found.MergeFromString(decode(payload))
            elif kind == "text":
                text_format.Parse(decode(payload).decode(), found, descriptor_pool=POOL)
            elif kind.startswith("reparsed"):
                text = to_json(expected, int(kind.removeprefix("reparsed")))
                expected = json_format.Parse(text, new(name), descriptor_pool=POOL)
                found.MergeFromString(decode(payload))
            else:
                json_format.Parse(decode(payload).decode(), found, descriptor_pool=POOL)
                variant = int(kind.removeprefix("json"))
                ours, theirs = json.loads(decode(payload)), json.loads(to_json(expected, variant))
                found_difference = difference(ours, theirs)
                # Python writes a NullValue as 0 if enums are to be numbers.
                if found_difference and not (variant == 3 and found_difference.endswith(": None, expected 0")):
                    print(f"{number}: {name}: the JSON of variant {variant} differs at {found_difference}")
        except Exception as error:
            print(f"{number}: {name} as {kind} is refused: {error}")
            continue
        if canonical(found) != canonical(expected):
            lines = difflib.unified_diff(str(found).split("\n"), str(expected).split("\n"), "found", "expected", n=4)
            print(f"{number}: {name} as {kind} differs:", *list(lines)[:40], sep="\n")


def canonical(message):
    """The message's bytes with maps in order, those inside of an Any too."""
    sort_anys(message)
    return message.SerializePartialToString(deterministic=True)


def sort_anys(message):
    if message.DESCRIPTOR.full_name == "google.protobuf.Any" and message.type_url:
        inner = new(message.type_url.rpartition("/")[2])
        inner.MergeFromString(message.value)
        message.value = canonical(inner)
        return
    for field, value in message.ListFields():
        if is_map(field):
            if field.message_type.fields_by_name["value"].message_type:
                for key in value:
                    sort_anys(value[key])
        elif field.message_type:
            for item in value if field.is_repeated else [value]:
                sort_anys(item)


def difference(ours, theirs):
    """The first place where two JSON values differ, or None; 1 and 1.0 are one number."""
    if isinstance(ours, dict) and isinstance(theirs, dict):
        if ours.keys() != theirs.keys():
            return f": keys {sorted(ours.keys() ^ theirs.keys())} are not in both"
        for key in ours:
            found = difference(ours[key], theirs[key])
            if found:
                return f".{key}{found}"
        return None
    if isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs):
        for index, (left, right) in enumerate(zip(ours, theirs)):
            found = difference(left, right)
            if found:
                return f"[{index}]{found}"
        return None
    plain = (int, float)
    if type(ours) in plain and type(theirs) in plain and repr(float(ours)) == repr(float(theirs)):
        return None
    return None if type(ours) is type(theirs) and ours == theirs else f": {ours!r}, expected {theirs!r}"


if __name__ == "__main__":
    if sys.argv[1] == "contracts":
        print("\n".join(textwrap.wrap(encode(FILES.SerializeToString()), 110)))
    elif sys.argv[1] == "make":
        make(Maker(int(sys.argv[2])), int(sys.argv[3]), sys.argv[4:])
    elif sys.argv[1] == "schema":
        names = use_random_contract(int(sys.argv[2]))
        make(Maker(int(sys.argv[2])), int(sys.argv[3]), names)
    else:
        if len(sys.argv) > 3:
            use_random_contract(int(sys.argv[3]))
        check(sys.argv[2])
