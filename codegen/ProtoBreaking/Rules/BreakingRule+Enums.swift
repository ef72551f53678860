import Descriptors
import ProtoCheck

extension BreakingRule {
    /// Enums mean what they meant.
    static let enumRules: [BreakingRule] = [
        BreakingRule(
            Rule(
                "ENUM_SAME_TYPE", source, "Enums stay open or closed.",
                why: "a closed enum drops numbers that it does not name, an open one keeps them")
        ) { run in
            run.forEachEnum { old, new, run in
                let (before, now) = (old.traits.enumType, new.traits.enumType)
                guard before != now else { return }
                run.report(
                    "the enum `\(new.name)` was \(before == .closed ? "closed" : "open") and is "
                        + (now == .closed ? "closed" : "open"),
                    at: run.new.first(of: new.place.part(3, 7, 2), new.place),
                    against: run.old.first(of: old.place.part(3, 7, 2), old.place),
                    help: "say `option features.enum_type` so that it stays as it was",
                    subject: .enumeration(old.fullName, number: nil))
            }
        },
        BreakingRule(
            Rule(
                "ENUM_SAME_JSON_FORMAT", json, "Enums keep their JSON format.",
                why: "what was sure to work as JSON is no longer checked")
        ) { run in
            run.forEachEnum { old, new, run in
                guard old.traits.jsonFormat == .allow, new.traits.jsonFormat != .allow else { return }
                run.report(
                    "the enum `\(new.name)` allowed JSON and now only does its best",
                    at: run.new.first(of: new.place.part(3, 7, 6), new.place),
                    against: run.old.first(of: old.place.part(3, 7, 6), old.place), help: "change it back")
            }
        },
        valueRule(
            "ENUM_VALUE_NO_DELETE", schemaAndSource, "Enum values are not deleted.",
            why: "code that names the value no longer builds", help: "keep it, with `[deprecated = true]`"
        ) { _, _ in false },
        valueRule(
            "ENUM_VALUE_NO_DELETE_UNLESS_NAME_RESERVED", jsonAlone,
            "Enum values are not deleted unless their names are reserved.",
            why: "JSON that has the name is refused, and the name may come back for something else",
            help: "reserve the name"
        ) { values, enumeration in
            values.allSatisfy { enumeration.proto.reservedName.contains($0.name) }
        },
        valueRule(
            "ENUM_VALUE_NO_DELETE_UNLESS_NUMBER_RESERVED", jsonAndWireAlone,
            "Enum values are not deleted unless their numbers are reserved.",
            why: "the number may come back for something else, and old bytes then mean that", help: "reserve the number"
        ) { values, enumeration in
            enumeration.proto.reservedRange.contains { range in
                (range.start ?? 0)...max(range.start ?? 0, range.end ?? 0) ~= values[0].number
            }
        },
        BreakingRule(
            Rule(
                "ENUM_VALUE_SAME_NAME", json, "Enum values keep their names.",
                why: "JSON has the name and not the number")
        ) { run in
            run.forEachEnum { old, new, run in
                let before = Dictionary(grouping: old.values, by: \.number)
                for (number, values) in Dictionary(grouping: new.values, by: \.number) {
                    guard let earlier = before[number] else { continue }
                    let names = Set(values.map(\.name))
                    guard !names.isSuperset(of: earlier.map(\.name)) else { continue }
                    for value in values {
                        run.report(
                            "the value \(number) of the enum `\(new.name)` was \(earlier.map(\.name).quoted) and is "
                                + values.map(\.name).quoted,
                            at: value.place.part(2),
                            against: earlier.first { $0.name == value.name }?.place.part(2) ?? earlier[0].place.part(2),
                            help: "keep the old name; with `allow_alias` a second one may stand beside it",
                            subject: .enumeration(old.fullName, number: number))
                    }
                }
            }
        },
        BreakingRule(
            Rule(
                "RESERVED_ENUM_NO_DELETE", wire, "What an enum reserves stays reserved.",
                why: "it was reserved because it once meant something, in bytes and JSON that still exist")
        ) { run in
            run.forEachEnum { old, new, run in
                let now = NumberRanges(new.proto.reservedRange.map { ($0.start ?? 0, $0.end ?? 0) })
                for range in old.proto.reservedRange {
                    let missing = now.missing(of: range.start ?? 0, to: range.end ?? 0)
                    guard !missing.isEmpty else { continue }
                    run.report(
                        "the enum `\(new.name)` no longer reserves \(missing.text(most: Int64(Int32.max)))",
                        at: new.place, against: old.place, help: "reserve it again")
                }
                for name in old.proto.reservedName where !new.proto.reservedName.contains(name) {
                    run.report(
                        "the enum `\(new.name)` no longer reserves the name `\(name)`", at: new.place,
                        against: old.place, help: "reserve it again")
                }
            }
        },
    ]

    private static func valueRule(
        _ name: String, _ categories: [String], _ purpose: String, why: String, help: String,
        isAllowed: @escaping @Sendable ([ContractEnumValue], ContractEnum) -> Bool
    ) -> BreakingRule {
        BreakingRule(Rule(name, categories, purpose, why: why)) { run in
            run.forEachEnum { old, new, run in
                let numbers = Set(new.values.map(\.number))
                for (number, values) in Dictionary(grouping: old.values, by: \.number)
                where !numbers.contains(number) && !isAllowed(values, new) {
                    run.report(
                        "the value \(number) \(values.map(\.name).quoted) of the enum `\(new.name)` was deleted",
                        at: new.place, against: values[0].place, help: help,
                        subject: .enumeration(old.fullName, number: number))
                }
            }
        }
    }
}

extension [String] {
    /// "`a`, `b`".
    var quoted: String { map { "`\($0)`" }.joined(separator: ", ") }
}
