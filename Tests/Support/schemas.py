"""Random contracts: what a differential test needs beyond the contracts that somebody thought of."""

import random

from google.protobuf import descriptor_pb2

Field = descriptor_pb2.FieldDescriptorProto
SCALARS = [kind for kind in range(1, 19) if kind not in (Field.TYPE_GROUP, Field.TYPE_MESSAGE, Field.TYPE_ENUM)]
KEYS = [kind for kind in SCALARS if kind not in (Field.TYPE_DOUBLE, Field.TYPE_FLOAT, Field.TYPE_BYTES)]
WORDS = ["a", "foo_bar", "fooBar", "FOO", "x_1_y", "_lead", "trail_", "two__lines", "class", "self", "value"]
NUMBERS = [1, 2, 15, 16, 63, 64, 100, 2047, 2048, 18999, 20000, 536870911]
DIALECTS = ["proto2", "proto3", "editions", "delimited"]


def random_file(seed):
    """A file with messages in any of the dialects, and the full names of those that a test should make."""
    chance = random.Random(seed)
    return Contract(chance, DIALECTS[seed % len(DIALECTS)]).make(f"random{seed}")


class Contract:
    def __init__(self, chance, dialect):
        self.chance = chance
        self.dialect = dialect
        self.file = descriptor_pb2.FileDescriptorProto()

    def make(self, package):
        self.file.name = f"{package}.proto"
        self.file.package = package
        if self.dialect in ("proto2", "proto3"):
            self.file.syntax = self.dialect
        else:
            self.file.syntax = "editions"
            self.file.edition = descriptor_pb2.EDITION_2023
            features = self.file.options.features
            features.field_presence = self.chance.choice([1, 2])
            features.repeated_field_encoding = self.chance.choice([1, 2])
            if self.dialect == "delimited":
                features.message_encoding = 2
        self.enums = [self.enumeration(index) for index in range(3)]
        names = [f"M{index}" for index in range(4)]
        self.types = [f".{package}.{name}" for name in names]
        for name in names:
            self.message(self.file.message_type.add(), name, package)
        if self.dialect != "proto3":
            self.extensions(package)
        return self.file, [f"{package}.{name}" for name in names]

    def enumeration(self, index):
        enum = self.file.enum_type.add(name=f"E{index}")
        # A closed enum may start anywhere, an open one at zero.
        is_closed = self.dialect == "proto2" or (self.dialect != "proto3" and index == 2)
        if is_closed and self.dialect != "proto2":
            enum.options.features.enum_type = 2
        numbers = self.chance.sample([1, 2, 3, 7, 100, -1, -2147483648, 2147483647], 4)
        for place, number in enumerate(numbers if is_closed else [0] + numbers):
            enum.value.add(name=f"E{index}_V{place}", number=number)
        if self.chance.random() < 0.3:
            enum.options.allow_alias = True
            enum.value.add(name=f"E{index}_ALIAS", number=enum.value[0].number)
        return f".{self.file.package}.E{index}", is_closed

    def numbers(self, count):
        return sorted(self.chance.sample(NUMBERS + list(range(3, 14)) + list(range(200, 230)), count))

    def message(self, message, name, package):
        message.name = name
        scope = f".{package}.{name}"
        for place, number in enumerate(self.numbers(self.chance.randint(4, 14))):
            field = message.field.add(name=f"{self.chance.choice(WORDS)}{place}", number=number)
            pick = self.chance.random()
            if pick < 0.15:
                self.map(message, field, scope, place)
            elif pick < 0.3 and self.dialect == "proto2":
                self.group(message, field, scope, place)
            else:
                field.label = Field.LABEL_REPEATED if self.chance.random() < 0.35 else Field.LABEL_OPTIONAL
                self.kind(field)
                self.presence(field)
        self.oneof(message)
        if self.dialect != "proto3":
            message.extension_range.add(start=5000, end=5100)

    def kind(self, field):
        pick = self.chance.random()
        if pick < 0.25:
            field.type, field.type_name = Field.TYPE_MESSAGE, self.chance.choice(self.types)
        elif pick < 0.4:
            field.type = Field.TYPE_ENUM
            field.type_name, is_closed = self.chance.choice(self.enums)
            if is_closed and field.label != Field.LABEL_REPEATED and self.dialect not in ("proto2", "proto3"):
                field.options.features.field_presence = 1
        else:
            field.type = self.chance.choice(SCALARS)

    def presence(self, field):
        is_packable = field.type not in (Field.TYPE_STRING, Field.TYPE_BYTES, Field.TYPE_MESSAGE)
        if field.label == Field.LABEL_REPEATED:
            if is_packable and self.dialect in ("proto2", "proto3") and self.chance.random() < 0.4:
                field.options.packed = self.chance.random() < 0.5
        elif self.dialect == "proto2" and field.type != Field.TYPE_MESSAGE and self.chance.random() < 0.15:
            field.label = Field.LABEL_REQUIRED

    def map(self, message, field, scope, place):
        entry = message.nested_type.add(name=camel(field.name) + "Entry")
        entry.options.map_entry = True
        entry.field.add(name="key", number=1, label=Field.LABEL_OPTIONAL, type=self.chance.choice(KEYS))
        value = entry.field.add(name="value", number=2, label=Field.LABEL_OPTIONAL)
        self.kind(value)
        if value.type == Field.TYPE_ENUM:
            # The first value of an enum of a map is zero.
            value.type = Field.TYPE_INT32
            value.ClearField("type_name")
        value.ClearField("options")
        field.label, field.type, field.type_name = Field.LABEL_REPEATED, Field.TYPE_MESSAGE, f"{scope}.{entry.name}"

    def group(self, message, field, scope, place):
        group = message.nested_type.add(name=f"Group{place}")
        group.field.add(name="inside", number=1, label=Field.LABEL_OPTIONAL, type=self.chance.choice(SCALARS))
        group.field.add(
            name="deeper", number=3, label=Field.LABEL_OPTIONAL, type=Field.TYPE_MESSAGE, type_name=scope)
        field.name = group.name.lower()
        field.label = self.chance.choice([Field.LABEL_OPTIONAL, Field.LABEL_REPEATED])
        field.type, field.type_name = Field.TYPE_GROUP, f"{scope}.{group.name}"

    def oneof(self, message):
        singular = [f for f in message.field if f.label == Field.LABEL_OPTIONAL and not f.HasField("options")]
        if len(singular) < 3:
            return
        message.oneof_decl.add(name="pick")
        for field in self.chance.sample(singular, self.chance.randint(1, min(4, len(singular)))):
            field.oneof_index = 0
        # Members of a oneof stand together, as in a contract's text.
        fields = sorted(message.field, key=lambda field: not field.HasField("oneof_index"))
        copies = [Field.FromString(field.SerializeToString()) for field in fields]
        del message.field[:]
        message.field.extend(copies)

    def extensions(self, package):
        for place, number in enumerate(range(5000, 5008)):
            field = self.file.extension.add(
                name=f"ext_{place}", number=number, extendee=self.chance.choice(self.types),
                label=self.chance.choice([Field.LABEL_OPTIONAL, Field.LABEL_REPEATED]))
            self.kind(field)
            field.ClearField("options")


def camel(name):
    """`foo_bar` as `FooBar`, as protoc names a map's entry."""
    result, raise_next = "", True
    for character in name:
        if character == "_":
            raise_next = True
        else:
            result += character.upper() if raise_next else character
            raise_next = False
    return result
