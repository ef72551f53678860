import Descriptors
import ProtoWire

/// What a contract makes of a payload.
struct Reading: Equatable {
    /// For people: JSON, or why the payload is refused.
    let text: String
    let isRefused: Bool
    /// The values by number and not by name: two readings of it are the same if nothing was misread.
    let values: String

    /// Reads bytes as a program would that was built from the contract.
    init(_ bytes: [UInt8], as table: MessageTable, in pool: DescriptorPool) {
        do {
            let message = try DynamicMessage(table, decoding: bytes)
            if let missing = try message.missingRequiredField() {
                self.init(refusal: "the required field \(missing) is missing")
                return
            }
            // A payload may be good bytes and have no JSON form; the values say then what was read.
            let values = Reading.values(of: message)
            self.init(text: (try? message.jsonString(types: pool)) ?? values, isRefused: false, values: values)
        } catch {
            self.init(refusal: "\(error)")
        }
    }

    init(text: String, isRefused: Bool, values: String) {
        self.text = text
        self.isRefused = isRefused
        self.values = values
    }

    init(refusal: String) {
        self.init(text: "refuses it: \(refusal)", isRefused: true, values: "")
    }

    static func == (left: Reading, right: Reading) -> Bool {
        left.isRefused == right.isRefused && left.values == right.values
    }

    /// Decoding has bounded how deep messages nest, so the recursion is bounded.
    private static func values(of message: DynamicMessage) -> String {
        let parts = message.table.fields.compactMap { field -> String? in
            guard let value = message.value(of: field), let known = named(value, in: field) else { return nil }
            return "\(field.number): \(values(of: known))"
        }
        return "{" + parts.joined(separator: ", ") + "}"
    }

    /// A closed enum keeps numbers that it does not name among the unknown fields: nobody reads them there.
    private static func named(_ value: DynamicValue, in field: FieldTable) -> DynamicValue? {
        guard field.enumeration?.isClosed == true else { return value }
        func isNamed(_ item: DynamicValue) -> Bool {
            if case .enumeration(_, nil) = item { return false }
            return true
        }
        guard case .list(let items) = value else { return isNamed(value) ? value : nil }
        let known = items.filter(isNamed)
        return known.isEmpty ? nil : .list(known)
    }

    private static func values(of value: DynamicValue) -> String {
        switch value {
        // The wire does not tell signed from unsigned, nor enums from numbers.
        case .integer(let number): String(number)
        case .unsigned(let number): String(number)
        case .enumeration(let number, _): String(number)
        case .bool(let flag): flag ? "1" : "0"
        case .double(let number): number.description
        case .string(let text): Array(text.utf8).hex
        case .bytes(let bytes): bytes.hex
        case .message(let message): values(of: message)
        // A list of one and a single value are the same bytes, and the same to read.
        case .list(let items) where items.count == 1: values(of: items[0])
        case .list(let items): "[" + items.map(values).joined(separator: ", ") + "]"
        case .map(let entries):
            "[" + entries.map { "{1: \(values(of: $0.key)), 2: \(values(of: $0.value))}" }.joined(separator: ", ") + "]"
        }
    }
}

extension [UInt8] {
    /// "08 96 01"; long ones are cut.
    var hex: String {
        guard !isEmpty else { return "no bytes at all" }
        let digits = prefix(64).map { byte in
            let text = String(byte, radix: 16)
            return text.count == 1 ? "0" + text : text
        }
        return digits.joined(separator: " ") + (count > 64 ? " ... (\(count) bytes)" : "")
    }
}
