/// The secrets that let a service join, one a service.
struct JoinTokens: Sendable {
    private var byService: [String: [UInt8]] = [:]

    /// Reads lines of `service token`; blank lines and lines that begin with `#` are passed over.
    init(text: String, file: String) throws(ControlConfig.Fault) {
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            let words = line.split { $0 == " " || $0 == "\t" }
            if words.isEmpty || words[0].hasPrefix("#") { continue }
            guard words.count == 2 else {
                throw ControlConfig.Fault(
                    message: "\(file):\(index + 1): expected 'service token', found \(words.count) words")
            }
            guard words[1].utf8.count >= 16 else {
                throw ControlConfig.Fault(
                    message: "\(file):\(index + 1): the token of '\(words[0])' is shorter than 16 characters")
            }
            byService[String(words[0])] = Array(words[1].utf8)
        }
    }

    /// Whether `token` is the secret of `service`. The comparison takes the same time whatever the token is.
    func vouch(for service: String, token: String) -> Bool {
        guard let secret = byService[service] else { return false }
        let given = Array(token.utf8)
        guard given.count == secret.count else { return false }
        return zip(given, secret).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
    }
}
