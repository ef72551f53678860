import ProtoSyntax

/// The forms of names that edition 2024 asks for (protobuf.dev, "Style Guide").
private enum NameForm {
    case snake
    case title
    case constant

    /// As people call it.
    var text: String {
        switch self {
        case .snake: "lower_snake_case"
        case .title: "PascalCase"
        case .constant: "UPPER_SNAKE_CASE"
        }
    }

    /// What is wrong with the name; `nil` if nothing is.
    func fault(in name: String) -> String? {
        let bytes = Array(name.utf8)
        guard let first = bytes.first else { return nil }
        switch self {
        case .snake:
            guard bytes.allSatisfy({ $0.isLower || $0.isDigit || $0 == 95 || $0 == 46 }) else { return text }
            if !first.isLower { return "begin with a lower-case letter" }
        case .constant:
            guard bytes.allSatisfy({ $0.isUpper || $0.isDigit || $0 == 95 }) else { return text }
            if !first.isUpper { return "begin with a capital letter" }
        case .title:
            guard bytes.allSatisfy({ $0.isLower || $0.isUpper || $0.isDigit }) else { return text }
            return first.isUpper ? nil : "begin with a capital letter"
        }
        for (index, byte) in bytes.enumerated() where byte == 95 {
            let next = index + 1 < bytes.count ? bytes[index + 1] : 0
            if !next.isLower && !next.isUpper { return "have a letter behind each underscore" }
        }
        return nil
    }

    /// The name in this form: a suggestion, since only its author knows where words begin.
    func mended(_ name: String) -> String {
        var words: [[UInt8]] = [[]]
        var previous: UInt8 = 95
        for byte in name.utf8 {
            if byte == 95 {
                if !(words.last?.isEmpty ?? true) { words.append([]) }
            } else {
                if byte.isUpper, previous.isLower || previous.isDigit, !(words.last?.isEmpty ?? true) {
                    words.append([])
                }
                words[words.count - 1].append(byte)
            }
            previous = byte
        }
        let parts = words.filter { !$0.isEmpty }.map { String(decoding: $0, as: UTF8.self) }
        var out = ""
        for part in parts {
            switch self {
            case .title: out += part.prefix(1).uppercased() + (part.count > 1 ? String(part.dropFirst()) : "")
            case .snake, .constant:
                // A digit behind an underscore is not in style: it joins the word before it.
                let isDigit = part.utf8.first?.isDigit ?? false
                out += (out.isEmpty || isDigit ? "" : "_") + part
            }
        }
        switch self {
        case .snake: return out.lowercased()
        case .constant: return out.uppercased()
        case .title: return out
        }
    }
}

extension Validator {
    /// Names are in the style that `features.enforce_naming_style` says.
    func checkStyle(_ report: inout Report) {
        if let package = file.tree.package {
            check(package.name, .snake, "package", file.features, at: package.nameSpan, &report)
        }
        for message in file.messages where !message.isMapEntry {
            check(message.name, .title, "message", message.features, at: message.nameSpan, &report)
            for oneof in message.oneofs {
                guard let span = oneof.nameSpan else { continue }
                check(oneof.name, .snake, "oneof", oneof.features, at: span, &report)
            }
            checkClashes(of: message, &report)
        }
        for enumeration in file.enums {
            check(enumeration.name, .title, "enum", enumeration.features, at: enumeration.nameSpan, &report)
            for value in enumeration.values {
                check(value.name, .constant, "enum value", value.features, at: value.nameSpan, &report)
            }
        }
        for field in file.fields where field.syntax != nil {
            check(
                field.name, .snake, field.isExtension ? "extension" : "field", field.features, at: field.nameSpan,
                &report)
        }
        for service in file.services {
            check(service.name, .title, "service", service.features, at: service.nameSpan, &report)
            for method in service.methods {
                let name = method.syntax.name
                check(name.text, .title, "rpc", method.features, at: name.span, &report)
            }
        }
        checkClashesOfExtensions(&report)
    }

    private func check(
        _ name: String, _ form: NameForm, _ what: String, _ features: Features, at span: Span, _ report: inout Report
    ) {
        guard features.namingStyle != .legacy, let fault = form.fault(in: name) else { return }
        let mended = form.mended(name)
        let isBetter = mended != name && form.fault(in: mended) == nil
        report.error(
            .namingStyle, "the name of \(what) `\(name)` should \(fault == form.text ? "be \(fault)" : fault)",
            at: span,
            help: isBetter
                ? "write `\(mended)`, or opt out with `features.enforce_naming_style = STYLE_LEGACY`"
                : "opt out with `features.enforce_naming_style = STYLE_LEGACY`",
            fixes: isBetter ? [.init("write `\(mended)`", replacing: span, with: mended)] : [])
    }

    // MARK: - Names that accessors take (edition 2026)

    private func checkClashes(of message: MessageDraft, _ report: inout Report) {
        let names = Set(message.fields.map { file.fields[$0].name } + message.oneofs.map(\.name))
        for field in message.fields.map({ file.fields[$0] }) where field.features.namingStyle == .style2026 {
            checkClash(of: field.name, with: names, at: field.nameSpan, &report)
        }
        for oneof in message.oneofs where oneof.features.namingStyle == .style2026 {
            if let span = oneof.nameSpan { checkClash(of: oneof.name, with: names, at: span, &report) }
        }
    }

    /// Extensions stand beside the fields of what they extend, and beside other extensions of their scope.
    private func checkClashesOfExtensions(_ report: inout Report) {
        let extensions = file.fields.filter { $0.isExtension }
        let byScope = Dictionary(grouping: extensions, by: \.scope)
        for field in extensions where field.features.namingStyle == .style2026 {
            var names = Set((byScope[field.scope] ?? []).map(\.name))
            if let extended = field.extended {
                let fields = program.files[extended.file].fields
                names.formUnion(program.message(extended).fields.map { fields[$0].name })
            }
            checkClash(of: field.name, with: names, at: field.nameSpan, &report)
        }
    }

    private func checkClash(of name: String, with names: Set<String>, at span: Span, _ report: inout Report) {
        let help = "rename it, or opt out with `features.enforce_naming_style = STYLE2024`"
        if name == "descriptor" {
            report.error(
                .namingStyle, "`descriptor` is taken by an accessor of generated code", at: span, help: help)
            return
        }
        var other: String?
        for prefix in ["has_", "get_", "set_", "clear_"] where name.hasPrefix(prefix) {
            let rest = String(name.dropFirst(prefix.count))
            if names.contains(rest) { other = rest }
        }
        if name.hasSuffix("_value"), names.contains(String(name.dropLast(6))) { other = String(name.dropLast(6)) }
        guard let other else { return }
        report.error(
            .namingStyle, "`\(name)` is the name that generated code may give to an accessor of `\(other)`", at: span,
            help: help)
    }
}

extension UInt8 {
    fileprivate var isLower: Bool { self >= 97 && self <= 122 }
    fileprivate var isUpper: Bool { self >= 65 && self <= 90 }
    fileprivate var isDigit: Bool { self >= 48 && self <= 57 }
}
