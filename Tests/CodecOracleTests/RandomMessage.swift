import Descriptors
import Timebase

/// Writes a random message of any type in the one form that every writer agrees on: fields by number, packed as the contract
/// says, nothing that is absent by default, each key of a map once.
struct RandomMessage {
    var chance: Chance
    /// How many levels of messages may lie in each other: random trees end by this, not by luck.
    private static let deepest = 5

    init(seed: UInt64) {
        chance = Chance(seed: seed)
    }

    mutating func bytes(of table: MessageTable, depth: Int = 0) -> [UInt8] {
        var bytes: [UInt8] = []
        var chosen: [Int: UInt32] = [:]
        for field in table.fields {
            guard let oneof = field.oneofIndex else { continue }
            if chosen[oneof] == nil || chance.next() % 3 == 0 { chosen[oneof] = field.number }
        }
        for field in table.fields {
            if field.isMessage, depth >= Self.deepest, !field.isRequired { continue }
            if let oneof = field.oneofIndex {
                guard chosen[oneof] == field.number, chance.next() % 4 != 0 else { continue }
                put(field, depth, into: &bytes)
            } else if field.isMap {
                putMap(field, depth, into: &bytes)
            } else if field.isRepeated {
                putList(field, depth, into: &bytes)
            } else if field.isRequired || chance.next() % 3 != 0 {
                put(field, depth, into: &bytes)
            }
        }
        return bytes
    }

    private mutating func putList(_ field: FieldTable, _ depth: Int, into bytes: inout [UInt8]) {
        let count = Int(chance.next() % 4) * (chance.next() % 8 == 0 ? 13 : 1)
        guard count > 0 else { return }
        guard field.isPacked else { return (0..<count).forEach { _ in put(field, depth, into: &bytes) } }
        var packed: [UInt8] = []
        for _ in 0..<count { packed += scalar(field) }
        bytes += varint(UInt64(field.number) << 3 | 2) + varint(UInt64(packed.count)) + packed
    }

    /// Keys rise, so that none comes twice.
    private mutating func putMap(_ field: FieldTable, _ depth: Int, into bytes: inout [UInt8]) {
        guard let entry = field.message else { return }
        var keys: Set<[UInt8]> = []
        for _ in 0..<Int(chance.next() % 4) {
            let key = scalar(entry.fields[0], nonZero: true)
            guard keys.insert(key).inserted else { continue }
            var item = varint(tag(entry.fields[0])) + key
            if entry.fields[1].isMessage {
                let value = self.bytes(of: entry.fields[1].message ?? entry, depth: depth + 1)
                item += varint(tag(entry.fields[1])) + varint(UInt64(value.count)) + value
            } else {
                item += varint(tag(entry.fields[1])) + scalar(entry.fields[1], nonZero: true)
            }
            bytes += varint(tag(field)) + varint(UInt64(item.count)) + item
        }
    }

    private mutating func put(_ field: FieldTable, _ depth: Int, into bytes: inout [UInt8]) {
        bytes += varint(tag(field))
        guard let message = field.message else {
            bytes += scalar(field, nonZero: !field.hasPresence && !field.isRepeated)
            return
        }
        let inner = self.bytes(of: message, depth: depth + 1)
        if field.kind == .group {
            bytes += inner + varint(UInt64(field.number) << 3 | 4)
        } else {
            bytes += varint(UInt64(inner.count)) + inner
        }
    }

    private func tag(_ field: FieldTable) -> UInt64 {
        let wireType: UInt64 =
            switch field.kind {
            case .double, .fixed64, .sfixed64: 1
            case .float, .fixed32, .sfixed32: 5
            case .string, .bytes, .message: 2
            case .group: 3
            default: 0
            }
        return UInt64(field.number) << 3 | wireType
    }

    private mutating func scalar(_ field: FieldTable, nonZero: Bool = false) -> [UInt8] {
        switch field.kind {
        case .bool: return [nonZero ? 1 : UInt8(chance.next() & 1)]
        case .enumeration: return varint(UInt64(bitPattern: Int64(enumNumber(field, nonZero))))
        case .int32: return varint(UInt64(bitPattern: Int64(Int32(truncatingIfNeeded: number(nonZero)))))
        case .uint32: return varint(UInt64(max(UInt32(truncatingIfNeeded: number(nonZero)), nonZero ? 1 : 0)))
        case .int64, .uint64, .sint64: return varint(number(nonZero))
        case .sint32: return varint(UInt64(max(UInt32(truncatingIfNeeded: number(nonZero)), nonZero ? 1 : 0)))
        case .fixed32, .sfixed32: return fixed(max(UInt32(truncatingIfNeeded: number(nonZero)), nonZero ? 1 : 0))
        case .fixed64, .sfixed64: return fixed(number(nonZero))
        case .float: return fixed((Float(Int8(truncatingIfNeeded: number(true))) + 0.37).bitPattern)
        case .double: return fixed((Double(Int32(truncatingIfNeeded: number(true))) * 1.1 + 0.3).bitPattern)
        case .string:
            let text = Array(word(nonZero).utf8)
            return varint(UInt64(text.count)) + text
        case .bytes:
            let count = Int(chance.next() % 40) + (nonZero ? 1 : 0)
            return varint(UInt64(count)) + (0..<count).map { _ in UInt8(truncatingIfNeeded: chance.next()) }
        case .message, .group: preconditionFailure("messages are not scalars")
        }
    }

    /// Small and large numbers alike: the lengths of varints matter, not their values.
    private mutating func number(_ nonZero: Bool) -> UInt64 {
        let value = chance.next() >> (chance.next() % 64)
        return nonZero && UInt32(truncatingIfNeeded: value) == 0 ? 1 : value
    }

    private mutating func enumNumber(_ field: FieldTable, _ nonZero: Bool) -> Int32 {
        let numbers = (field.enumeration?.values ?? []).map(\.number).filter { !nonZero || $0 != 0 }
        return numbers.isEmpty ? 1 : numbers[Int(chance.next() % UInt64(numbers.count))]
    }

    /// No NUL: C strings end there.
    private mutating func word(_ nonZero: Bool) -> String {
        let letters: [String] = ["a", "Z", "\"", "\\", "\n", "é", "漢", "🧵", " ", "\u{1}", "\u{7F}", "\u{2028}"]
        let count = Int(chance.next() % 24) + (nonZero ? 1 : 0)
        return (0..<count).map { _ in letters[Int(chance.next() % UInt64(letters.count))] }.joined()
    }

    private func varint(_ value: UInt64) -> [UInt8] {
        var bytes: [UInt8] = []
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        return bytes + [UInt8(rest)]
    }

    private func fixed(_ value: some FixedWidthInteger) -> [UInt8] {
        withUnsafeBytes(of: value.littleEndian) { Array($0) }
    }
}

extension FieldTable {
    var isMessage: Bool { kind == .message || kind == .group }
}
