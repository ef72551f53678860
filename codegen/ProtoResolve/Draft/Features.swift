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

    enum NamingStyle: Int32 {
        case style2024 = 1
        case legacy = 2
        case style2026 = 3
    }

    enum ProtoLimits: Int32 {
        case none = 1
        case limits2026 = 2
    }

    var presence: Presence
    var enumType: EnumType
    var repeatedEncoding: RepeatedEncoding
    var messageEncoding = MessageEncoding.lengthPrefixed
    var jsonFormat: JSONFormat
    var symbolVisibility: SymbolVisibility
    var namingStyle: NamingStyle
    var protoLimits: ProtoLimits

    /// The defaults (descriptor.proto, `edition_defaults` of `FeatureSet`'s fields).
    init(dialect: Dialect) {
        let isLegacy = dialect <= .proto2
        presence = dialect == .proto3 ? .implicit : .explicit
        enumType = isLegacy ? .closed : .open
        repeatedEncoding = isLegacy ? .expanded : .packed
        jsonFormat = isLegacy ? .legacyBestEffort : .allow
        symbolVisibility =
            dialect >= .edition2026 ? .strict : dialect >= .edition2024 ? .exportTopLevel : .exportAll
        namingStyle = dialect >= .edition2026 ? .style2026 : dialect >= .edition2024 ? .style2024 : .legacy
        protoLimits = dialect >= .edition2026 ? .limits2026 : .none
    }
}
