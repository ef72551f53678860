/// What decides how a field behaves, resolved: what proto2 and proto3 imply, or what an edition's file says.
/// Source: protobuf.dev, "Feature Settings for Editions".
struct Features {
    var hasPresence: Bool
    var isPacked: Bool
    var checksUTF8: Bool
    var isDelimited: Bool
    var isClosed: Bool

    static let proto2 = Features(
        hasPresence: true, isPacked: false, checksUTF8: false, isDelimited: false, isClosed: true)
    static let proto3 = Features(
        hasPresence: false, isPacked: true, checksUTF8: true, isDelimited: false, isClosed: false)
    static let editions = Features(
        hasPresence: true, isPacked: true, checksUTF8: true, isDelimited: false, isClosed: false)

    /// What a file starts from.
    init(of file: FileDescriptorProto) {
        self =
            switch file.syntax {
            case "proto3": .proto3
            case "editions": .editions
            default: .proto2
            }
        apply(file.options?.features)
    }

    private init(hasPresence: Bool, isPacked: Bool, checksUTF8: Bool, isDelimited: Bool, isClosed: Bool) {
        self.hasPresence = hasPresence
        self.isPacked = isPacked
        self.checksUTF8 = checksUTF8
        self.isDelimited = isDelimited
        self.isClosed = isClosed
    }

    /// Overrides with what an element itself says.
    mutating func apply(_ set: FeatureSet?) {
        guard let set else { return }
        if let presence = set.fieldPresence { hasPresence = presence != .implicit }
        if let encoding = set.repeatedFieldEncoding { isPacked = encoding == .packed }
        if let validation = set.utf8Validation { checksUTF8 = validation == .verify }
        if let encoding = set.messageEncoding { isDelimited = encoding == .delimited }
        if let type = set.enumType { isClosed = type == .closed }
    }

    func applying(_ set: FeatureSet?) -> Features {
        var features = self
        features.apply(set)
        return features
    }
}
