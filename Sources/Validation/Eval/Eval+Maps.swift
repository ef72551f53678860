public import ProtoWire

/// Maps of messages as CEL sees them.
extension Eval {
    @inlinable
    public static func size<Key, Value>(_ map: ProtoMap<Key, Value>) -> Int64 { Int64(map.count) }

    /// `map[key]`: an error if there is no such entry.
    @inlinable
    public static func value<Key, Value>(_ map: ProtoMap<Key, Value>, _ key: Key) throws(EvalError) -> Value {
        guard let value = map[key] else { throw .noSuchKey("\(key)") }
        return value
    }

    /// `key in map`
    @inlinable
    public static func isIn<Key, Value>(_ key: Key, _ map: ProtoMap<Key, Value>) -> Bool { map[key] != nil }

    /// `value in list`, numbers of any kinds.
    @inlinable
    public static func isIn<Element: EvalNumber>(_ value: some EvalNumber, _ list: [Element]) -> Bool {
        for item in list where equal(value, item) { return true }
        return false
    }

    public static func isIn(_ value: String, _ list: [String]) -> Bool { Rules.isIn(value, list) }

    public static func isIn(_ value: [UInt8], _ list: [[UInt8]]) -> Bool { list.contains(value) }

    public static func isIn(_ value: Bool, _ list: [Bool]) -> Bool { list.contains(value) }
}
