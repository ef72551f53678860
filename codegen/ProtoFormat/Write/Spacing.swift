import ProtoSyntax

/// Says which words of a statement have a blank between them.
struct Spacing {
    private var first = ""
    private var last = ""
    private var beforeLast = ""
    private var count = 0

    /// Whether the word has a blank before it; the word is the last one from then on.
    mutating func parts(_ word: Lexeme) -> Bool {
        defer {
            if count == 0 { first = word.text }
            beforeLast = last
            last = word.kind == .string ? "\"" : word.text
            count += 1
        }
        guard count > 0 else { return false }
        if ["(", "<", ".", "-", "/", "["].contains(last) { return false }
        guard word.kind != .string else { return true }
        switch word.text {
        case ".": return beginsName
        case "(": return last == "returns" && count > 2 || last == "option" && count == 1
        case _ where Spacing.clings(word): return false
        default: return true
        }
    }

    /// A value in brackets or several strings stand where a word might.
    mutating func passGroup() {
        beforeLast = last
        last = "]"
        count += 1
    }

    /// Marks that stand directly behind what they belong to.
    static func clings(_ word: Lexeme) -> Bool {
        guard word.kind == .symbol else { return false }
        return [";", ",", ":", "(", ")", "<", ">", "]", "/", "."].contains(word.text)
    }

    /// A point begins a name (`.package.Message`) behind what cannot be a part of one. The words are those that the grammar
    /// takes for keywords there, whatever types may be called.
    private var beginsName: Bool {
        switch last {
        case "optional", "repeated", "required", "extend": count == 1
        case "stream": beforeLast == "("
        case ",", "=", ":": true
        default: false
        }
    }
}
