import Descriptors
import ProtoCheck

extension BreakingRule {
    /// Messages hold what they held.
    static let messageRules: [BreakingRule] = [
        BreakingRule(
            Rule(
                "EXTENSION_MESSAGE_NO_DELETE", schemaAndSource, "Extension ranges of messages are not deleted.",
                why: "extensions with these numbers no longer build")
        ) { run in
            run.forEachMessage { old, new, run in
                let now = NumberRanges(new.proto.extensionRange.map { ($0.start ?? 0, ($0.end ?? 0) &- 1) })
                for range in old.proto.extensionRange {
                    let missing = now.missing(of: range.start ?? 0, to: (range.end ?? 0) &- 1)
                    guard !missing.isEmpty else { continue }
                    run.report(
                        "the message `\(new.name)` no longer has \(missing.text(most: NumberRanges.lastField)) for extensions",
                        at: new.place, against: old.place, help: "put the range back")
                }
            }
        },
        BreakingRule(
            Rule(
                "MESSAGE_NO_REMOVE_STANDARD_DESCRIPTOR_ACCESSOR", schemaAndSource,
                "Messages keep the standard accessor of their descriptor.", why: "code that calls it no longer builds")
        ) { run in
            run.forEachMessage { old, new, run in
                guard old.proto.options?.noStandardDescriptorAccessor != true,
                    new.proto.options?.noStandardDescriptorAccessor == true
                else { return }
                run.report(
                    "the message `\(new.name)` no longer has the standard descriptor accessor",
                    at: new.place.part(7, 2), against: old.place, help: "take `no_standard_descriptor_accessor` out")
            }
        },
        BreakingRule(
            Rule(
                "ONEOF_NO_DELETE", schemaAndSource, "Oneofs are not deleted from a message.",
                why: "code that asks which member is set no longer builds")
        ) { run in
            run.forEachMessage { old, new, run in
                let names = Set(new.oneofs.map(\.name))
                for oneof in old.oneofs where !oneof.isSynthetic && !names.contains(oneof.name) {
                    run.report(
                        "the oneof `\(oneof.name)` was deleted from the message `\(new.name)`", at: new.place,
                        against: oneof.place, help: "put it back around its fields")
                }
            }
        },
        BreakingRule(
            Rule(
                "MESSAGE_SAME_JSON_FORMAT", json, "Messages keep their JSON format.",
                why: "what was sure to work as JSON is no longer checked")
        ) { run in
            run.forEachMessage { old, new, run in
                guard old.traits.jsonFormat == .allow, new.traits.jsonFormat != .allow else { return }
                run.report(
                    "the message `\(new.name)` allowed JSON and now only does its best",
                    at: run.new.first(of: new.place.part(7, 12, 6), new.place),
                    against: run.old.first(of: old.place.part(7, 12, 6), old.place), help: "change it back")
            }
        },
        BreakingRule(
            Rule(
                "MESSAGE_SAME_REQUIRED_FIELDS", wire, "Required fields are neither added nor deleted.",
                why: "a reader refuses a message without its required fields, and the other side does not send them")
        ) { run in
            run.forEachMessage { old, new, run in
                // In an edition a feature says it; buf knows the label alone.
                let isStructural = run.comparison.options.comparesStructure
                func isRequired(_ field: ContractField) -> Bool {
                    isStructural ? field.cardinality == .required : field.proto.label == .required
                }
                let before = old.fields.filter(isRequired)
                let now = new.fields.filter(isRequired)
                for field in before where !now.contains(where: { $0.number == field.number }) {
                    run.report(
                        "the message `\(new.name)` no longer has the required field \(field.number) `\(field.name)`",
                        at: new.place, against: field.place, help: "keep it",
                        subject: .field(message: old.fullName, number: field.number))
                }
                for field in now where !before.contains(where: { $0.number == field.number }) {
                    run.report(
                        "the message `\(new.name)` now has the required field \(field.number) `\(field.name)`",
                        at: field.place, against: nil, help: "make it optional", subject: .message(old.fullName))
                }
            }
        },
        BreakingRule(
            Rule(
                "RESERVED_MESSAGE_NO_DELETE", wire, "What a message reserves stays reserved.",
                why: "it was reserved because it once meant something, in bytes and JSON that still exist")
        ) { run in
            run.forEachMessage { old, new, run in
                let now = NumberRanges(new.proto.reservedRange.map { ($0.start ?? 0, ($0.end ?? 0) &- 1) })
                for range in old.proto.reservedRange {
                    let missing = now.missing(of: range.start ?? 0, to: (range.end ?? 0) &- 1)
                    guard !missing.isEmpty else { continue }
                    run.report(
                        "the message `\(new.name)` no longer reserves \(missing.text(most: NumberRanges.lastField))",
                        at: new.place, against: old.place, help: "reserve it again")
                }
                for name in old.proto.reservedName where !new.proto.reservedName.contains(name) {
                    run.report(
                        "the message `\(new.name)` no longer reserves the name `\(name)`", at: new.place,
                        against: old.place, help: "reserve it again")
                }
            }
        },
    ]
}

extension NumberRanges {
    /// The largest number that a field may have.
    static let lastField: Int64 = 0x1FFF_FFFF
}
