import Descriptors

/// What syntax and features say about the fields of a scope; inner scopes inherit and may differ (editions only).
struct Features {
    /// Whether a singular scalar knows that it was set.
    var isExplicit: Bool
    /// Whether repeated numbers are packed.
    var isPacked: Bool
    /// Whether sub-messages are groups.
    var isDelimited: Bool

    init(_ file: FileDescriptorProto) {
        isDelimited = false
        switch file.syntax ?? "proto2" {
        case "proto3":
            isExplicit = false
            isPacked = true
        case "editions":
            // The defaults of every edition since 2023.
            isExplicit = true
            isPacked = true
        default:
            isExplicit = true
            isPacked = false
        }
        self = with(file.options?.features)
    }

    /// The features of an inner scope.
    func with(_ set: FeatureSet?) -> Features {
        guard let set else { return self }
        var features = self
        if let presence = set.fieldPresence { features.isExplicit = presence != .implicit }
        if let encoding = set.repeatedFieldEncoding { features.isPacked = encoding == .packed }
        if let encoding = set.messageEncoding { features.isDelimited = encoding == .delimited }
        return features
    }
}
