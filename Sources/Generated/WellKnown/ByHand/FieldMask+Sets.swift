public import ProtoWire

/// A set of fields by their paths: `title`, `author.name`. A path stands for all that lies below it.
///
///     let mask: GoogleProtobuf.FieldMask = ["title", "author.name"]
///     try mask.merge(from: request.course, into: &course)
extension GoogleProtobuf.FieldMask {
    public init(_ paths: [String]) {
        self.init()
        self.paths = paths
    }

    /// The same set with the fewest paths, sorted: those that others cover are gone.
    public func normalized() -> Self {
        var kept: [String] = []
        // Sorted by elements, a path directly precedes those below it.
        for path in Set(paths).sorted(by: { $0.elements.lexicographicallyPrecedes($1.elements) }) {
            if let last = kept.last, covers(last, path) { continue }
            kept.append(path)
        }
        return Self(kept)
    }

    /// Whether the field of this path is in the set, itself or by a path above it.
    public func contains(_ path: String) -> Bool {
        paths.contains { covers($0, path) }
    }

    /// What is in either set, normalized.
    public func union(_ other: Self) -> Self {
        Self(paths + other.paths).normalized()
    }

    /// What is in both sets, normalized.
    public func intersection(_ other: Self) -> Self {
        Self(paths.filter { other.contains($0) } + other.paths.filter { contains($0) }).normalized()
    }

    /// What is in this set and not in the other, normalized. A path above one of the other's stays whole: a mask cannot
    /// say "all but".
    public func subtracting(_ other: Self) -> Self {
        Self(paths.filter { !other.contains($0) }).normalized()
    }

    private func covers(_ upper: String, _ lower: String) -> Bool {
        lower == upper || lower.utf8.starts(with: upper.utf8) && lower.utf8.dropFirst(upper.utf8.count).first == dot
    }
}

private let dot = UInt8(ascii: ".")

extension String {
    fileprivate var elements: [Substring] { split(separator: ".", omittingEmptySubsequences: false) }
}

extension GoogleProtobuf.FieldMask: ExpressibleByArrayLiteral {
    public init(arrayLiteral paths: String...) { self.init(paths) }
}

extension GoogleProtobuf.FieldMask {
    /// Whether every path names a field of the message type.
    public func isValid<Value: Message>(for _: Value.Type) -> Bool {
        (try? FieldSelection<Value>(self)) != nil
    }

    /// Sets the fields of the mask to what `source` has; those that it does not have are cleared.
    ///
    /// It is what an update with a mask means. A path through a message that is not there makes it. For many messages and
    /// one mask, make a `FieldSelection` once.
    public func merge<Value: Message>(from source: Value, into destination: inout Value) throws {
        try FieldSelection<Value>(self).merge(from: source, into: &destination)
    }

    /// The message with the fields of the mask alone.
    public func keeping<Value: Message>(_ message: Value) throws -> Value {
        try FieldSelection<Value>(self).keeping(message)
    }
}
