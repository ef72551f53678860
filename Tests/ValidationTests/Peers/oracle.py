"""What protovalidate and RE2 say about texts, for the tests to compare with.

usage: oracle.py formats FILE    lines of "FORMAT HEX": 1 or 0 for each
       oracle.py patterns FILE   lines of "HEX HEX" (pattern, text): 1, 0, or E for a pattern that RE2 refuses
       oracle.py cel FILE        lines of "HEX" (an expression of strings or bools): the result, or E
"""

import sys

from google.protobuf import descriptor_pb2, descriptor_pool, duration_pb2, field_mask_pb2, message_factory
from google.protobuf import timestamp_pb2

LOOSE = {"header_name": 1, "header_value": 2}


class Contracts:
    """Makes message types with rules."""

    def __init__(self):
        from protovalidate._gen.buf.validate import validate_pb

        self.pool = descriptor_pool.DescriptorPool()
        for module in (descriptor_pb2, duration_pb2, field_mask_pb2, timestamp_pb2):
            self.pool.AddSerializedFile(module.DESCRIPTOR.serialized_pb)
        self.pool.AddSerializedFile(validate_pb.desc().proto.to_binary())
        self.extension = self.pool.FindExtensionByName("buf.validate.field")
        self.rules = message_factory.GetMessageClass(self.pool.FindMessageTypeByName("buf.validate.FieldRules"))
        self.count = 0

    def message(self, label, set_rules):
        """A type with one field of strings, `value`, whose rules `set_rules` sets."""
        self.count += 1
        name = f"oracle{self.count}"
        rules = self.rules()
        set_rules(rules)
        contract = descriptor_pb2.FileDescriptorProto(
            name=f"{name}.proto", package=name, syntax="proto3", dependency=["buf/validate/validate.proto"]
        )
        field = contract.message_type.add(name="Message").field.add(name="value", number=1, label=label, type=9)
        encoded = rules.SerializeToString()
        tag = self.extension.number << 3 | 2
        field.options.MergeFromString(varint(tag) + varint(len(encoded)) + encoded)
        self.pool.AddSerializedFile(contract.SerializeToString())
        return message_factory.GetMessageClass(self.pool.FindMessageTypeByName(f"{name}.Message"))


def varint(value):
    out = b""
    while value > 127:
        out += bytes([value & 127 | 128])
        value >>= 7
    return out + bytes([value])


def set_format(rules, name):
    text = rules.repeated.items.string
    base = name.removesuffix("_loose")
    if base in LOOSE:
        text.well_known_regex = LOOSE[base]
        text.strict = base == name
    elif name == "host_and_optional_port":
        rule = rules.repeated.items.cel.add(id="port")
        rule.expression = "this == '' || this.isHostAndPort(false)"
    else:
        setattr(text, name, True)


def formats(lines):
    import protovalidate

    contracts = Contracts()
    table = {}
    for index, line in enumerate(lines):
        name, _, text = line.partition(" ")
        table.setdefault(name, []).append((index, bytes.fromhex(text).decode()))
    answers = ["1"] * len(lines)
    # Violations are slow to build, so they come in batches.
    for name, rows in table.items():
        kind = contracts.message(3, lambda rules: set_format(rules, name))
        message = kind(value=[text for _, text in rows])
        for violation in protovalidate.collect_violations(message):
            place = violation.proto.field.elements[0].subscript.value
            answers[rows[place][0]] = "0"
    print("\n".join(answers))


def patterns(lines):
    import re2

    options = re2.Options()
    options.log_errors = False
    known = {}
    answers = []
    for line in lines:
        pattern, text = (bytes.fromhex(part).decode() for part in line.split(" "))
        if pattern not in known:
            try:
                known[pattern] = re2.compile(pattern, options=options)
            except re2.error:
                known[pattern] = None
        compiled = known[pattern]
        answers.append("E" if compiled is None else "1" if compiled.search(text) else "0")
    print("\n".join(answers))


def cel(lines):
    import protovalidate

    contracts = Contracts()
    for line in lines:
        expression = bytes.fromhex(line).decode()

        def set_rules(rules):
            rules.cel.add(id="it", expression=expression)

        try:
            found = protovalidate.collect_violations(contracts.message(1, set_rules)(value="x"))
            text = found[0].proto.message if found else ""
            print("V" + text.encode().hex())
        except (protovalidate.EvaluationError, protovalidate.CompilationError) as error:
            print("E" + str(error).encode().hex())


def main():
    with open(sys.argv[2], encoding="ascii") as file:
        lines = file.read().splitlines()
    {"formats": formats, "patterns": patterns, "cel": cel}[sys.argv[1]](lines)


main()
