import ProtoSyntax

/// Hands the features down: from the file to messages and enums, from these to fields, each overriding what it says itself.
///
/// What is settled by options of proto2 and proto3 alone (`packed`) becomes a feature here too, so later code asks one way.
func resolveFeatures(of index: Int, in program: inout Program) {
    program.edit(index) { draft in
        let file = draft.features.overridden(by: draft.optionSets[draft.optionSet])
        draft.features = file
        for enumeration in draft.topEnums { resolve(enumeration: enumeration, under: file, &draft) }
        for message in draft.topMessages { resolve(message: message, under: file, &draft) }
        for field in draft.topExtensions { resolve(field: field, under: file, &draft) }
        for service in draft.services.indices { resolve(service: service, under: file, &draft) }
    }
}

private func resolve(message index: Int, under outer: Features, _ draft: inout Draft) {
    let message = draft.messages[index]
    let features = outer.overridden(by: draft.optionSets[message.optionSet])
    draft.messages[index].features = features
    for nested in message.nested { resolve(message: nested, under: features, &draft) }
    for enumeration in message.enums { resolve(enumeration: enumeration, under: features, &draft) }
    for field in message.extensions { resolve(field: field, under: features, &draft) }
    for oneof in message.oneofs.indices {
        draft.messages[index].oneofs[oneof].features = features.overridden(
            by: draft.optionSets[message.oneofs[oneof].optionSet])
    }
    for field in message.fields {
        let oneof = draft.fields[field].oneof
        let around = oneof.map { draft.messages[index].oneofs[$0].features } ?? features
        resolve(field: field, under: around, &draft)
    }
}

private func resolve(service index: Int, under outer: Features, _ draft: inout Draft) {
    let features = outer.overridden(by: draft.optionSets[draft.services[index].optionSet])
    draft.services[index].features = features
    for method in draft.services[index].methods.indices {
        let options = draft.optionSets[draft.services[index].methods[method].optionSet]
        draft.services[index].methods[method].features = features.overridden(by: options)
    }
}

private func resolve(enumeration index: Int, under outer: Features, _ draft: inout Draft) {
    let features = outer.overridden(by: draft.optionSets[draft.enums[index].optionSet])
    draft.enums[index].features = features
    for value in draft.enums[index].values.indices {
        let options = draft.optionSets[draft.enums[index].values[value].optionSet]
        draft.enums[index].values[value].features = features.overridden(by: options)
    }
}

private func resolve(field index: Int, under outer: Features, _ draft: inout Draft) {
    let options = draft.optionSets[draft.fields[index].optionSet]
    var features = outer.overridden(by: options)
    if !draft.dialect.hasFeatures {
        if let packed = options.values.varint(2) { features.repeatedEncoding = packed != 0 ? .packed : .expanded }
        if draft.fields[index].label == .required { features.presence = .legacyRequired }
        if draft.fields[index].isProto3Optional { features.presence = .explicit }
    }
    draft.fields[index].features = features
    draft.fields[index].isSourceOnly = options.values.varint(17) == 2
}

extension Features {
    /// The numbers of the `features` fields in the `*Options` messages.
    private static let numbers: [OptionTarget: Int32] = [
        .file: 50, .extensionRange: 50, .message: 12, .field: 21, .oneof: 1, .enumeration: 7, .enumValue: 2,
        .service: 34, .method: 35,
    ]

    func overridden(by options: OptionSet) -> Features {
        guard let number = Features.numbers[options.target], let set = options.values.message(number) else {
            return self
        }
        var features = self
        features.presence = set.choice(1) ?? presence
        features.enumType = set.choice(2) ?? enumType
        features.repeatedEncoding = set.choice(3) ?? repeatedEncoding
        features.messageEncoding = set.choice(5) ?? messageEncoding
        features.jsonFormat = set.choice(6) ?? jsonFormat
        features.namingStyle = set.choice(7) ?? namingStyle
        features.symbolVisibility = set.choice(8) ?? symbolVisibility
        features.protoLimits = set.choice(9) ?? protoLimits
        return features
    }
}

extension MessageValue {
    /// The enum that the field holds.
    fileprivate func choice<Value: RawRepresentable>(_ number: Int32) -> Value? where Value.RawValue == Int32 {
        varint(number).flatMap { Value(rawValue: Int32(truncatingIfNeeded: $0)) }
    }
}
