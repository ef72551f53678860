import Descriptors
import ProtoWire
import RulesAPI
import SwiftEmit

/// What the body of `validate` calls its own variables; a property of such a name is reached through `self`.
enum Locals {
    private static let names: Set<String> = [
        "check", "value", "index", "item", "entry", "key", "text", "count", "error", "this", "Rules", "Eval",
    ]

    static func isTaken(_ name: String) -> Bool { names.contains(name) }

    static func reference(_ property: String) -> String { names.contains(property) ? "self." + property : property }
}

extension RuleFile {
    /// In the order of protovalidate: what the message says of itself, then oneofs, then fields.
    mutating func write(_ message: Schema.Message, to printer: inout Printer) {
        let rules: BufValidate.MessageRules?
        do {
            rules = try ReadRules.message(message.proto)
        } catch {
            return fault(message, at: message.path, "", "(buf.validate.message)", "the option cannot be read: \(error)")
        }
        if let rules {
            let this = RuledValue(
                text: "self", kind: .message, messageType: message.fullName, enumType: nil,
                swiftType: message.names.type)
            let owner = Owner(message: message, path: message.path, element: "")
            writeCustom(rules.celExpression, rules.cel, this, .message, owner, to: &printer)
            for oneof in rules.oneof { write(oneof, of: message, to: &printer) }
        }
        writeOneofs(message, to: &printer)
        let grouped = Set(rules?.oneof.flatMap(\.fields) ?? [])
        for field in message.fields { write(field, of: message, isGrouped: grouped.contains(field.name), to: &printer) }
    }

    private mutating func write(
        _ oneof: BufValidate.MessageOneofRule, of message: Schema.Message, to printer: inout Printer
    ) {
        var tests: [String] = []
        var seen: Set<String> = []
        guard !oneof.fields.isEmpty else {
            return fault(message, at: message.path, "", "oneof", "it names no fields")
        }
        for name in oneof.fields {
            guard let field = message.fields.first(where: { $0.name == name }) else {
                return fault(message, at: message.path, "", "oneof", "there is no field `\(name)`")
            }
            guard seen.insert(name).inserted else {
                return fault(message, at: message.path, "", "oneof", "the field `\(name)` is named twice")
            }
            tests.append(field.isSet)
        }
        let count = "[" + tests.joined(separator: ", ") + "].count(where: { $0 })"
        let names = oneof.fields.joined(separator: ", ")
        printer.block("do {") { printer in
            printer.put("let count = \(count)")
            printer.put(
                "if count > 1 { check.violation(\"message.oneof\", "
                    + "\(Literal.text("only one of \(names) can be set"))) }")
            guard oneof.required == true else { return }
            printer.put(
                "if count == 0 { check.violation(\"message.oneof\", "
                    + "\(Literal.text("one of \(names) must be set"))) }")
        }
    }

    private mutating func writeOneofs(_ message: Schema.Message, to printer: inout Printer) {
        for (index, oneof) in message.proto.oneofDecl.enumerated() {
            do {
                guard let rules = try ReadRules.oneof(oneof), rules.required == true else { continue }
            } catch {
                fault(
                    message, at: message.path + [8, Int32(index)], oneof.name ?? "", "(buf.validate.oneof)",
                    "the option cannot be read: \(error)")
                continue
            }
            guard
                let member = message.fields.first(where: {
                    $0.proto.oneofIndex == Int32(index) && $0.proto.proto3Optional != true
                })
            else { continue }
            let name = Literal.text(oneof.name ?? "")
            printer.block("if \(Locals.reference(member.names.property)) == nil {") { printer in
                printer.put(
                    "check.violation(\"required\", \"exactly one field is required in oneof\", at: .oneof(\(name)))")
            }
        }
    }
}

/// What has the rules at hand, for faults.
struct Owner {
    let message: Schema.Message
    let path: [Int32]
    /// The field in the message; empty for the message itself.
    let element: String
}

extension Schema.Field {
    /// A condition that is true if the field is set, or is not its zero value if it does not know.
    var isSet: String { isSet(of: "self") }

    /// The same for a field of another message.
    func isSet(of base: String) -> String {
        let property = base == "self" ? Locals.reference(names.property) : base + "." + names.property
        if let caseName = names.caseName { return "{ if case .\(caseName)? = \(property) { true } else { false } }()" }
        if proto.label == .repeated { return "!\(property).isEmpty" }
        guard names.isImplicit else { return "\(property) != nil" }
        return switch kind {
        case .bool: property
        case .string, .bytes: "!\(property).isEmpty"
        case .float, .double: "\(property).bitPattern != 0"
        case .enum: "\(property).rawValue != 0"
        default: "\(property) != 0"
        }
    }
}
