import Descriptors

/// What syntax and features say about the elements of a scope; inner scopes inherit and may differ (editions only).
///
/// Source: protobuf.dev, "Feature Settings for Editions".
struct Features {
    var presence: FeatureSet.FieldPresence
    /// Whether repeated numbers are packed.
    var isPacked: Bool
    /// Whether sub-messages are groups.
    var isDelimited: Bool
    /// Whether strings are checked. Strings in Swift are UTF-8 always; this is about the bytes of extensions.
    var checksUTF8: Bool
    /// Whether enums refuse the numbers that they do not name.
    var isClosed: Bool

    init(_ file: FileDescriptorProto) {
        let syntax = file.syntax ?? "proto2"
        presence = syntax == "proto3" ? .implicit : .explicit
        isPacked = syntax == "proto3" || syntax == "editions"
        isClosed = syntax == "proto2"
        checksUTF8 = syntax != "proto2"
        isDelimited = false
        self = with(file.options?.features)
    }

    /// The features of an inner scope.
    func with(_ set: FeatureSet?) -> Features {
        guard let set else { return self }
        var features = self
        if let presence = set.fieldPresence { features.presence = presence }
        if let encoding = set.repeatedFieldEncoding { features.isPacked = encoding == .packed }
        if let encoding = set.messageEncoding { features.isDelimited = encoding == .delimited }
        if let validation = set.utf8Validation { features.checksUTF8 = validation == .verify }
        if let type = set.enumType { features.isClosed = type == .closed }
        return features
    }
}
