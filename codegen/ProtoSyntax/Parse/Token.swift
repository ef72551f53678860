/// One word, number, string or mark of a file.
struct Token {
    enum Kind: UInt8 {
        case identifier
        case integer
        case float
        case string
        case symbol
        case end
    }

    let kind: Kind
    let start: Int
    let end: Int
    /// The spelling; empty for strings, which are read where they are wanted, and at the end.
    let text: String
}
