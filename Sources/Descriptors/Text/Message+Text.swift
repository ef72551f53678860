public import ProtoWire

extension Message {
    /// The message in protobuf's text format.
    ///
    /// - Parameter types: where the types of `google.protobuf.Any` and extensions are found. Unsaid, those are the files
    ///   that the type's own file imports and those given to `GeneratedTypes.register`.
    public func textString(
        _ options: TextFormat.PrintOptions = .init(), types: DescriptorPool? = nil
    ) throws(TextFormatError) -> String {
        let (pool, table) = GeneratedTypes.table(of: Self.descriptor, in: types)
        return try TextFormat(pool: pool).binaryToText(table, encoded(), options)
    }

    /// Reads a message from protobuf's text format.
    public init(
        text: String, _ options: TextFormat.ParseOptions = .init(), types: DescriptorPool? = nil
    ) throws(TextFormatError) {
        let (pool, table) = GeneratedTypes.table(of: Self.descriptor, in: types)
        let bytes = try TextFormat(pool: pool).textToBinary(table, text, options)
        do {
            self = try Self(transcoded: bytes)
        } catch {
            throw TextFormatError(problem: error.description)
        }
    }
}
