import Descriptors
import ProtoCheck

extension BreakingRule {
    /// Fields are what they were.
    static let fieldRules: [BreakingRule] = [
        deletedFieldRule(
            "FIELD_NO_DELETE", schemaAndSource, "Fields are not deleted from a message.",
            why: "code that names the field no longer builds", help: "keep it, with `[deprecated = true]`"
        ) { _, _ in false },
        deletedFieldRule(
            "FIELD_NO_DELETE_UNLESS_NAME_RESERVED", jsonAlone,
            "Fields are not deleted unless their names are reserved.",
            why: "JSON that has the name is refused, and the name may come back for something else",
            help: "reserve the name"
        ) { field, message in
            message.proto.reservedName.contains(field.name)
        },
        deletedFieldRule(
            "FIELD_NO_DELETE_UNLESS_NUMBER_RESERVED", jsonAndWireAlone,
            "Fields are not deleted unless their numbers are reserved.",
            why: "the number may come back for something else, and old bytes are then read as that",
            help: "reserve the number"
        ) { field, message in
            message.proto.reservedRange.contains { ($0.start ?? 0) <= field.number && field.number < ($0.end ?? 0) }
        },
        fieldRule(
            "FIELD_SAME_CARDINALITY", source, "Fields keep their cardinality.",
            why: "their type in generated code changes, or what it says of a field that was not set"
        ) { old, new, subject, run in
            guard !(old.isInMapEntry && new.isInMapEntry), old.cardinality != new.cardinality else { return }
            run.reportCardinality(old, new, subject)
        },
        fieldRule(
            "FIELD_SAME_CPP_STRING_TYPE", source, "Fields keep their C++ string type.",
            why: "the accessors in C++ have other types"
        ) { old, new, _, run in
            run.compareStringTypes(old, new)
        },
        fieldRule(
            "FIELD_SAME_JAVA_UTF8_VALIDATION", source, "Strings are checked in Java as they were.",
            why: "Java refuses bytes that it took, or takes what it refused"
        ) { old, new, _, run in
            guard old.kind == .string, new.kind == .string else { return }
            let (before, now) = (run.old.javaValidation(of: old), run.new.javaValidation(of: new))
            guard before != now else { return }
            run.report(
                "\(new.phrase) was \(before.word) in Java and is \(now.word)",
                at: run.new.first(
                    of: ElementPlace(file: new.place.file, path: [8, 27]), new.place.part(8, 21, 1001, 2), new.place),
                against: old.place, help: "change it back")
        },
        fieldRule(
            "FIELD_SAME_UTF8_VALIDATION", source, "Strings are checked as they were.",
            why: "bytes that are no UTF-8 are refused now, or taken although they were refused"
        ) { old, new, subject, run in
            guard old.kind == .string, new.kind == .string else { return }
            let (before, now) = (old.traits.utf8Validation, new.traits.utf8Validation)
            guard before != now else { return }
            run.report(
                "\(new.phrase) was \(before.word) and is \(now.word)",
                at: run.new.first(of: new.place.part(8, 21, 4), new.place),
                against: run.old.first(of: old.place.part(8, 21, 4), old.place), help: "change it back",
                subject: subject)
        },
        fieldRule(
            "FIELD_SAME_JSTYPE", source, "Fields keep their `jstype`.",
            why: "numbers become texts in JavaScript, or the other way round"
        ) { old, new, _, run in
            guard old.kind.is64BitInteger, new.kind.is64BitInteger else { return }
            let before = old.proto.options?.jstype ?? .normal
            let now = new.proto.options?.jstype ?? .normal
            guard before != now else { return }
            run.report(
                "the `jstype` of \(new.phrase) was \(before.word) and is \(now.word)",
                at: run.new.first(of: new.place.part(8, 6), new.place),
                against: run.old.first(of: old.place.part(8, 6), old.place), help: "change it back")
        },
        fieldRule(
            "FIELD_SAME_TYPE", schemaAndSource, "Fields keep their types.",
            why: "their type in generated code changes, and perhaps how old bytes are read"
        ) { old, new, subject, run in
            if old.kind != new.kind {
                run.reportKind(old, new, subject)
            } else if new.proto.type == .enum || new.proto.type == .group || new.proto.type == .message {
                run.compareTypes(
                    "type of \(new.phrase)", old.typeName, new.typeName, at: new.typeNamePlace,
                    against: old.typeNamePlace, subject: subject)
            }
        },
        fieldRule(
            "FIELD_SAME_JSON_NAME", json, "Fields keep their names in JSON.",
            why: "JSON has the name and not the number"
        ) { old, new, subject, run in
            guard !old.isExtension, old.nameInJSON != new.nameInJSON else { return }
            run.report(
                "\(new.phrase) was `\(old.nameInJSON)` in JSON and is `\(new.nameInJSON)`",
                at: run.new.first(of: new.place.part(10), new.place),
                against: run.old.first(of: old.place.part(10), old.place),
                help: "say `[json_name = \"\(old.nameInJSON)\"]`", subject: subject)
        },
        fieldRule(
            "FIELD_SAME_NAME", json, "Fields keep their names.",
            why: "JSON, text and field masks have the name and not the number, and so does code"
        ) { old, new, subject, run in
            let before = old.isExtension ? old.fullName : old.name
            let now = new.isExtension ? new.fullName : new.name
            guard before != now else { return }
            run.report(
                "\(new.isExtension ? "extension" : "field") \(new.number) of `\(new.message)` was `\(before)` and is `\(now)`",
                at: new.place.part(1), against: old.place.part(1),
                help: "change it back, or add a field with a number "
                    + "of its own", subject: subject)
        },
        fieldRule(
            "FIELD_SAME_DEFAULT", wire, "Fields keep their default values.",
            why: "what is not sent is read as the default, and the two sides have different ones"
        ) { old, new, _, run in
            run.compareDefaults(old, new)
        },
        fieldRule(
            "FIELD_SAME_ONEOF", wire, "Fields stay in their oneofs, or out of them.",
            why: "of the members of a oneof a reader keeps the last, of other fields all"
        ) { old, new, subject, run in
            guard !old.isExtension, old.oneof != new.oneof else { return }
            run.reportOneof(old, new, subject)
        },
    ]

    static func fieldRule(
        _ name: String, _ categories: [String], _ purpose: String, why: String,
        check: @escaping @Sendable (ContractField, ContractField, Subject, inout BreakingRun) -> Void
    ) -> BreakingRule {
        BreakingRule(Rule(name, categories, purpose, why: why)) { run in run.forEachField(check) }
    }

    private static func deletedFieldRule(
        _ name: String, _ categories: [String], _ purpose: String, why: String, help: String,
        isAllowed: @escaping @Sendable (ContractField, ContractMessage) -> Bool
    ) -> BreakingRule {
        BreakingRule(Rule(name, categories, purpose, why: why)) { run in
            run.forEachMessage { old, new, run in
                for field in old.fields where new.field(number: field.number) == nil && !isAllowed(field, new) {
                    run.report(
                        "\(field.phrase) was deleted", at: new.place, against: field.place, help: help,
                        subject: .field(message: old.fullName, number: field.number))
                }
            }
        }
    }
}

extension BreakingRun {
    /// A reader keeps the last of the members of a oneof: what matters is which fields are members of one together.
    fileprivate mutating func reportOneof(_ old: ContractField, _ new: ContractField, _ subject: Subject) {
        func place(_ oneof: String?) -> String { oneof.map { "in the oneof `\($0)`" } ?? "in no oneof" }
        let message = "\(new.phrase) was \(place(old.oneof)) and is \(place(new.oneof))"
        if comparison.options.comparesStructure, !comparison.options.asksAboutSource,
            case .field(let name, _) = subject, hasSameCompanions(old, new, in: name)
        {
            remark(message + ": the same fields exclude each other", at: new.place, against: old.place)
            return
        }
        report(
            message, at: new.place, against: old.place,
            help: "change it back, or add a field with a number of its own", subject: subject)
    }

    /// Of the fields that both contracts have, the same ones share a oneof with this one.
    private func hasSameCompanions(_ before: ContractField, _ now: ContractField, in message: String) -> Bool {
        guard let old = old.messages[message], let new = new.messages[message] else { return false }
        let common = Set(old.fields.map(\.number)).intersection(new.fields.map(\.number))
        func companions(_ field: ContractField, _ message: ContractMessage) -> Set<Int32> {
            guard let oneof = field.oneof else { return [field.number] }
            return Set(message.fields.filter { $0.oneof == oneof }.map(\.number)).intersection(common)
        }
        return companions(before, old) == companions(now, new)
    }
}
