public import ProtoWire

extension Message {
    /// The message as canonical JSON.
    ///
    /// - Parameter types: where the types of `google.protobuf.Any` and extensions are found. Unsaid, those are the files
    ///   that the type's own file imports and those given to `GeneratedTypes.register`.
    public func jsonString(
        _ options: JSONTranscoder.PrintOptions = .init(), types: DescriptorPool? = nil
    ) throws(JSONError) -> String {
        let (pool, table) = GeneratedTypes.table(of: Self.descriptor, in: types)
        return try JSONTranscoder(pool: pool).binaryToJSON(table, encoded(), options)
    }

    /// Reads a message from JSON.
    public init(
        json: String, _ options: JSONTranscoder.ParseOptions = .init(), types: DescriptorPool? = nil
    ) throws(JSONError) {
        let (pool, table) = GeneratedTypes.table(of: Self.descriptor, in: types)
        let bytes = try JSONTranscoder(pool: pool).jsonToBinary(table, json, options)
        do {
            self = try Self(transcoded: bytes)
        } catch {
            throw JSONError(problem: error.description)
        }
    }
}
