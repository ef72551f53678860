import ProtoSyntax

/// When an option came, was deprecated and went (descriptor.proto, `FieldOptions.FeatureSupport`).
struct FeatureSupport {
    let introduced: UInt64?
    let deprecated: UInt64?
    let removed: UInt64?
    let deprecationText: String?
    let removalText: String?

    init(_ value: MessageValue) {
        introduced = value.varint(1)
        deprecated = value.varint(2)
        deprecationText = value.text(3)
        removed = value.varint(4)
        removalText = value.text(5)
    }

    /// What contradicts itself in it.
    var faults: [String] {
        var faults: [String] = []
        if deprecated != nil, deprecationText == nil {
            faults.append("it is deprecated and has no `deprecation_warning`")
        }
        if deprecated == nil, deprecationText != nil {
            faults.append("it has a `deprecation_warning` and is never deprecated")
        }
        // What goes in the edition in which it came was never there: nobody needs to be told.
        if removed != nil, removalText == nil, removed != introduced {
            faults.append("it is removed and has no `removal_error`")
        }
        if removed == nil, removalText != nil { faults.append("it has a `removal_error` and is never removed") }
        if let introduced, let deprecated, deprecated < introduced {
            faults.append("it is deprecated before it is introduced")
        }
        if let introduced, let removed, removed < introduced {
            faults.append("it is removed before it is introduced")
        }
        if let deprecated, let removed, removed <= deprecated {
            faults.append("it is not deprecated before it is removed")
        }
        return faults
    }

    /// Where the lifetime of a value goes beyond that of the option that it is a value of.
    func faults(of value: FeatureSupport) -> [String] {
        var faults: [String] = []
        if let own = value.introduced, let introduced, own < introduced {
            faults.append("it is introduced before the option")
        }
        if let own = value.deprecated, let deprecated, own > deprecated {
            faults.append("it is deprecated after the option")
        }
        if let own = value.removed, let removed, own > removed { faults.append("it is removed after the option") }
        return faults
    }

    /// The number of an edition as contracts write it.
    static func edition(_ number: UInt64) -> String {
        Dialect(rawValue: Int32(truncatingIfNeeded: number))?.text ?? String(number)
    }
}

extension Validator {
    func checkSupport(of field: FieldDraft, _ options: OptionSet, _ report: inout Report) {
        checkSupport(options, 22, at: field.nameSpan, &report)
        guard options.isPresent, let support = options.values.message(22), case .enumeration(let ref) = field.type
        else { return }
        for value in program.enumeration(ref).values {
            let own = program.files[ref.file].optionSets[value.optionSet]
            guard own.isPresent, let lifetime = own.values.message(4) else { continue }
            for fault in FeatureSupport(support).faults(of: FeatureSupport(lifetime)) {
                report.error(
                    .featureLifetime, "the lifetime of value `\(value.name)` goes beyond this option's: \(fault)",
                    at: field.nameSpan, notes: [.init("the value", at: value.nameSpan)])
            }
        }
    }

    func checkSupport(of enumeration: EnumDraft, _ report: inout Report) {
        for value in enumeration.values {
            checkSupport(file.optionSets[value.optionSet], 4, at: value.nameSpan, &report)
        }
    }

    private func checkSupport(_ options: OptionSet, _ number: Int32, at span: Span, _ report: inout Report) {
        guard options.isPresent, let value = options.values.message(number) else { return }
        let place = options.written.first { $0.name.first?.text == "feature_support" }?.span ?? span
        for fault in FeatureSupport(value).faults {
            report.error(.featureLifetime, "the lifetime contradicts itself: \(fault)", at: place)
        }
    }

    // MARK: - Names of enum values in JSON

    /// The names that values choose for themselves in JSON (`(pb.enumvalue.json).string`) are nobody else's.
    func checkCustomJSONNames(of enumeration: EnumDraft, _ report: inout Report) {
        checkSupport(of: enumeration, &report)
        let custom = enumeration.values.map { customJSONName(of: $0) }
        guard custom.contains(where: { $0 != nil }) else { return }
        var taken: [String: EnumValueDraft] = [:]
        for (value, name) in zip(enumeration.values, custom) {
            // By its own name a value is read in any case.
            for each in [value.name] + (name.map { [$0] } ?? []) {
                guard let earlier = taken[each] else {
                    taken[each] = value
                    continue
                }
                if earlier.name == value.name || earlier.number == value.number { continue }
                report.error(
                    .jsonNameClash, "`\(earlier.name)` and `\(value.name)` have the same name in JSON, `\(each)`",
                    at: value.nameSpan, notes: [.init("the other value", at: earlier.nameSpan)])
            }
            if let name, let number = Int32(name), let own = value.number, own != number {
                report.error(
                    .badJSONName, "`\(name)` would be read as the number \(number), and `\(value.name)` is \(own)",
                    at: value.nameSpan)
            }
        }
    }

    private func customJSONName(of value: EnumValueDraft) -> String? {
        let options = file.optionSets[value.optionSet]
        guard options.isPresent, let slot = options.values.slots[998],
            program.field(slot.field).fullName == "pb.enumvalue.json"
        else { return nil }
        return options.values.message(998)?.text(1)
    }
}

extension MessageValue {
    /// The text that a string field holds.
    func text(_ number: Int32) -> String? {
        if case .bytes(let bytes)? = slots[number]?.values.last { return String(decoding: bytes, as: UTF8.self) }
        return nil
    }
}
