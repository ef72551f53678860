package import Bytes

/// Writes header blocks of one connection (RFC 7541). Blocks must go out in the order in which they were written.
///
/// A field with an identity that was sent before is one lookup; so a proxied head is handed on index to index, without
/// reading it. Others are searched for by hash. What is kept in the peer's table, `IndexPolicy` says.
package struct HPACKEncoder: ~Copyable {
    private var table: DynamicTable
    private var cache = IdentityCache()
    private var policy = IndexPolicy()
    /// We use no larger table than this, whatever the peer allows: a search reads all of it.
    private let ownLimit: Int
    /// The size that the peer knows of.
    private var announced = HPACKDecoder.initialTableSize
    /// The smallest size since the last block.
    private var lowest = HPACKDecoder.initialTableSize
    private let common = StaticTable.standard
    private let huffman = HuffmanCode.standard

    package init(ownTableLimit: Int = HPACKDecoder.initialTableSize) {
        ownLimit = min(ownTableLimit, Self.largestTable)
        table = DynamicTable(maximum: HPACKDecoder.initialTableSize)
        setPeerTableSize(HPACKDecoder.initialTableSize)
    }

    /// What the table's entries weigh now, and the memory behind it all.
    package var tableSize: Int { table.size }
    package var heldBytes: Int { table.heldBytes + cache.heldBytes + policy.heldBytes }

    /// 512 entries: the most that a search may have to look at.
    private static let largestTable = 16_384

    /// The peer's SETTINGS_HEADER_TABLE_SIZE. The next block says what we make of it (RFC 7541 §4.2).
    package mutating func setPeerTableSize(_ size: Int) {
        let size = min(size, ownLimit)
        lowest = min(lowest, size)
        while table.size > size { removeOldest() }
        table.resize(size)
    }

    /// The most bytes that `encode` may write for the fields.
    package static func bound(_ fields: Fields) -> Int { fields.listSize + 2 * IntegerCoding.maxLength }

    /// Writes the block for `fields` into `target`, which has room for `bound(fields)`, and answers its length.
    package mutating func encode(_ fields: Fields, into target: UnsafeMutableRawBufferPointer) -> Int {
        var writer = BlockWriter(target)
        announceSize(&writer)
        fields.withView { view in
            for index in 0..<view.count {
                let field = view[index]
                if field.identity != Fields.noIdentity, putKnown(field, &writer) { continue }
                put(field, &writer)
            }
        }
        return writer.count
    }

    /// Writes a field by its identity, if it was sent before.
    @inline(__always)
    private mutating func putKnown(_ field: FieldsView.Entry, _ writer: inout BlockWriter) -> Bool {
        guard !field.isSensitive else { return false }
        if field.identity <= UInt64(StaticTable.count) {
            writer.put(0x80 | UInt8(truncatingIfNeeded: field.identity))
            return true
        }
        guard let number = cache.find(field.identity) else { return false }
        if let index = IdentityCache.staticIndex(number) {
            writer.put(0x80 | UInt8(truncatingIfNeeded: index))
            return true
        }
        guard number >= table.oldest else { return false }
        table.markUsed(number)
        writer.put(place(number), bits: 7, flags: 0x80)
        return true
    }

    /// Writes the block behind what `output` holds.
    package mutating func encode(_ fields: Fields, into output: inout [UInt8]) {
        let block = [UInt8](unsafeUninitializedCapacity: Self.bound(fields)) { target, count in
            count = encode(fields, into: UnsafeMutableRawBufferPointer(target))
        }
        output += block
    }

    /// The index of the entry with the number.
    private func place(_ number: Int) -> Int { StaticTable.count + table.inserted - number }

    private mutating func announceSize(_ writer: inout BlockWriter) {
        guard lowest != announced || table.maximum != announced else { return }
        if lowest < table.maximum { writer.put(lowest, bits: 5, flags: 0x20) }
        writer.put(table.maximum, bits: 5, flags: 0x20)
        announced = table.maximum
        lowest = announced
    }

    // MARK: Fields that were not found by identity

    private mutating func put(_ field: FieldsView.Entry, _ writer: inout BlockWriter) {
        let advice = field.isSensitive ? .secret : IndexPolicy.advice(field.known)
        switch advice {
        case .secret, .literal:
            putLiteral(field.known, field.name, field.value, isSecret: advice == .secret, &writer)
        case nil where field.identity == Fields.literalIdentity:
            // A peer that keeps an application's field out of its table has its reasons.
            putLiteral(field.known, field.name, field.value, isSecret: false, &writer)
        case .keep, nil:
            putIndexed(field.known, field.name, field.value, field.identity, &writer)
        }
    }

    private mutating func putIndexed(
        _ known: Fields.Name, _ name: UnsafeBufferPointer<UInt8>, _ value: UnsafeBufferPointer<UInt8>,
        _ identity: UInt64, _ writer: inout BlockWriter
    ) {
        let standard = common.find(known, name, value)
        if let standard, standard.isWhole {
            remember(identity, IdentityCache.number(ofStatic: standard.index))
            return writer.put(standard.index, bits: 7, flags: 0x80)
        }
        var mixed: UInt64 = 0
        ByteRuns.hash(name, into: &mixed)
        let nameHash = UInt32(truncatingIfNeeded: mixed >> 32)
        ByteRuns.hash(value, into: &mixed)
        let hash = UInt32(truncatingIfNeeded: mixed >> 32)
        if let found = table.search(hash, name, value) {
            remember(identity, found)
            table.markUsed(found)
            return writer.put(place(found), bits: 7, flags: 0x80)
        }
        let size = name.count + value.count + DynamicTable.overhead
        // A field that takes most of the table would empty it for itself.
        guard size <= table.maximum / 4 * 3, known != .other || policy.advice(nameHash) == .keep else {
            return putLiteral(standard?.index, name, value, isSecret: false, &writer)
        }
        writer.put(standard?.index ?? 0, bits: 6, flags: 0x40)
        // Sent once for many calls: the shorter form is worth its time.
        if standard == nil { writer.put(name, packedBy: huffman) }
        writer.put(value, packedBy: huffman)
        while table.size + size > table.maximum { removeOldest() }
        if let number = table.insert(known, name, value, identity: identity, hash: hash) {
            remember(identity, number)
        }
    }

    private mutating func remember(_ identity: UInt64, _ number: Int) {
        guard identity != Fields.noIdentity, identity != Fields.literalIdentity else { return }
        cache.store(identity, number, oldest: table.oldest)
    }

    private mutating func removeOldest() {
        let entry = table.removeOldest()
        guard entry.name == .other else { return }
        var mixed: UInt64 = 0
        ByteRuns.hash(table.name(entry), into: &mixed)
        policy.noteRemoval(UInt32(truncatingIfNeeded: mixed >> 32), wasUsed: entry.isUsed)
    }

    private func putLiteral(
        _ known: Fields.Name, _ name: UnsafeBufferPointer<UInt8>, _ value: UnsafeBufferPointer<UInt8>, isSecret: Bool,
        _ writer: inout BlockWriter
    ) {
        putLiteral(common.find(known, name, value)?.index, name, value, isSecret: isSecret, &writer)
    }

    /// A literal that stays out of the table, in plain bytes: packing and unpacking them in each call takes more time than
    /// the wire saves (see the article on HPACK).
    private func putLiteral(
        _ nameIndex: Int?, _ name: UnsafeBufferPointer<UInt8>, _ value: UnsafeBufferPointer<UInt8>, isSecret: Bool,
        _ writer: inout BlockWriter
    ) {
        writer.put(nameIndex ?? 0, bits: 4, flags: isSecret ? 0x10 : 0)
        if nameIndex == nil { writer.put(name) }
        writer.put(value)
    }
}
