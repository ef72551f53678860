extension Eval {
    /// `string(bytes)`: fails unless they are UTF-8.
    public static func string(_ bytes: [UInt8]) throws(EvalError) -> String {
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw .badConversion("bytes that are no UTF-8 to a string")
        }
        return text
    }
}
