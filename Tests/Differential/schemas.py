"""Random contracts from a seed: text for protoc and for weft, of every syntax and every kind of field."""
import random

SCALARS = ["double", "float", "int64", "uint64", "int32", "fixed64", "fixed32", "bool", "string", "bytes", "uint32",
           "sfixed32", "sfixed64", "sint32", "sint64"]
KEYS = ["int32", "int64", "uint32", "uint64", "sint32", "sint64", "fixed32", "fixed64", "sfixed32", "sfixed64", "bool", "string"]
DEFAULTS = {"string": '"de\\"fault"', "bytes": '"\\001b"', "bool": "true", "double": "-1.5", "float": "inf", "enum": "E_TWO"}


class Schema:
    """One contract: `text`, and the names of its messages."""

    def __init__(self, seed):
        self.random = random.Random(f"schema {seed}")
        self.seed = seed
        self.package = f"rnd.s{seed}"
        self.syntax = ["proto2", "proto3", "2023"][seed % 3]
        self.count = self.random.randint(2, 5)
        self.messages = [f"{self.package}.M{i}" for i in range(self.count)]
        self.text = self.make()

    def make(self):
        head = f'edition = "{self.syntax}";' if self.syntax == "2023" else f'syntax = "{self.syntax}";'
        body = "\n".join(self.message(i) for i in range(self.count))
        extensions = ""
        if self.syntax != "proto3":
            label = "optional " if self.syntax == "proto2" else ""
            lines = [f"  {label}{kind} x{n} = {100 + n};" for n, kind in enumerate(["int32", "string", "M1", "E"])]
            lines += [f"  repeated {kind} y{n} = {120 + n};" for n, kind in enumerate(["sint64", "bytes", "M0"])]
            extensions = "extend M0 {\n" + "\n".join(lines) + "\n}\n"
        closed = "  option features.enum_type = CLOSED;\n" if self.syntax == "2023" and self.seed % 2 else ""
        return (f'{head}\npackage {self.package};\n'
                f"enum E {{\n{closed}  E_ZERO = 0;\n  E_ONE = 1;\n  E_TWO = 2;\n  E_LOW = -3;\n  E_BIG = 2147483647;\n}}\n"
                f"{body}\n{extensions}")

    def message(self, index):
        numbers, lines, oneof = set(), [], []
        for position in range(self.random.randint(3, 14)):
            number = self.number(numbers)
            if self.random.random() < 0.2:
                oneof.append(f"    {self.type(index)} f{position} = {number};")
            else:
                lines.append("  " + self.field(index, position, number))
        if oneof:
            lines.append("  oneof choice {\n" + "\n".join(oneof) + "\n  }")
        if index == 0 and self.syntax != "proto3":
            lines.append("  extensions 100 to 199;")
        return f"message M{index} {{\n" + "\n".join(lines) + "\n}"

    def number(self, taken):
        while True:
            number = self.random.choice([self.random.randint(1, 30), self.random.randint(200, 18999),
                                         self.random.randint(20000, 536870911)])
            if number not in taken:
                taken.add(number)
                return number

    def type(self, index):
        roll = self.random.random()
        if roll < 0.2:
            return f"M{self.random.randrange(self.count)}"
        return "E" if roll < 0.3 else self.random.choice(SCALARS)

    def field(self, index, position, number):
        kind, name, roll = self.type(index), f"f{position}", self.random.random()
        is_message = kind.startswith("M")
        if roll < 0.15:
            return f"map<{self.random.choice(KEYS)}, {kind}> {name} = {number};"
        if roll < 0.4:
            packable = kind not in ("string", "bytes") and not is_message
            choice = ""
            if packable and self.syntax != "2023" and self.random.random() < 0.5:
                choice = f" [packed = {self.random.choice(['true', 'false'])}]"
            if packable and self.syntax == "2023" and self.random.random() < 0.5:
                choice = f" [features.repeated_field_encoding = {self.random.choice(['PACKED', 'EXPANDED'])}]"
            if is_message and self.syntax == "2023" and self.random.random() < 0.5:
                choice = " [features.message_encoding = DELIMITED]"
            return f"repeated {kind} {name} = {number}{choice};"
        return self.singular(kind, name, number, is_message, roll)

    def singular(self, kind, name, number, is_message, roll):
        if self.syntax == "proto3":
            return f"{'optional ' if roll < 0.6 else ''}{kind} {name} = {number};"
        label = "optional " if self.syntax == "proto2" else ""
        if self.syntax == "proto2" and roll > 0.9:
            return f"optional group G{name[1:]} = {number} {{ optional int32 a = 1; repeated string b = 2; }}"
        choice = ""
        if self.syntax == "2023" and roll < 0.6:
            choice = " [features.message_encoding = DELIMITED]" if is_message else (
                "" if kind == "E" else " [features.field_presence = IMPLICIT]")
        elif kind in DEFAULTS or kind == "E":
            choice = f" [default = {DEFAULTS['enum' if kind == 'E' else kind]}]"
        return f"{label}{kind} {name} = {number}{choice};"
