/// One word, number, string or mark of a file.
package struct Token: Sendable {
    package enum Kind: UInt8, Sendable {
        case identifier
        case integer
        case float
        case string
        case symbol
        case end
    }

    package let kind: Kind
    package let start: Int
    package let end: Int
    /// The spelling; empty for strings, which are read where they are wanted, and at the end.
    package let text: String
}
