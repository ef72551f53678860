/// Something that a rule found in a contract.
package struct Finding: Hashable, Sendable {
    /// What has to do with a finding and has its own line: where the old element was, which payload shows the break.
    package struct Note: Hashable, Sendable {
        package let label: String
        package let text: String

        package init(_ label: String, _ text: String) {
            self.label = label
            self.text = text
        }
    }

    package let rule: String
    /// As imports name it; nil if no file of the contract has to do with it, because the file itself is gone.
    package var file: String?
    /// Nil stands for the file as a whole.
    package let region: Region?
    /// Lower case, names the thing in backticks, no full stop.
    package let message: String
    package var why: String
    package let help: String?
    package var notes: [Note]

    package init(
        rule: String, file: String?, region: Region?, message: String, why: String, help: String?, notes: [Note] = []
    ) {
        self.rule = rule
        self.file = file
        self.region = region
        self.message = message
        self.why = why
        self.help = help
        self.notes = notes
    }

    /// In the order in which a reader meets them; what was found twice counts once.
    package static func ordered(_ findings: [Finding]) -> [Finding] {
        var seen: Set<Finding> = []
        return findings.filter { seen.insert($0).inserted }.sorted { left, right in
            left.sortKey.lexicographicallyPrecedes(right.sortKey)
        }
    }

    private var sortKey: [String] {
        func digits(_ number: Int) -> String {
            let text = String(max(number, 0))
            return String(repeating: "0", count: max(0, 10 - text.count)) + text
        }
        let region = region ?? .fileStart
        return [file ?? "", digits(region.startLine), digits(region.startColumn), rule, message]
    }
}
