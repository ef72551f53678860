extension FieldLayout {
    /// The low three bits of a value's own tag.
    private var wireType: UInt32 {
        switch scalar {
        case .int32, .int64, .uint32, .uint64, .sint32, .sint64, .bool, .enumeration: 0
        case .fixed64, .sfixed64, .double: 1
        case .string, .bytes, .none: 2
        case .fixed32, .sfixed32, .float: 5
        }
    }

    /// Whether the table reads a field with this tag.
    func accepts(_ tag: UInt32) -> Bool {
        switch shape {
        case .code: false
        case .implicit, .explicit: tag & 7 == wireType
        // Readers take numbers packed or not, whatever the contract says.
        case .repeated, .packed: tag & 7 == wireType || tag & 7 == 2
        }
    }

    /// Reads a value into a message that lies at `message`.
    func read(_ tag: UInt32, _ message: UnsafeMutableRawPointer, _ reader: inout WireReader) -> DecodeError? {
        let place = message + Int(offset)
        do throws(DecodeError) {
            switch scalar {
            case .int32: try number(tag, place, &reader, ProtoInt32.self)
            case .int64: try number(tag, place, &reader, ProtoInt64.self)
            case .uint32: try number(tag, place, &reader, ProtoUInt32.self)
            case .uint64: try number(tag, place, &reader, ProtoUInt64.self)
            case .sint32: try number(tag, place, &reader, ProtoSInt32.self)
            case .sint64: try number(tag, place, &reader, ProtoSInt64.self)
            case .bool: try number(tag, place, &reader, ProtoBool.self)
            case .fixed32: try fixed(tag, place, &reader, ProtoFixed32.self)
            case .fixed64: try fixed(tag, place, &reader, ProtoFixed64.self)
            case .sfixed32: try fixed(tag, place, &reader, ProtoSFixed32.self)
            case .sfixed64: try fixed(tag, place, &reader, ProtoSFixed64.self)
            case .float: try fixed(tag, place, &reader, ProtoFloat.self)
            case .double: try fixed(tag, place, &reader, ProtoDouble.self)
            case .string: try value(tag, place, &reader, ProtoString.self)
            case .bytes: try value(tag, place, &reader, ProtoBytes.self)
            case .enumeration: place.storeBytes(of: try reader.int32(), as: Int32.self)
            case .none: preconditionFailure("a row without a scalar is for code")
            }
            return nil
        } catch {
            return error
        }
    }

    private func number<Coding: VarintCoding>(
        _ tag: UInt32, _ place: UnsafeMutableRawPointer, _ reader: inout WireReader, _: Coding.Type
    ) throws(DecodeError) {
        guard tag & 7 == 2 else { return try value(tag, place, &reader, Coding.self) }
        try reader.packed(&place.assumingMemoryBound(to: [Coding.Value].self).pointee, Coding.self)
    }

    private func fixed<Coding: FixedCoding>(
        _ tag: UInt32, _ place: UnsafeMutableRawPointer, _ reader: inout WireReader, _: Coding.Type
    ) throws(DecodeError) {
        guard tag & 7 == 2 else { return try value(tag, place, &reader, Coding.self) }
        try reader.packed(&place.assumingMemoryBound(to: [Coding.Value].self).pointee, Coding.self)
    }

    /// One value: the property's own, or those of an array that stand together.
    private func value<Coding: ScalarCoding>(
        _ tag: UInt32, _ place: UnsafeMutableRawPointer, _ reader: inout WireReader, _: Coding.Type
    ) throws(DecodeError) {
        switch shape {
        case .implicit: place.assumingMemoryBound(to: Coding.Value.self).pointee = try Coding.read(from: &reader)
        case .explicit: place.assumingMemoryBound(to: Coding.Value?.self).pointee = try Coding.read(from: &reader)
        case .repeated, .packed:
            try reader.repeated(&place.assumingMemoryBound(to: [Coding.Value].self).pointee, tag: tag, Coding.self)
        case .code: break
        }
    }
}

extension FieldLayout {
    /// Writes the property of a message that lies at `message`, if it is present.
    func write(_ message: UnsafeRawPointer, _ writer: inout WireWriter) {
        let place = message + Int(offset)
        switch scalar {
        case .int32: number(place, &writer, ProtoInt32.self)
        case .int64: number(place, &writer, ProtoInt64.self)
        case .uint32: number(place, &writer, ProtoUInt32.self)
        case .uint64: number(place, &writer, ProtoUInt64.self)
        case .sint32: number(place, &writer, ProtoSInt32.self)
        case .sint64: number(place, &writer, ProtoSInt64.self)
        case .bool: number(place, &writer, ProtoBool.self)
        case .fixed32: fixed(place, &writer, ProtoFixed32.self)
        case .fixed64: fixed(place, &writer, ProtoFixed64.self)
        case .sfixed32: fixed(place, &writer, ProtoSFixed32.self)
        case .sfixed64: fixed(place, &writer, ProtoSFixed64.self)
        case .float: fixed(place, &writer, ProtoFloat.self)
        case .double: fixed(place, &writer, ProtoDouble.self)
        case .string: text(place, &writer)
        case .bytes: content(place, &writer)
        case .enumeration:
            let value = place.load(as: Int32.self)
            if value != 0 { writer.int32(value, tag: number << 3) }
        case .none: preconditionFailure("a row without a scalar is for code")
        }
    }

    private func number<Coding: VarintCoding>(_ place: UnsafeRawPointer, _ writer: inout WireWriter, _: Coding.Type) {
        if shape == .packed {
            let values = place.assumingMemoryBound(to: [Coding.Value].self).pointee
            return writer.packed(values, tag: number << 3 | 2, Coding.self)
        }
        value(place, &writer, Coding.self) { Coding.varint($0) == 0 }
    }

    private func fixed<Coding: FixedCoding>(_ place: UnsafeRawPointer, _ writer: inout WireWriter, _: Coding.Type) {
        if shape == .packed {
            let values = place.assumingMemoryBound(to: [Coding.Value].self).pointee
            return writer.packed(values, tag: number << 3 | 2, Coding.self)
        }
        // Compared by bits, because -0 is not the default.
        value(place, &writer, Coding.self) { value in
            withUnsafeBytes(of: value) { $0.allSatisfy { $0 == 0 } }
        }
    }

    private func text(_ place: UnsafeRawPointer, _ writer: inout WireWriter) {
        value(place, &writer, ProtoString.self) { $0.isEmpty }
    }

    private func content(_ place: UnsafeRawPointer, _ writer: inout WireWriter) {
        value(place, &writer, ProtoBytes.self) { $0.isEmpty }
    }

    private func value<Coding: ScalarCoding>(
        _ place: UnsafeRawPointer, _ writer: inout WireWriter, _: Coding.Type, isDefault: (Coding.Value) -> Bool
    ) {
        let tag = number << 3 | wireType
        switch shape {
        case .implicit:
            let value = place.assumingMemoryBound(to: Coding.Value.self).pointee
            if !isDefault(value) { Coding.write(value, tag: tag, into: &writer) }
        case .explicit:
            if let value = place.assumingMemoryBound(to: Coding.Value?.self).pointee {
                Coding.write(value, tag: tag, into: &writer)
            }
        case .repeated:
            writer.repeated(place.assumingMemoryBound(to: [Coding.Value].self).pointee, tag: tag, Coding.self)
        case .packed, .code: break
        }
    }
}
