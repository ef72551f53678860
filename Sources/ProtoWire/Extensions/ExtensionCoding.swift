/// How the value of one extension is read and written; `Value` is an array for repeated ones.
struct ExtensionCoding<Value: Sendable>: Sendable {
    /// Reads a field of the extension's number into what is there so far. A wire type that is not its own is left alone.
    let read: @Sendable (inout Value?, UInt32, inout WireReader) throws(DecodeError) -> Void
    /// Writes the fields, tags included.
    let write: @Sendable (Value, UInt32, inout WireWriter) -> Void

    func encoded(_ value: Value, _ number: UInt32, _ isMessageSet: Bool) -> [UInt8] {
        var writer = WireWriter()
        guard isMessageSet else {
            write(value, number, &writer)
            return writer.array()
        }
        // The extension's message is field 3 of an item, and its number is field 2.
        writer.tag(MessageSet.endItem)
        write(value, MessageSet.message >> 3, &writer)
        writer.uint32(number, tag: MessageSet.typeID)
        writer.tag(MessageSet.item)
        return writer.array()
    }
}

extension ExtensionCoding {
    static func scalar<Coding: ScalarCoding>(_: Coding.Type) -> Self where Coding.Value == Value {
        Self(
            read: { (value, tag, reader) throws(DecodeError) in
                if tag & 7 == Coding.wireType { value = try Coding.read(from: &reader) }
            },
            write: { value, number, writer in
                Coding.write(value, into: &writer)
                writer.tag(number << 3 | Coding.wireType)
            })
    }

    static func scalars<Coding: ScalarCoding>(_: Coding.Type, isPacked: Bool) -> Self where Value == [Coding.Value] {
        Self(
            read: { (values, tag, reader) throws(DecodeError) in
                try reader.elements(tag, Coding.wireType) { (reader) throws(DecodeError) in
                    values.add(try Coding.read(from: &reader))
                }
            },
            write: { values, number, writer in
                writer.elements(values, number, isPacked: isPacked && Coding.wireType != 2, Coding.self)
            })
    }

    static func closedEnum() -> Self where Value: ClosedProtoEnum {
        Self(
            read: { (value, tag, reader) throws(DecodeError) in
                guard tag & 7 == 0 else { return }
                let number = try reader.int32()
                if Value.isNamed(number) { value = Value(rawValue: number) }
            },
            write: { value, number, writer in writer.enumeration(value, tag: number << 3) })
    }

    static func closedEnums<Element: ClosedProtoEnum>(isPacked: Bool) -> Self where Value == [Element] {
        Self(
            read: { (values, tag, reader) throws(DecodeError) in
                try reader.elements(tag, 0) { (reader) throws(DecodeError) in
                    let number = try reader.int32()
                    if Element.isNamed(number) { values.add(Element(rawValue: number)) }
                }
            },
            write: { values, number, writer in
                writer.elements(values, number, isPacked: isPacked, ProtoEnumOf<Element>.self)
            })
    }

    static func message() -> Self where Value: Message {
        Self(
            read: { (value, tag, reader) throws(DecodeError) in
                if tag & 7 == 2 { try reader.message(&value) }
            },
            write: { value, number, writer in writer.message(value, tag: number << 3 | 2) })
    }

    static func messages<Element: Message>() -> Self where Value == [Element] {
        Self(
            read: { (values, tag, reader) throws(DecodeError) in
                guard tag & 7 == 2 else { return }
                var value = Element()
                try reader.message(&value)
                values.add(value)
            },
            write: { values, number, writer in writer.messages(values, tag: number << 3 | 2) })
    }

    static func group() -> Self where Value: Message {
        Self(
            read: { (value, tag, reader) throws(DecodeError) in
                guard tag & 7 == 3 else { return }
                var group = value ?? Value()
                try reader.group(&group, number: tag >> 3)
                value = group
            },
            write: { value, number, writer in writer.group(value, number: number) })
    }

    static func groups<Element: Message>() -> Self where Value == [Element] {
        Self(
            read: { (values, tag, reader) throws(DecodeError) in
                guard tag & 7 == 3 else { return }
                var value = Element()
                try reader.group(&value, number: tag >> 3)
                values.add(value)
            },
            write: { values, number, writer in
                for value in values.reversed() { writer.group(value, number: number) }
            })
    }
}

extension Optional {
    fileprivate mutating func add<Element>(_ element: Element) where Wrapped == [Element] {
        if self == nil { self = [] }
        self?.append(element)
    }
}

extension WireReader {
    /// One element, or all of a packed field.
    fileprivate mutating func elements(
        _ tag: UInt32, _ wireType: UInt32, _ read: (inout WireReader) throws(DecodeError) -> Void
    ) throws(DecodeError) {
        if tag & 7 == wireType { return try read(&self) }
        guard tag & 7 == 2 else { return }
        var inner = WireReader(try rawBytes(), depth: levelsLeft)
        while !inner.isAtEnd { try read(&inner) }
    }
}

extension WireWriter {
    fileprivate mutating func elements<Coding: ScalarCoding>(
        _ values: [Coding.Value], _ number: UInt32, isPacked: Bool, _: Coding.Type
    ) {
        let mark = count
        for value in values.reversed() {
            Coding.write(value, into: &self)
            if !isPacked { tag(number << 3 | Coding.wireType) }
        }
        guard isPacked else { return }
        varint(UInt64(count - mark))
        tag(number << 3 | 2)
    }
}
