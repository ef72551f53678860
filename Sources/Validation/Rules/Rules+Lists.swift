import ProtoWire

extension Rules {
    /// The longest list whose elements are compared one by one, without a table.
    @usableFromInline static var pairwiseLimit: Int { 16 }

    /// No two elements are equal.
    @inlinable
    public static func unique<Element: Hashable>(_ list: [Element]) -> Bool {
        unique(list, same: { $0 == $1 }, key: { $0 })
    }

    /// No two texts are the same code points.
    public static func unique(_ list: [String]) -> Bool {
        unique(list, same: String.same, key: TextKey.init)
    }

    /// No two numbers are equal. NaN equals nothing, itself included, so any number of them may stand in the list.
    public static func unique(_ list: [Double]) -> Bool {
        unique(list.contains { $0.isNaN } ? list.filter { !$0.isNaN } : list, same: ==, key: \.self)
    }

    /// No two numbers are equal. NaN equals nothing, itself included, so any number of them may stand in the list.
    public static func unique(_ list: [Float]) -> Bool {
        unique(list.contains { $0.isNaN } ? list.filter { !$0.isNaN } : list, same: ==, key: \.self)
    }

    @inlinable
    static func unique<Element, Key: Hashable>(
        _ list: [Element], same: (Element, Element) -> Bool, key: (Element) -> Key
    ) -> Bool {
        if list.count <= pairwiseLimit {
            for (index, element) in list.enumerated() {
                for earlier in 0..<index where same(list[earlier], element) { return false }
            }
            return true
        }
        var seen = Set<Key>(minimumCapacity: list.count)
        for element in list {
            guard seen.insert(key(element)).inserted else { return false }
        }
        return true
    }

    @inlinable
    public static func isIn<Element: Equatable>(_ value: Element, _ list: [Element]) -> Bool {
        for item in list where item == value { return true }
        return false
    }

    /// Not infinite and not NaN.
    @inlinable
    public static func isFinite(_ value: some BinaryFloatingPoint) -> Bool { value.isFinite }

    /// Each path is one of `allowed`, or lies in one of them.
    public static func paths(_ paths: [String], areIn allowed: [String]) -> Bool {
        for path in paths where !covers(allowed, path) { return false }
        return true
    }

    /// No path is one of `refused`, or lies in one of them.
    public static func paths(_ paths: [String], areNotIn refused: [String]) -> Bool {
        for path in paths where covers(refused, path) { return false }
        return true
    }

    /// The same paths in the same order.
    public static func paths(_ paths: [String], are wanted: [String]) -> Bool {
        paths.elementsEqual(wanted, by: String.same)
    }

    private static func covers(_ list: [String], _ path: String) -> Bool {
        for item in list where covers(item, path) { return true }
        return false
    }

    private static func covers(_ item: String, _ path: String) -> Bool {
        path.withBytes { path in
            item.withBytes { item in
                guard Bytes.starts(path, with: item, at: 0) else { return false }
                return path.count == item.count || path[item.count] == UInt8(ascii: ".")
            }
        }
    }
}

/// A text that is equal to another only if their code points are.
@usableFromInline
struct TextKey: Hashable {
    private let text: String

    @usableFromInline
    init(_ text: String) { self.text = text }

    @usableFromInline
    static func == (left: TextKey, right: TextKey) -> Bool { String.same(left.text, right.text) }

    @usableFromInline
    func hash(into hasher: inout Hasher) { String.feed(text, to: &hasher) }
}
