/// An enum of a contract: open, so a number that this version does not name survives a round trip.
///
/// Generated enums are structs with a static constant for each name. Zero is the default, as in proto3.
public protocol ProtoEnum: RawRepresentable, Hashable, Sendable where RawValue == Int32 {
    init(rawValue: Int32)
}

extension ProtoEnum {
    /// The value that an absent field has.
    @inlinable
    public init() {
        self.init(rawValue: 0)
    }
}
