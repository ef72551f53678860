/// What generated code asks to find a required field that is missing below its own fields.
public enum RequiredFields {
    @inlinable
    public static func missing(in value: (some Message)?, _ name: StaticString) -> String? {
        guard let path = value?.missingField() else { return nil }
        return "\(name).\(path)"
    }

    @inlinable
    public static func missing(in values: [some Message], _ name: StaticString) -> String? {
        for index in values.indices {
            if let path = values[index].missingField() { return "\(name)[\(index)].\(path)" }
        }
        return nil
    }

    @inlinable
    public static func missing<Key, Value: Message>(in map: ProtoMap<Key, Value>, _ name: StaticString) -> String? {
        for entry in map.entries {
            if let path = entry.value.missingField() { return "\(name)[\(Key.shown(entry.key))].\(path)" }
        }
        return nil
    }
}
