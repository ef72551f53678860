/// Why a header block cannot be read. The table is out of step from then on, so the connection ends with COMPRESSION_ERROR
/// (RFC 9113 §4.3).
package enum HPACKError: Error, Equatable, Sendable {
    /// The block ends inside a field.
    case truncated
    /// An integer is larger than 32 bits, or is written in more bytes than it can need (RFC 7541 §5.1).
    case integerTooLarge
    /// An index is zero or names no entry (RFC 7541 §2.3.3).
    case noSuchIndex
    /// The padding of a Huffman string is longer than 7 bits or not all ones, or the string holds EOS (RFC 7541 §5.2).
    case badHuffmanString
    /// A table size stands behind a field (RFC 7541 §4.2).
    case sizeUpdateInside
    /// A table size is above what we allow (RFC 7541 §6.3).
    case sizeAboveLimit
    /// We lowered the limit and the block does not begin by obeying (RFC 7541 §4.2).
    case sizeUpdateMissing

    /// What was wrong, for logs and GOAWAY's debug data.
    package var reason: String {
        switch self {
        case .truncated: "a header block ends inside a field"
        case .integerTooLarge: "an integer in a header block is too large"
        case .noSuchIndex: "a header block names an entry that is not in the table"
        case .badHuffmanString: "a Huffman string in a header block is malformed"
        case .sizeUpdateInside: "a table size update stands behind a field"
        case .sizeAboveLimit: "a table size update is above the limit"
        case .sizeUpdateMissing: "a table size update that was due is missing"
        }
    }
}
