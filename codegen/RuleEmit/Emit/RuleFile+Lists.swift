import Descriptors
import RulesAPI
import SwiftEmit

extension RuleFile {
    /// A list: its own rules, then those of each item.
    mutating func writeList(
        _ field: Schema.Field, _ rules: BufValidate.FieldRules, _ owner: Owner, to printer: inout Printer
    ) {
        let list = Locals.reference(field.names.property)
        let place = ".field(\(field.number), \(Literal.text(field.name)), .\(field.kind.pathKind))"
        let site = Site(place: place)
        writeCustom(rules.celExpression, rules.cel, .container(field, list), .field(site), owner, to: &printer)
        var items = BufValidate.FieldRules()
        var itemSite = Site(
            place: ".element(\(field.number), \(Literal.text(field.name)), .\(field.kind.pathKind), index)")
        if let type = rules.type {
            guard case .repeated(let own) = type else {
                let found = Family.step(type).name
                return fault(
                    owner.message, at: owner.path, owner.element, found,
                    "`\(found)` rules are not for a repeated field; use `repeated.items.\(found)`")
            }
            let family = Family.step(type)
            checkUnique(own, field, owner)
            write(type, list, .container(field, list), site.under(family), owner, to: &printer)
            items = own.items ?? items
            itemSite.prefix = [family, StandardCheck.Step(number: 4, name: "items", kind: "message")]
        }
        guard items.ignore != .always else { return }
        let item = RuledValue(
            text: "item", kind: field.kind, messageType: field.messageType, enumType: field.enumType,
            swiftType: field.names.type ?? "")
        var body = Printer()
        writeValue(item, items, itemSite, owner, to: &body)
        guard !body.text.isEmpty else { return }
        let condition = items.ignore == .ifZeroValue ? " && !(\(item.isZero))" : ""
        printer.put("for (index, item) in \(list).enumerated() where check.goesOn\(condition) {")
        printer.indented { $0.paste(body) }
        printer.put("}")
    }

    /// A map: its own rules, then for each entry those of the key and of the value.
    mutating func writeMap(
        _ field: Schema.Field, _ rules: BufValidate.FieldRules, _ owner: Owner, to printer: inout Printer
    ) {
        guard let entry = field.entry, let types = field.names.entry, let keyKind = entry.key.type,
            let valueKind = entry.value.type
        else { return }
        let map = Locals.reference(field.names.property)
        let site = Site(place: ".field(\(field.number), \(Literal.text(field.name)), .message)")
        writeCustom(rules.celExpression, rules.cel, .container(field, map), .field(site), owner, to: &printer)
        var own = BufValidate.MapRules()
        var prefix: [StandardCheck.Step] = []
        if let type = rules.type {
            guard case .map(let found) = type else {
                let name = Family.step(type).name
                return fault(
                    owner.message, at: owner.path, owner.element, name,
                    "`\(name)` rules are not for a map; use `map.keys` or `map.values`")
            }
            own = found
            prefix = [Family.step(type)]
            write(type, map, .container(field, map), site.under(prefix[0]), owner, to: &printer)
        }
        let place =
            ".entry(\(field.number), \(Literal.text(field.name)), .\(keyKind.pathKind), .\(valueKind.pathKind), key: entry.key)"
        func named(_ proto: FieldDescriptorProto) -> String? { proto.typeName.map { String($0.dropFirst()) } }
        let key = RuledValue(text: "entry.key", kind: keyKind, messageType: nil, enumType: nil, swiftType: types.key)
        let isMessage = valueKind == .message || valueKind == .group
        let value = RuledValue(
            text: "entry.value", kind: valueKind, messageType: isMessage ? named(entry.value) : nil,
            enumType: valueKind == .enum ? named(entry.value) : nil, swiftType: types.value)
        func step(_ number: Int32, _ name: String) -> StandardCheck.Step {
            StandardCheck.Step(number: number, name: name, kind: "message")
        }
        let keys = part(key, own.keys, Site(place: place, forKey: true, prefix: prefix + [step(4, "keys")]), owner)
        let values = part(value, own.values, Site(place: place, prefix: prefix + [step(5, "values")]), owner)
        guard !keys.text.isEmpty || !values.text.isEmpty else { return }
        printer.put("for entry in \(map) where check.goesOn {")
        printer.indented { printer in
            printer.paste(keys)
            printer.paste(values)
        }
        printer.put("}")
    }

    /// The checks of a key or of a value of a map.
    private mutating func part(
        _ value: RuledValue, _ rules: BufValidate.FieldRules?, _ site: Site, _ owner: Owner
    ) -> Printer {
        let rules = rules ?? BufValidate.FieldRules()
        var body = Printer()
        guard rules.ignore != .always else { return body }
        writeValue(value, rules, site, owner, to: &body)
        guard rules.ignore == .ifZeroValue, !body.text.isEmpty else { return body }
        var guarded = Printer()
        guarded.put("if !(\(value.isZero)) {")
        guarded.indented { $0.paste(body) }
        guarded.put("}")
        return guarded
    }
}

extension Printer {
    /// Writes what another printer has, at the current depth.
    mutating func paste(_ other: Printer) {
        for line in other.text.split(separator: "\n", omittingEmptySubsequences: false).dropLast() { put(String(line)) }
    }
}
