public import ProtoWire

extension DynamicMessage {
    /// Reads foreign bytes and checks all that a generated type's decoder checks: lengths, groups, nesting, UTF-8.
    ///
    /// What it keeps is the canonical form (see `canonicalBytes`).
    public init(_ table: MessageTable, decoding bytes: [UInt8]) throws(DecodeError) {
        let message = DynamicMessage(table, bytes: bytes)
        self.init(table, bytes: try message.canonicalBytes())
    }

    /// The one binary form that equal messages have: fields in the order of their numbers, maps in the order of their
    /// keys, repeated scalars packed as the contract says, unknown fields last.
    ///
    /// It is as stable as the contract: two versions of it may put the same values differently.
    public func canonicalBytes() throws(DecodeError) -> [UInt8] {
        var writer = JSONWriter(capacity: bytes.count + 16)
        try bytes.withUnsafeBufferPointer { (buffer) throws(DecodeError) in
            try CanonicalWriter().message(
                table, UnsafeRawBufferPointer(buffer), JSONTranscoder.maximumWireDepth, &writer)
        }
        return writer.array
    }

    /// The path of the first required field that is not set, or nil if none is missing.
    public func missingRequiredField() throws(DecodeError) -> String? {
        try RequiredCheck.missing(in: table, bytes)
    }

    /// The message as canonical JSON.
    ///
    /// - Parameter types: where the types of `google.protobuf.Any` are found.
    public func jsonString(
        _ options: JSONTranscoder.PrintOptions = .init(), types: DescriptorPool? = nil
    ) throws(JSONError) -> String {
        try JSONTranscoder(pool: types).binaryToJSON(table, bytes, options)
    }

    /// Reads a message from JSON.
    public init(
        _ table: MessageTable, json: String, _ options: JSONTranscoder.ParseOptions = .init(),
        types: DescriptorPool? = nil
    ) throws(JSONError) {
        self.init(table, bytes: try JSONTranscoder(pool: types).jsonToBinary(table, json, options))
    }

    /// The message in protobuf's text format.
    ///
    /// - Parameter types: where the types of `google.protobuf.Any` are found.
    public func textString(
        _ options: TextFormat.PrintOptions = .init(), types: DescriptorPool? = nil
    ) throws(TextFormatError) -> String {
        try TextFormat(pool: types).binaryToText(table, bytes, options)
    }

    /// Reads a message from protobuf's text format.
    public init(
        _ table: MessageTable, text: String, _ options: TextFormat.ParseOptions = .init(),
        types: DescriptorPool? = nil
    ) throws(TextFormatError) {
        self.init(table, bytes: try TextFormat(pool: types).textToBinary(table, text, options))
    }
}
