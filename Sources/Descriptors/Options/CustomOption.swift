public import ProtoWire

/// An options message of this module, which takes custom options as extensions do.
///
/// Generated constants such as `GoogleApi.http` extend the generated types of google/protobuf/descriptor.proto. The types
/// here are the same messages, so the constants are keys to them too: the full name decides.
public protocol OptionsMessage: ExtensibleMessage {}

extension OptionsMessage {
    /// The option's value; nil if it is not set, extends other options, or is not what its contract says.
    public subscript<Owner, Value>(option: ExtensionField<Owner, Value>) -> Value? {
        (try? value(of: option)) ?? nil
    }

    /// The option's values; none if it is not set, extends other options, or is not what its contract says.
    public subscript<Owner, Element>(option: RepeatedExtensionField<Owner, Element>) -> [Element] {
        guard Owner.descriptor.fullName == Self.descriptor.fullName else { return [] }
        return (try? option.values(in: unknownFields)) ?? []
    }

    /// The option's value, or nil if it is not set. Bytes that are not what its contract says are an error.
    public func value<Owner, Value>(of option: ExtensionField<Owner, Value>) throws(DecodeError) -> Value? {
        guard Owner.descriptor.fullName == Self.descriptor.fullName else { return nil }
        return try option.value(in: unknownFields)
    }
}

extension FileOptions: OptionsMessage {}
extension MessageOptions: OptionsMessage {}
extension FieldOptions: OptionsMessage {}
extension OneofOptions: OptionsMessage {}
extension ExtensionRangeOptions: OptionsMessage {}
extension EnumOptions: OptionsMessage {}
extension EnumValueOptions: OptionsMessage {}
extension ServiceOptions: OptionsMessage {}
extension MethodOptions: OptionsMessage {}
