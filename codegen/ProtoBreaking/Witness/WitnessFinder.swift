import Descriptors
import ProtoCheck

/// Looks for payloads that the other contract misreads: each is decoded by both, so what it shows is what happens.
///
/// Old programs write to new ones and new ones to old ones, so both directions are tried, the first one first.
final class WitnessFinder {
    private let comparison: Comparison
    private let oldFiles: [FileDescriptorProto]
    private let newFiles: [FileDescriptorProto]
    /// Linking takes a while, and a comparison without findings needs none.
    private lazy var pools: (old: DescriptorPool, new: DescriptorPool)? = {
        guard let old = try? DescriptorPool(oldFiles), let new = try? DescriptorPool(newFiles) else { return nil }
        return (old, new)
    }()

    /// The payloads that are tried for one finding in one direction; a message of many fields has many.
    private static let mostPayloads = 500

    init(old: [FileDescriptorProto], new: [FileDescriptorProto], _ comparison: Comparison) {
        oldFiles = old
        newFiles = new
        self.comparison = comparison
    }

    /// The payload that shows the break, or that none of those which were tried does; nothing if there is none to try.
    func notes(on subject: Subject, rule: Rule) -> [Finding.Note] {
        guard let pools else { return [] }
        let old = Side(contract: comparison.old, pool: pools.old)
        let new = Side(contract: comparison.new, pool: pools.new)
        let trials = [
            trial(of: subject, writer: old, reader: new, .forward),
            trial(of: subject, writer: new, reader: old, .backward),
        ].compactMap { $0 }
        for trial in trials {
            for format in WitnessFinder.formats(of: rule) {
                if let note = trial.witness(format) { return [note] }
            }
        }
        let concernsPrograms = rule.categories.contains("WIRE") || rule.categories.contains("WIRE_JSON")
        let count = trials.map(\.payloads.count).reduce(0, +)
        guard concernsPrograms, count > 0 else { return [] }
        return [Finding.Note("witness", "none: \(count) payloads, written by either contract, read the same by both")]
    }

    /// Whom the rule protects decides what is shown first.
    private static func formats(of rule: Rule) -> [Trial.Format] {
        if rule.categories == BreakingRule.wireAlone { return [.binary] }
        if rule.categories.contains("WIRE") || !rule.categories.contains("WIRE_JSON") {
            return [.binary, .json, .text]
        }
        return [.json, .binary, .text]
    }

    // MARK: - What to try

    private struct Side {
        let contract: Contract
        let pool: DescriptorPool
    }

    private func trial(
        of subject: Subject, writer: Side, reader: Side, _ direction: Trial.Direction
    ) -> Trial? {
        func make(
            _ written: MessageTable?, _ read: MessageTable?, _ payloads: (MessageTable, MessageTable) -> [[UInt8]]
        ) -> Trial? {
            guard let written, let read else { return nil }
            return Trial(
                direction: direction, writer: written, reader: read, writerPool: writer.pool, readerPool: reader.pool,
                payloads: WitnessFinder.shortestFirst(payloads(written, read)))
        }
        switch subject {
        case .none: return nil
        case .field(let message, let number):
            return make(writer.pool.message(message), reader.pool.message(message)) { written, _ in
                WitnessFinder.payloads(of: UInt32(number), in: written)
            }
        case .types(let old, let new):
            let (own, other) = direction == .forward ? (old, new) : (new, old)
            return make(writer.pool.message(own), reader.pool.message(other)) { written, _ in
                Payload.samples(of: written)
            }
        case .message(let name):
            return make(writer.pool.message(name), reader.pool.message(name)) { written, _ in
                [Payload.required(of: written)]
            }
        case .enumeration(let name, let number):
            guard let (message, field) = carrier(of: name, writer, reader) else { return nil }
            return make(writer.pool.message(message), reader.pool.message(message)) { written, _ in
                [payload(ofEnum: name, number, in: field, of: written)]
            }
        }
    }

    /// Of those that show a break people want to see the shortest.
    private static func shortestFirst(_ payloads: [[UInt8]]) -> [[UInt8]] {
        let ordered = payloads.enumerated().sorted { left, right in
            (left.element.count, left.offset) < (right.element.count, right.offset)
        }
        return ordered.prefix(mostPayloads).map(\.element)
    }

    private static func payloads(of number: UInt32, in table: MessageTable) -> [[UInt8]] {
        let base = Payload.required(of: table, besides: number)
        guard let field = table.field(number: number) else { return [base] }
        let samples = Payload.samples(of: field)
        guard let first = samples.first else { return [base] }
        // Beside another field: it shows whether one of them takes the other's place.
        let others = table.fields.filter { $0.number != number && !$0.isRequired }
        let pairs = others.compactMap { other in Payload.samples(of: other).first.map { base + first + $0 } }
        return samples.map { base + $0 } + pairs + [base]
    }

    /// An enum travels in a field: a message that has one in both contracts.
    private func carrier(of name: String, _ writer: Side, _ reader: Side) -> (message: String, field: Int32)? {
        for message in writer.contract.files.flatMap(\.messages) where !message.isMapEntry {
            for field in message.fields where field.kind == .enumeration && field.typeName == name {
                guard reader.contract.messages[message.fullName]?.field(number: field.number) != nil else { continue }
                return (message.fullName, field.number)
            }
        }
        return nil
    }

    private func payload(ofEnum name: String, _ number: Int32?, in field: Int32, of table: MessageTable) -> [UInt8] {
        let known = (comparison.old.enums[name]?.values ?? []) + (comparison.new.enums[name]?.values ?? [])
        // A number that neither names: open and closed enums differ in what they do with it.
        let value = number ?? (known.map(\.number).max() ?? 0).addingReportingOverflow(1).partialValue
        return Payload.required(of: table, besides: UInt32(field)) + Payload.varint(UInt64(field) << 3)
            + Payload.varint(UInt64(bitPattern: Int64(value)))
    }
}
