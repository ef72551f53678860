extension WireReader {
    /// Keeps a field that the contract does not name, or closes the current group.
    public mutating func unknown(_ tag: UInt32, _ fields: inout UnknownFields) throws(DecodeError) {
        if tag & 7 == 4 { return try closeGroup(tag) }
        let value = next
        try skip(tag)
        fields.append(tag, UnsafeRawBufferPointer(start: value, count: next - value))
    }

    /// Keeps an extension that the contract itself declares as text: it is checked, as every field of the contract is.
    public mutating func unknownText(_ tag: UInt32, _ fields: inout UnknownFields) throws(DecodeError) {
        let value = next
        guard UTF8Text.isValid(try rawBytes()) else {
            next = value
            throw failure(.invalidUTF8)
        }
        fields.append(tag, UnsafeRawBufferPointer(start: value, count: next - value))
    }

    /// Passes over the value of a field, whatever it is.
    public mutating func skip(_ tag: UInt32) throws(DecodeError) {
        guard tag >> 3 != 0 else { throw failure(.invalidTag) }
        switch tag & 7 {
        case 0: _ = try varint()
        case 1: _ = try fixed64()
        case 2: _ = try rawBytes()
        case 3: try skipGroup(tag)
        case 4: try closeGroup(tag)
        case 5: _ = try fixed32()
        default: throw failure(.invalidTag)
        }
    }

    private mutating func skipGroup(_ tag: UInt32) throws(DecodeError) {
        _ = try groupBytes(tag)
    }

    /// The bytes of a group where they lie, without the tags that open and close it.
    public mutating func groupBytes(_ tag: UInt32) throws(DecodeError) -> UnsafeRawBufferPointer {
        guard levelsLeft > 0 else { throw failure(.tooDeep) }
        levelsLeft -= 1
        let first = next
        while true {
            let last = next
            guard let inner = try nextTag() else { throw failure(.unmatchedGroup) }
            if inner & 7 == 4 {
                guard inner >> 3 == tag >> 3 else { throw failure(.unmatchedGroup) }
                levelsLeft += 1
                return UnsafeRawBufferPointer(start: first, count: last - first)
            }
            try skip(inner)
        }
    }

    /// Ends the message that came as a group: its end is here, so the loop of `merge` ends by itself.
    private mutating func closeGroup(_ tag: UInt32) throws(DecodeError) {
        guard tag == openGroup else { throw failure(.unmatchedGroup) }
        openGroup = 0
        end = next
    }
}
