"""Random messages of any type, by Python's protobuf; and random damage to their bytes."""
import random, struct
from google.protobuf.descriptor import FieldDescriptor as F

INTS = {F.CPPTYPE_INT32: (-2**31, 2**31 - 1), F.CPPTYPE_UINT32: (0, 2**32 - 1),
        F.CPPTYPE_INT64: (-2**63, 2**63 - 1), F.CPPTYPE_UINT64: (0, 2**64 - 1)}
LETTERS = ["a", "Z", "0", '"', "'", "\\", "\n", "\t", "/", "é", "漢", "🧵", "\u0001", "\u007f", "\u2028", "\0", "<", "&"]
DEEPEST = 5


def scalar(r, field):
    kind = field.cpp_type
    if kind in INTS:
        low, high = INTS[kind]
        return r.choice([0, 1, low, high, r.randint(low, high), min(high, r.getrandbits(r.randint(1, 31)))])
    if kind == F.CPPTYPE_BOOL:
        return r.random() < 0.5
    if kind == F.CPPTYPE_ENUM:
        numbers = [v.number for v in field.enum_type.values]
        return r.choice(numbers if field.enum_type.is_closed else numbers + [77])
    if kind in (F.CPPTYPE_DOUBLE, F.CPPTYPE_FLOAT):
        special = [0.0, -0.0, 1.5, float("inf"), float("-inf"), float("nan"), 1e-300, 1e300, 0.1, 1e15, 123456789.0, 5e-324]
        value = r.choice(special + [r.uniform(-1e6, 1e6), r.gauss(0, 1) * 10 ** r.randint(-30, 30)])
        if kind == F.CPPTYPE_FLOAT and abs(value) > 3e38 and value not in (float("inf"), float("-inf")):
            value = 3e38
        return struct.unpack("f", struct.pack("f", value))[0] if kind == F.CPPTYPE_FLOAT else value
    if field.type == F.TYPE_BYTES:
        return r.randbytes(r.choice([0, 1, 2, 3, 20, 300]))
    return "".join(r.choice(LETTERS) for _ in range(r.choice([0, 1, 5, 15, 16, 40, 200])))


def fields_of(message):
    """The fields of a type, and the extensions of it in its own file."""
    descriptor = message.DESCRIPTOR
    extensions = [e for e in descriptor.file.extensions_by_name.values() if e.containing_type is descriptor]
    return list(descriptor.fields) + extensions


def fill(r, message, depth=0):
    for field in fields_of(message):
        if r.random() < 0.35 and not field.is_required:
            continue
        is_message = field.cpp_type == F.CPPTYPE_MESSAGE
        if is_message and depth >= DEEPEST:
            continue
        if field.is_repeated:
            fill_many(r, message, field, depth, is_message)
        elif is_message:
            inner = message.Extensions[field] if field.is_extension else getattr(message, field.name)
            inner.SetInParent()
            fill(r, inner, depth + 1)
        elif field.is_extension:
            message.Extensions[field] = scalar(r, field)
        else:
            setattr(message, field.name, scalar(r, field))
    return message


def fill_many(r, message, field, depth, is_message):
    target = message.Extensions[field] if field.is_extension else getattr(message, field.name)
    count = r.choice([0, 1, 2, 3, 20] if depth < 2 else [0, 1, 2])
    if is_message and field.message_type.GetOptions().map_entry:
        key, value = field.message_type.fields_by_name["key"], field.message_type.fields_by_name["value"]
        for _ in range(count):
            if value.cpp_type == F.CPPTYPE_MESSAGE:
                fill(r, target[scalar(r, key)], depth + 1)
            else:
                target[scalar(r, key)] = scalar(r, value)
    elif is_message:
        for _ in range(count):
            fill(r, target.add(), depth + 1)
    else:
        target.extend(scalar(r, field) for _ in range(count))


def damaged(r, data):
    """The same bytes with a few changed, taken away, put in or put elsewhere."""
    data = bytearray(data)
    for _ in range(r.randint(1, 3)):
        place = r.randrange(len(data) + 1)
        roll = r.random()
        if roll < 0.4 and place < len(data):
            data[place] = r.choice([0, 1, 0x7F, 0x80, 0xFF, r.randrange(256), data[place] ^ 1 << r.randrange(8)])
        elif roll < 0.6:
            del data[place:place + r.randint(1, 4)]
        elif roll < 0.8:
            data[place:place] = r.randbytes(r.randint(1, 4))
        else:
            data = data[:place]
    return bytes(data)
