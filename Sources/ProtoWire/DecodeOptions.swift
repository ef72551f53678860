/// What a caller allows foreign bytes to be.
public struct DecodeOptions: Sendable {
    /// Whether required fields may be missing. `Message.missingField()` says later whether one is.
    public var allowsPartial: Bool
    /// How deep messages may lie in each other. Each level costs stack, so it is no more than a few thousand.
    public var maximumDepth: Int
    /// How many bytes the message may have. The format's own limit is 2 GiB: lengths are positive 32-bit numbers elsewhere.
    public var maximumSize: Int

    @inlinable
    public init(
        allowsPartial: Bool = false, maximumDepth: Int = WireReader.maximumDepth, maximumSize: Int = Int(Int32.max)
    ) {
        self.allowsPartial = allowsPartial
        self.maximumDepth = maximumDepth
        self.maximumSize = maximumSize
    }
}
