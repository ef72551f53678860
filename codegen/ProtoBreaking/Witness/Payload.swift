import Descriptors

/// Bytes of fields as a writer of the old contract may have sent them.
enum Payload {
    /// How many fields of a message are tried by themselves: of the message itself, of those in it, of those in these.
    /// Further down nothing is: wide messages within wide messages would be tried for hours.
    private static let widths = [1000, 48, 6]

    /// The field with each value that may show a difference, the plainest first; lists have two values.
    static func samples(of field: FieldTable, depth: Int = 0) -> [[UInt8]] {
        if field.isMap { return entries(of: field, depth) }
        let values = values(of: field, depth)
        guard field.isRepeated else { return values.map { tagged(field, $0) } }
        guard let first = values.first else { return [] }
        let second = values.count > 1 ? values[1] : first
        if field.isPacked { return [varint(UInt64(field.number) << 3 | 2) + prefixed(first + second)] }
        return [tagged(field, first) + tagged(field, second)] + values.map { tagged(field, $0) }
    }

    /// A message with every field, and messages with one field each; without the fields of other oneof members.
    static func samples(of table: MessageTable, depth: Int = 0) -> [[UInt8]] {
        let fields = table.fields.filter { !$0.isExtension }
        var oneofs: Set<Int> = []
        let whole = fields.filter { $0.oneofIndex.map { oneofs.insert($0).inserted } ?? true }
            .flatMap { first(of: $0, depth: depth) }
        let base = required(of: table, depth: depth)
        let single = fields.prefix(widths[depth]).flatMap { field in
            samples(of: field, depth: depth).map { base + $0 }
        }
        return [whole] + single + [base]
    }

    /// The field with its plainest value; messages within messages have what they must have and nothing else.
    private static func first(of field: FieldTable, depth: Int) -> [UInt8] {
        guard let table = field.message, !field.isMap else { return samples(of: field, depth: depth).first ?? [] }
        let body = depth < deepestRequired ? required(of: table, depth: depth + 1) : []
        return tagged(field, field.kind == .group ? body + end(of: field) : prefixed(body))
    }

    /// The fields without which the writer would not have sent the message.
    static func required(of table: MessageTable, besides number: UInt32? = nil, depth: Int = 0) -> [UInt8] {
        table.fields.filter { $0.isRequired && $0.number != number }.flatMap { first(of: $0, depth: depth) }
    }

    /// A message that requires itself can never be sent; others do not require others that deep.
    private static let deepestRequired = 8

    private static func end(of group: FieldTable) -> [UInt8] { varint(UInt64(group.number) << 3 | 4) }

    private static func entries(of field: FieldTable, _ depth: Int) -> [[UInt8]] {
        guard let entry = field.message, let key = entry.field(number: 1), let value = entry.field(number: 2),
            let firstKey = values(of: key, depth).first
        else { return [] }
        return values(of: value, depth + 1).map { item in
            tagged(field, prefixed(tagged(key, firstKey) + tagged(value, item)))
        }
    }

    /// A first byte of two, and no second one.
    private static let notUTF8: [UInt8] = [0x61, 0x62, 0xC3, 0x28]

    /// Of an enum of thousands a few show what there is to show.
    private static let mostEnumValues = 50

    /// Values without their tags.
    private static func values(of field: FieldTable, _ depth: Int) -> [[UInt8]] {
        switch field.kind {
        case .int32: return [1, 5, -1, Int64(Int32.max)].map { varint(UInt64(bitPattern: $0)) }
        case .int64: return [1, 5, -1, 1 << 40].map { varint(UInt64(bitPattern: $0)) }
        case .uint32: return [1, 5, UInt64(UInt32.max)].map(varint)
        case .uint64: return [1, 5, 1 << 40, UInt64.max].map(varint)
        case .sint32: return [1, 5, -1, Int64(Int32.max)].map { varint(zigzag($0)) }
        case .sint64: return [1, 5, -1, 1 << 40].map { varint(zigzag($0)) }
        case .bool: return [varint(1)]
        case .enumeration:
            let numbers = field.enumeration?.values.map(\.number) ?? []
            let ordered = numbers.filter { $0 != 0 }.prefix(mostEnumValues) + numbers.filter { $0 == 0 }.prefix(1)
            return ordered.map { varint(UInt64(bitPattern: Int64($0))) }
        case .fixed32: return [1, UInt32.max].map { little($0) }
        case .sfixed32: return [1, -1].map { little(UInt32(bitPattern: $0)) }
        case .float: return [little(Float(1.5).bitPattern)]
        case .fixed64: return [1, UInt64.max].map { little($0) }
        case .sfixed64: return [1, -1].map { little(UInt64(bitPattern: $0)) }
        case .double: return [little(Double(1.5).bitPattern)]
        case .string: return (["abc", "123"].map { Array($0.utf8) } + [notUTF8]).map(prefixed)
        case .bytes: return [[0x61, 0x62, 0x63], notUTF8].map(prefixed)
        case .message, .group:
            guard depth + 1 < widths.count, let table = field.message else {
                return [Array(first(of: field, depth: depth).dropFirst(tag(of: field).count))]
            }
            return samples(of: table, depth: depth + 1).map { body in
                field.kind == .group ? body + end(of: field) : prefixed(body)
            }
        }
    }

    private static func tagged(_ field: FieldTable, _ value: [UInt8]) -> [UInt8] { tag(of: field) + value }

    private static func tag(of field: FieldTable) -> [UInt8] {
        let wireType: UInt64 =
            switch field.kind {
            case .double, .fixed64, .sfixed64: 1
            case .string, .bytes, .message: 2
            case .group: 3
            case .float, .fixed32, .sfixed32: 5
            default: 0
            }
        return varint(UInt64(field.number) << 3 | wireType)
    }

    private static func prefixed(_ bytes: [UInt8]) -> [UInt8] { varint(UInt64(bytes.count)) + bytes }

    static func varint(_ number: UInt64) -> [UInt8] {
        var rest = number
        var out: [UInt8] = []
        while rest >= 0x80 {
            out.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        return out + [UInt8(rest)]
    }

    private static func zigzag(_ number: Int64) -> UInt64 { UInt64(bitPattern: number << 1 ^ number >> 63) }

    private static func little<Number: FixedWidthInteger>(_ number: Number) -> [UInt8] {
        (0..<Number.bitWidth / 8).map { UInt8(truncatingIfNeeded: number >> ($0 * 8)) }
    }
}
