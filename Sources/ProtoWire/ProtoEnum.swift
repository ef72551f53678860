/// An enum of a contract: open, so a number that this version does not name survives a round trip.
///
/// Generated enums are structs with a static constant for each name. The first name is the default, which is zero but for
/// closed enums.
public protocol ProtoEnum: RawRepresentable, Hashable, Sendable where RawValue == Int32 {
    init(rawValue: Int32)

    /// The value that an absent field has.
    init()
}

extension ProtoEnum {
    @inlinable
    public init() {
        self.init(rawValue: 0)
    }
}

/// An enum of proto2, or of `enum_type = CLOSED`: a number that the contract does not name is no value of it.
///
/// Readers put such a number into the message's unknown fields, as if the field were not in the contract, so a peer with
/// a newer contract gets it back. Source: protobuf.dev, "Enum Behavior".
public protocol ClosedProtoEnum: ProtoEnum {
    /// Whether the contract names this number.
    static func isNamed(_ number: Int32) -> Bool
}
