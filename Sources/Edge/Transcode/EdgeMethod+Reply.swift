internal import Descriptors

extension EdgeMethod {
    /// The JSON of a reply, or of the one field of it that the contract names.
    func reply(_ message: [UInt8]) throws(EdgeFault) -> [UInt8] {
        do {
            return try message.withUnsafeBytes { (raw) throws(JSONError) -> [UInt8] in
                var writer = JSONWriter(capacity: raw.count * 2 + 64)
                if let replyField {
                    try transcoder.binaryToJSON(field: replyField, of: output, raw, into: &writer)
                } else {
                    try transcoder.binaryToJSON(output, raw, into: &writer)
                }
                return writer.array
            }
        } catch {
            throw EdgeFault(502, code: 13, "the service's reply does not fit its contract: \(error)")
        }
    }
}
