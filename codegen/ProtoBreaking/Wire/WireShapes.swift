import Descriptors
import ProtoCheck

/// Decides by structure whether messages of two contracts read each other's bytes, whatever their names are.
struct WireShapes: Sendable {
    private let old: Contract
    private let new: Contract

    /// Messages refer to each other in circles; a chain of different pairs that is longer is none that people write.
    private static let deepest = 100

    init(old: Contract, new: Contract) {
        self.old = old
        self.new = new
    }

    /// The message that is new and has the form that the old one had, nearest by name; nil if there is none.
    func successor(of message: ContractMessage) -> ContractMessage? {
        let candidates = new.files.flatMap(\.messages).filter { candidate in
            guard old.messages[candidate.fullName] == nil, candidate.isMapEntry == message.isMapEntry else {
                return false
            }
            // Messages without fields all look alike: then only the name can say that it is the same one.
            guard !message.fields.isEmpty || candidate.name == message.name else { return false }
            return areEqual(message.fullName, candidate.fullName, inJSON: true)
        }
        let named = candidates.filter { $0.name == message.name }
        return (named.isEmpty ? candidates : named).min { left, right in
            let leftIsNear = left.file == message.file
            return leftIsNear == (right.file == message.file) ? left.fullName < right.fullName : leftIsNear
        }
    }

    /// Whether what was written as one type reads the same as the other, and the other way round.
    func areEqual(_ before: String, _ now: String, inJSON: Bool) -> Bool {
        var assumed: Set<Pair> = []
        return areEqual(Pair(before: before, now: now), inJSON, &assumed, depth: 0)
    }

    private struct Pair: Hashable {
        let before: String
        let now: String
    }

    private func areEqual(_ pair: Pair, _ inJSON: Bool, _ assumed: inout Set<Pair>, depth: Int) -> Bool {
        guard assumed.insert(pair).inserted else { return true }
        guard depth < WireShapes.deepest else { return false }
        // Well-known types have JSON forms of their own, by name.
        if inJSON, pair.before != pair.now, isWellKnown(pair.before) || isWellKnown(pair.now) { return false }
        if let before = old.enums[pair.before], let now = new.enums[pair.now] { return areEqual(before, now, inJSON) }
        guard let before = old.messages[pair.before], let now = new.messages[pair.now],
            before.fields.count == now.fields.count, before.isMapEntry == now.isMapEntry,
            before.proto.extensionRange.map({ [$0.start, $0.end] })
                == now.proto.extensionRange.map({ [$0.start, $0.end] }),
            before.proto.options?.messageSetWireFormat == now.proto.options?.messageSetWireFormat
        else { return false }
        return before.fields.allSatisfy { field in
            guard let other = now.field(number: field.number), areAlike(field, other, inJSON),
                sharesOneof(field, before) == sharesOneof(other, now)
            else { return false }
            // A type that kept its name is looked at by itself, where it stands.
            guard field.typeName != other.typeName else { return true }
            return areEqual(Pair(before: field.typeName, now: other.typeName), inJSON, &assumed, depth: depth + 1)
        }
    }

    private func areAlike(_ before: ContractField, _ now: ContractField, _ inJSON: Bool) -> Bool {
        let isSame =
            before.kind == now.kind && before.cardinality == now.cardinality
            && before.traits.utf8Validation == now.traits.utf8Validation
            && before.proto.defaultValue == now.proto.defaultValue
        return isSame && (!inJSON || (before.nameInJSON == now.nameInJSON && before.name == now.name))
    }

    private func areEqual(_ before: ContractEnum, _ now: ContractEnum, _ inJSON: Bool) -> Bool {
        let numbers = { (values: [ContractEnumValue]) in Set(values.map(\.number)) }
        guard before.traits.enumType == now.traits.enumType, numbers(before.values) == numbers(now.values) else {
            return false
        }
        let names = { (values: [ContractEnumValue]) in Set(values.map { "\($0.name) \($0.number)" }) }
        return !inJSON || names(before.values) == names(now.values)
    }

    /// The numbers of the fields that the field shares a oneof with.
    private func sharesOneof(_ field: ContractField, _ message: ContractMessage) -> [Int32] {
        guard let oneof = field.oneof else { return [] }
        return message.fields.filter { $0.oneof == oneof }.map(\.number).sorted()
    }

    private func isWellKnown(_ name: String) -> Bool {
        name.hasPrefix("google.protobuf.") && name != "google.protobuf.Empty"
    }
}
