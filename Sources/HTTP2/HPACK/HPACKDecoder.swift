package import Bytes

/// Reads header blocks of one connection, in the order in which they came (RFC 7541).
///
/// Every block must be read to its end, also one that nobody wants: it changes the table. So a list that is too large is
/// read on, and its fields are dropped. The work is bounded by the block's length, the memory by the table's size, the list
/// limit and the longest string of the block.
package struct HPACKDecoder: ~Copyable {
    /// Whether a list kept within its limit.
    package enum Extent: Sendable {
        case whole
        /// It weighs more than the limit; what came before the field that broke it is there.
        case tooLarge
    }

    private var table: DynamicTable
    /// What we allow the peer's table, by SETTINGS that the peer acknowledged.
    private var limit: Int
    /// The limit went below the table's size: the next block must begin by a size of this or less.
    private var due: Int?
    /// What a list may weigh (RFC 9113 §6.5.2).
    package var listLimit: Int
    private var identities = FieldIdentities()
    /// What the last list took, which the next one will take too, as a rule.
    private var usual = (fields: 0, bytes: 0)
    private let common = StaticTable.standard.fields
    private let huffman = HuffmanCode.standard

    /// The table's size until somebody says otherwise (RFC 9113 §6.5.2).
    package static let initialTableSize = 4096

    package init(tableLimit: Int = Self.initialTableSize, listLimit: Int) {
        table = DynamicTable(maximum: Self.initialTableSize)
        limit = Self.initialTableSize
        self.listLimit = listLimit
        if tableLimit != limit { setTableLimit(tableLimit) }
    }

    /// What the table's entries weigh now, and the memory behind it all.
    package var tableSize: Int { table.size }
    package var heldBytes: Int { table.heldBytes }

    /// Our SETTINGS_HEADER_TABLE_SIZE took effect: the peer acknowledged it.
    package mutating func setTableLimit(_ limit: Int) {
        self.limit = limit
        guard limit < table.maximum else { return }
        // The peer must say so at the start of its next block (RFC 7541 §4.2). Its own table is smaller already.
        due = limit
        table.resize(limit)
    }

    /// Reads a whole block and adds its fields to `fields`. After a throw the connection is lost.
    package mutating func decode(
        _ block: UnsafeRawBufferPointer, into fields: inout Fields
    ) throws(HPACKError) -> Extent {
        let bytes = UnsafeBufferPointer(
            start: block.baseAddress?.assumingMemoryBound(to: UInt8.self), count: block.count)
        return try decode(bytes.span, into: &fields)
    }

    private mutating func decode(_ block: Span<UInt8>, into fields: inout Fields) throws(HPACKError) -> Extent {
        var position = 0
        try readSizeUpdates(block, &position)
        fields.reserve(fields: usual.fields, bytes: usual.bytes)
        var room = listLimit - fields.listSize
        while position < block.count {
            let first = block[position]
            if first & 0x80 != 0 {
                try readIndexed(block, &position, &room, into: &fields)
            } else if first & 0xe0 == 0x20 {
                throw .sizeUpdateInside
            } else {
                try readLiteral(block, &position, &room, into: &fields)
            }
        }
        usual = (fields.count, fields.listSize - 32 * fields.count)
        return room < 0 ? .tooLarge : .whole
    }

    // MARK: Fields

    private mutating func readIndexed(
        _ block: Span<UInt8>, _ position: inout Int, _ room: inout Int, into fields: inout Fields
    ) throws(HPACKError) {
        let index = try IntegerCoding.read(7, block, &position)
        guard index > StaticTable.count else {
            guard index > 0 else { throw .noSuchIndex }
            common.withBytes(at: index - 1) { name, value in
                Self.charge(name.count + value.count, &room) {
                    fields.append(
                        common.name(at: index - 1), spelled: name, value, isSensitive: false, identity: UInt64(index))
                }
            }
            return
        }
        let entry = try entry(at: index)
        table.withBytes(entry) { name, value in
            Self.charge(entry.length, &room) {
                fields.append(entry.name, spelled: name, value, isSensitive: false, identity: entry.identity)
            }
        }
    }

    /// A field with a literal value: kept in the table, not kept, or never to be kept (RFC 7541 §6.2).
    private mutating func readLiteral(
        _ block: Span<UInt8>, _ position: inout Int, _ room: inout Int, into fields: inout Fields
    ) throws(HPACKError) {
        let first = block[position]
        let isKept = first & 0x40 != 0
        let isSensitive = first & 0xf0 == 0x10
        let index = try IntegerCoding.read(isKept ? 6 : 4, block, &position)
        var known = Fields.Name.other
        let nameLength: Int
        if index == 0 {
            nameLength = try readString(block, &position, after: 0, into: &fields)
        } else if index <= StaticTable.count {
            known = common.name(at: index - 1)
            nameLength = common.withBytes(at: index - 1) { name, _ in Self.stage(name, into: &fields) }
        } else {
            let entry = try entry(at: index)
            known = entry.name
            nameLength = table.withBytes(entry) { name, _ in Self.stage(name, into: &fields) }
        }
        let valueLength = try readString(block, &position, after: nameLength, into: &fields)
        var identity = Fields.literalIdentity
        fields.withStaged(nameLength: nameLength, valueLength: valueLength) { name, value in
            if index == 0 { known = Fields.Name(name) }
            guard isKept else { return }
            let candidate = identities.take()
            if table.insert(known, name, value, identity: candidate) != nil { identity = candidate }
        }
        Self.charge(nameLength + valueLength, &room) {
            fields.commit(
                known, nameLength: nameLength, valueLength: valueLength, isSensitive: isSensitive, identity: identity)
        }
    }

    /// Adds a field if the list's room is large enough. Once it was not, no later field is added.
    @inline(__always)
    private static func charge(_ length: Int, _ room: inout Int, _ add: () -> Void) {
        // Stays negative, and does not run away: a block's fields are many, their weights bounded by its length.
        room = room < 0 ? room : room - length - DynamicTable.overhead
        if room >= 0 { add() }
    }

    private func entry(at index: Int) throws(HPACKError) -> DynamicTable.Entry {
        let place = index - StaticTable.count
        guard place > 0, place <= table.count else { throw .noSuchIndex }
        return table[table.inserted - place]
    }

    // MARK: Strings

    private static func stage(_ name: UnsafeBufferPointer<UInt8>, into fields: inout Fields) -> Int {
        fields.stage(room: name.count, after: 0) { target in
            _ = target.update(fromContentsOf: name)
            return name.count
        }
    }

    /// Puts a string behind the `staged` bytes, and answers its length.
    private func readString(
        _ block: Span<UInt8>, _ position: inout Int, after staged: Int, into fields: inout Fields
    ) throws(HPACKError) -> Int {
        guard position < block.count else { throw .truncated }
        let isHuffman = block[position] & 0x80 != 0
        let length = try IntegerCoding.read(7, block, &position)
        guard length <= block.count - position else { throw .truncated }
        let coded = block.extracting(position..<position + length)
        position += length
        guard isHuffman else {
            return fields.stage(room: length, after: staged) { target in
                coded.withUnsafeBufferPointer { _ = target.update(fromContentsOf: $0) }
                return length
            }
        }
        return try fields.stage(
            room: HuffmanCode.maxDecodedLength(length), after: staged
        ) { (target) throws(HPACKError) in try huffman.decode(coded, into: target) }
    }

    // MARK: Table sizes

    /// Sizes stand at the start of a block alone. There is one as a rule, and two if the limit went down and up again.
    private mutating func readSizeUpdates(_ block: Span<UInt8>, _ position: inout Int) throws(HPACKError) {
        while position < block.count, block[position] & 0xe0 == 0x20 {
            let size = try IntegerCoding.read(5, block, &position)
            guard size <= min(due ?? limit, limit) else { throw .sizeAboveLimit }
            due = nil
            table.resize(size)
        }
        guard due == nil else { throw .sizeUpdateMissing }
    }
}
