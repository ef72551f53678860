public import ProtoWire

extension UnknownFields {
    /// The value of a custom option of message type, where the options message keeps it: nil if it is not set.
    ///
    /// An option that was given in several parts is one message: parts merge in order, as protobuf says.
    ///
    /// - Parameter number: the number of the extension field, such as 51801 for `(weft.options.v1.method)`.
    public func customOption<Value: Message>(
        _ number: UInt32, as type: Value.Type = Value.self
    ) throws(DecodeError) -> Value? {
        guard !isEmpty else { return nil }
        return try bytes.withUnsafeBufferPointer { (raw) throws(DecodeError) in
            var reader = WireReader(UnsafeRawBufferPointer(raw))
            var value: Value?
            while let tag = try reader.nextTag() {
                if tag == number << 3 | 2 {
                    try reader.message(&value)
                } else {
                    try reader.skip(tag)
                }
            }
            return value
        }
    }
}
