import Descriptors
import ProtoWire
import RulesAPI
import SwiftEmit

extension RuleFile {
    /// `isGrouped`: a rule of the message makes it one of several, so its zero value is as good as none.
    mutating func write(
        _ field: Schema.Field, of message: Schema.Message, isGrouped: Bool, to printer: inout Printer
    ) {
        let owner = Owner(message: message, path: field.path, element: field.name)
        var rules: BufValidate.FieldRules
        do {
            rules = try ReadRules.field(field.proto) ?? BufValidate.FieldRules()
        } catch {
            return fault(
                message, at: field.path, field.name, "(buf.validate.field)", "the option cannot be read: \(error)")
        }
        guard rules.ignore != .always else { return }
        if isGrouped, rules.ignore == nil || rules.ignore == .unspecified { rules.ignore = .ifZeroValue }
        var body = Printer()
        if field.isMap {
            writeMap(field, rules, owner, to: &body)
        } else if field.isList {
            writeList(field, rules, owner, to: &body)
        } else {
            writeSingular(field, rules, owner, to: &body)
        }
        wrap(body, field, rules, to: &printer)
    }

    /// The value in the body; where a field knows that it was set, the body stands behind a binding.
    private func valueText(_ field: Schema.Field) -> String {
        field.hasPresence ? "value" : Locals.reference(field.names.property)
    }

    /// Puts the checks of a value behind the question whether there is one.
    private func wrap(
        _ body: Printer, _ field: Schema.Field, _ rules: BufValidate.FieldRules, to printer: inout Printer
    ) {
        let isRequired = rules.required == true
        let property = Locals.reference(field.names.property)
        let lines = body.text.split(separator: "\n", omittingEmptySubsequences: false).dropLast().map(String.init)
        guard !lines.isEmpty || isRequired else { return }
        let place = ".field(\(field.number), \(Literal.text(field.name)), .\(field.kind.pathKind))"
        let report =
            "check.violation(\"required\", \"value is required\", at: \(place), "
            + "rule: .rule(\"required\", 25, .bool))"
        if lines.isEmpty { return printer.block("if !(\(field.isSet)) {") { $0.put(report) } }
        let opening: String
        if let caseName = field.names.caseName {
            opening = "if case .\(caseName)(let value)? = \(property) {"
        } else if field.hasPresence {
            opening = "if let value = \(property) {"
        } else if isRequired || rules.ignore == .ifZeroValue {
            opening = "if \(field.isSet) {"
        } else {
            for line in lines { printer.put(line) }
            return
        }
        printer.put(opening)
        printer.indented { for line in lines { $0.put(line) } }
        if isRequired {
            printer.put("} else {")
            printer.indented { $0.put(report) }
        }
        printer.put("}")
    }

    private mutating func writeSingular(
        _ field: Schema.Field, _ rules: BufValidate.FieldRules, _ owner: Owner, to printer: inout Printer
    ) {
        let value = RuledValue(
            text: valueText(field), kind: field.kind, messageType: field.messageType, enumType: field.enumType,
            swiftType: field.names.type ?? "")
        let place = ".field(\(field.number), \(Literal.text(field.name)), .\(field.kind.pathKind))"
        writeValue(value, rules, Site(place: place), owner, to: &printer)
    }

    /// The rules of one value: a field's, an item's, a key's. Expressions first, then the message in it, then what is standard.
    mutating func writeValue(
        _ value: RuledValue, _ rules: BufValidate.FieldRules, _ site: Site, _ owner: Owner, to printer: inout Printer
    ) {
        writeCustom(rules.celExpression, rules.cel, value, .field(site), owner, to: &printer)
        if let target = value.messageType, reach.validated.contains(target) {
            printer.put("check.nested(\(site.place)) { (check) in \(value.text).validate(&check) }")
        }
        guard let type = rules.type else { return }
        let family = Family.step(type)
        let expected = value.messageType.map { Family.name(ofMessage: $0) } ?? Family.name(of: value.kind)
        guard family.name == expected else {
            return faultMismatch(family.name, expected, value, owner)
        }
        var text = value.text
        if value.kind == .enum { text += ".rawValue" }
        if let target = value.messageType, Family.wrapped(target) != nil { text += ".value" }
        write(type, text, value, site.under(family), owner, to: &printer)
    }

    private mutating func faultMismatch(_ found: String, _ expected: String?, _ value: RuledValue, _ owner: Owner) {
        let type = value.messageType ?? value.enumType ?? Family.name(of: value.kind) ?? "value"
        let advice = expected.map { "; use `\($0)`" } ?? ", which has no standard rules"
        fault(owner.message, at: owner.path, owner.element, found, "`\(found)` rules are not for a `\(type)`\(advice)")
    }

    /// The standard and the predefined rules of a family.
    mutating func write(
        _ type: BufValidate.FieldRules.TypeOneof, _ text: String, _ value: RuledValue, _ site: Site, _ owner: Owner,
        to printer: inout Printer
    ) {
        let family = Family.step(type)
        var standard = StandardRules(value: text, family: family, patterns: patterns)
        let defined = value.enumType.flatMap { schema.enums[$0] }?.proto.value.map { $0.number ?? 0 } ?? []
        standard.add(type, defined: defined)
        patterns = standard.patterns
        checkStandard(type, owner)
        for check in standard.checks {
            let arguments = site.arguments([check.rule])
            let report = "check.violation(\(Literal.text(check.id)), \(Literal.text(check.message)), \(arguments))"
            guard check.canThrow else {
                printer.block("if \(check.fails) {") { $0.put(report) }
                continue
            }
            printer.block("do throws(EvalError) {", closing: "} catch {") { printer in
                printer.block("if \(check.fails) {") { $0.put(report) }
            }
            printer.indented { $0.put("check.failure(error, \(Literal.text(check.id)))") }
            printer.put("}")
        }
        writePredefined(type, text, value, site, owner, to: &printer)
    }
}
