import ProtoSyntax

/// How the parts of a file behave where proto2, proto3 and the editions differ. The raw values are descriptor.proto's.
struct Features: Equatable {
    enum Presence: Int32 {
        case explicit = 1
        case implicit = 2
        case legacyRequired = 3
    }

    enum EnumType: Int32 {
        case open = 1
        case closed = 2
    }

    enum RepeatedEncoding: Int32 {
        case packed = 1
        case expanded = 2
    }

    enum MessageEncoding: Int32 {
        case lengthPrefixed = 1
        case delimited = 2
    }

    enum JSONFormat: Int32 {
        case allow = 1
        case legacyBestEffort = 2
    }

    /// Which types other files may use.
    enum SymbolVisibility: Int32 {
        case exportAll = 1
        case exportTopLevel = 2
        case localAll = 3
        case strict = 4
    }

    var presence: Presence
    var enumType: EnumType
    var repeatedEncoding: RepeatedEncoding
    var messageEncoding = MessageEncoding.lengthPrefixed
    var jsonFormat: JSONFormat
    var symbolVisibility: SymbolVisibility

    /// The defaults (descriptor.proto, `edition_defaults` of `FeatureSet`'s fields).
    init(dialect: Dialect) {
        let isLegacy = dialect <= .proto2
        presence = dialect == .proto3 ? .implicit : .explicit
        enumType = isLegacy ? .closed : .open
        repeatedEncoding = isLegacy ? .expanded : .packed
        jsonFormat = isLegacy ? .legacyBestEffort : .allow
        symbolVisibility = dialect >= .edition2024 ? .exportTopLevel : .exportAll
    }
}
