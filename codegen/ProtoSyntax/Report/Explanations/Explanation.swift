/// What a code means, for those who meet it for the first time: `weft explain P0207` prints it.
public struct Explanation: Sendable, Hashable {
    /// A few words, lower case, no full stop.
    public let title: String
    /// Why it is a fault and what to do, in whole sentences.
    public let text: String
    /// A contract that has the fault.
    public let wrong: String
    /// The same contract without it.
    public let right: String

    init(_ title: String, _ text: String, wrong: String, right: String) {
        self.title = title
        self.text = text
        self.wrong = wrong
        self.right = right
    }
}

extension DiagnosticCode {
    /// Every code has one; a test compiles both contracts of each.
    public var explanation: Explanation {
        let found: Explanation? =
            switch rawValue.dropFirst(2).first {
            case "0": Explanation.ofTokens(self)
            case "1": Explanation.ofGrammar(self)
            case "2": Explanation.ofNames(self)
            case "3": Explanation.ofNumbers(self)
            case "4": Explanation.ofOptions(self)
            case "5": Explanation.ofFeatures(self)
            default: Explanation.ofRules(self)
            }
        guard let found else { preconditionFailure("\(rawValue) has no explanation in the list of its group") }
        return found
    }

    /// The code of that name, in any letter case; `nil` if there is none.
    public init?(named text: String) {
        self.init(rawValue: text.uppercased())
    }
}
