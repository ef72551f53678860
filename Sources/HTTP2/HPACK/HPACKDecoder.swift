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

    /// Room for what a proxy adds to a head, an id and a timeout, say: then it need not move the list.
    private static let spareFields = 2
    private static let spareBytes = 80

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

    /// Reads a whole block and adds its fields to `fields`. After a throw the connection is lost, and the fields as well.
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
        guard position < block.count else { return .whole }
        var list = fields.isEmpty ? FieldsBuilder(expecting: usual) : FieldsBuilder(fields, reserving: usual)
        fields = Fields()
        var room = listLimit - list.listSize
        while position < block.count {
            let first = block[position]
            if first & 0x80 != 0 {
                try readIndexed(block, &position, &room, into: &list)
            } else if first & 0xe0 == 0x20 {
                throw .sizeUpdateInside
            } else {
                try readLiteral(block, &position, &room, into: &list)
            }
        }
        usual = (list.count + Self.spareFields, list.listSize - 32 * list.count + Self.spareBytes)
        fields = list.finish()
        return room < 0 ? .tooLarge : .whole
    }

    // MARK: Fields

    @inline(__always)
    private func readIndexed(
        _ block: Span<UInt8>, _ position: inout Int, _ room: inout Int, into list: inout FieldsBuilder
    ) throws(HPACKError) {
        let index = try IntegerCoding.read(7, block, &position)
        if index > StaticTable.count {
            let entry = try entry(at: index)
            guard Self.charge(entry.length, &room) else { return }
            list.append(entry.name, table.bytes(entry), nameLength: Int(entry.nameLength), identity: entry.identity)
        } else {
            guard index > 0 else { throw .noSuchIndex }
            let field = common[index - 1]
            guard Self.charge(field.bytes.count, &room) else { return }
            list.append(field.known, field.bytes, nameLength: field.nameLength, identity: UInt64(index))
        }
    }

    /// A field with a literal value: kept in the table, not kept, or never to be kept (RFC 7541 §6.2).
    private mutating func readLiteral(
        _ block: Span<UInt8>, _ position: inout Int, _ room: inout Int, into list: inout FieldsBuilder
    ) throws(HPACKError) {
        let first = block[position]
        let isKept = first & 0x40 != 0
        let index = try IntegerCoding.read(isKept ? 6 : 4, block, &position)
        let known: Fields.Name
        let nameLength: Int
        if index == 0 {
            nameLength = try readString(block, &position, after: 0, into: &list)
            known = Fields.Name(list.staged(nameLength))
        } else if index <= StaticTable.count {
            known = common[index - 1].known
            nameLength = Self.stage(common[index - 1].name, into: &list)
        } else {
            let entry = try entry(at: index)
            known = entry.name
            nameLength = Self.stage(table.name(entry), into: &list)
        }
        let valueLength = try readString(block, &position, after: nameLength, into: &list)
        var identity = Fields.literalIdentity
        if isKept {
            let bytes = list.staged(nameLength + valueLength)
            let candidate = identities.take()
            let number = table.insert(
                known, UnsafeBufferPointer(rebasing: bytes[..<nameLength]),
                UnsafeBufferPointer(rebasing: bytes[nameLength...]), identity: candidate)
            if number != nil { identity = candidate }
        }
        guard Self.charge(nameLength + valueLength, &room) else { return }
        list.commit(
            known, nameLength: nameLength, valueLength: valueLength, isSensitive: first & 0xf0 == 0x10,
            identity: identity)
    }

    /// Takes a field's weight off the list's room, and answers whether it was large enough. Once it was not, no later field
    /// is added.
    @inline(__always)
    private static func charge(_ length: Int, _ room: inout Int) -> Bool {
        guard room >= 0 else { return false }
        room -= length + DynamicTable.overhead
        return room >= 0
    }

    @inline(__always)
    private func entry(at index: Int) throws(HPACKError) -> DynamicTable.Entry {
        let place = index - StaticTable.count
        guard place > 0, place <= table.count else { throw .noSuchIndex }
        return table[table.inserted - place]
    }

    // MARK: Strings

    private static func stage(_ name: UnsafeBufferPointer<UInt8>, into list: inout FieldsBuilder) -> Int {
        ByteRuns.copy(name, to: list.stage(room: name.count, after: 0))
        return name.count
    }

    /// Puts a string behind the `staged` bytes, and answers its length.
    private func readString(
        _ block: Span<UInt8>, _ position: inout Int, after staged: Int, into list: inout FieldsBuilder
    ) throws(HPACKError) -> Int {
        guard position < block.count else { throw .truncated }
        let isHuffman = block[position] & 0x80 != 0
        let length = try IntegerCoding.read(7, block, &position)
        guard length <= block.count - position else { throw .truncated }
        let coded = block.extracting(position..<position + length)
        position += length
        guard !isHuffman else {
            return try huffman.decode(
                coded, into: list.stage(room: HuffmanCode.maxDecodedLength(length), after: staged))
        }
        let target = list.stage(room: length, after: staged)
        coded.withUnsafeBufferPointer { ByteRuns.copy($0, to: target) }
        return length
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
