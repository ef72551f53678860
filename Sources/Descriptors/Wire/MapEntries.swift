import ProtoWire

/// The key of a map, in the order in which sorted output has it: numbers by value, text by its bytes.
enum MapKey: Hashable, Comparable {
    case bool(Bool)
    case signed(Int64)
    case unsigned(UInt64)
    case text([UInt8])

    static func < (left: MapKey, right: MapKey) -> Bool {
        switch (left, right) {
        case (.bool(let left), .bool(let right)): !left && right
        case (.signed(let left), .signed(let right)): left < right
        case (.unsigned(let left), .unsigned(let right)): left < right
        case (.text(let left), .text(let right)): left.lexicographicallyPrecedes(right)
        default: preconditionFailure("the keys of one map are of one kind")
        }
    }

    /// The key that a reader stands at.
    init(_ field: FieldTable, _ reader: inout WireReader) throws(DecodeError) {
        switch field.kind {
        case .bool: self = .bool(try reader.bool())
        case .int32: self = .signed(Int64(try reader.int32()))
        case .int64: self = .signed(try reader.int64())
        case .sint32: self = .signed(Int64(try reader.sint32()))
        case .sint64: self = .signed(try reader.sint64())
        case .sfixed32: self = .signed(Int64(try reader.sfixed32()))
        case .sfixed64: self = .signed(try reader.sfixed64())
        case .uint32: self = .unsigned(UInt64(try reader.uint32()))
        case .uint64: self = .unsigned(try reader.uint64())
        case .fixed32: self = .unsigned(UInt64(try reader.fixed32()))
        case .fixed64: self = .unsigned(try reader.fixed64())
        default: self = .text(Array(try reader.rawBytes()))
        }
    }

    /// What an entry without a key has.
    init(defaultOf field: FieldTable) {
        switch field.kind {
        case .bool: self = .bool(false)
        case .int32, .int64, .sint32, .sint64, .sfixed32, .sfixed64: self = .signed(0)
        case .uint32, .uint64, .fixed32, .fixed64: self = .unsigned(0)
        default: self = .text([])
        }
    }
}

/// The entries of a map field, sorted by key; of equal keys the last one alone.
struct MapEntries {
    struct Entry {
        let key: MapKey
        /// The entry's own two fields.
        let fields: GatheredFields
    }

    private(set) var entries: [Entry] = []
    /// Entries whose value a closed enum does not name: they are unknown fields of the message that has the map.
    private(set) var unknown: [UnsafeRawBufferPointer] = []

    init(_ field: FieldTable, _ occurrences: [GatheredFields.Occurrence]) throws(DecodeError) {
        guard let table = field.message else { preconditionFailure("a map field has an entry type") }
        let (key, value) = field.entry
        var places: [MapKey: Int] = [:]
        for occurrence in occurrences {
            let payload = try GatheredFields.payload(field, occurrence)
            let fields = try GatheredFields(table, payload)
            if let enumeration = value.enumeration, enumeration.isClosed,
                fields.unknown.contains(where: { $0.first == UInt8(truncatingIfNeeded: value.tag) })
            {
                unknown.append(payload)
                continue
            }
            var mapKey = MapKey(defaultOf: key)
            if var last = fields[key].last { mapKey = try MapKey(key, &last.reader) }
            let entry = Entry(key: mapKey, fields: fields)
            if let place = places.updateValue(entries.count, forKey: mapKey) {
                places[mapKey] = place
                entries[place] = entry
            } else {
                entries.append(entry)
            }
        }
        entries.sort { $0.key < $1.key }
    }
}
