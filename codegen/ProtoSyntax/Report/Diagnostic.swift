/// One fault in a contract: what is wrong, where, what else has to do with it, and what to do.
public struct Diagnostic: Sendable, Hashable {
    public enum Severity: Sendable, Hashable {
        case error
        case warning
    }

    /// Another place that has to do with the fault, or a sentence that explains it.
    public struct Note: Sendable, Hashable {
        public let text: String
        public let span: Span?

        public init(_ text: String, at span: Span? = nil) {
            self.text = text
            self.span = span
        }
    }

    /// A change of the text that mends the fault, which a tool may make without asking: what it leads to means what the
    /// author meant, as far as can be told.
    public struct FixIt: Sendable, Hashable {
        /// What it does, in the imperative: "write `User`".
        public let title: String
        /// None of them touch each other.
        public let edits: [Edit]

        public init(_ title: String, _ edits: [Edit]) {
            self.title = title
            self.edits = edits
        }

        /// One stretch of text in place of another.
        public init(_ title: String, replacing span: Span, with text: String) {
            self.init(title, [Edit(span: span, replacement: text)])
        }
    }

    /// Puts `replacement` in the place of what stands at `span`; an empty span inserts, an empty replacement removes.
    public struct Edit: Sendable, Hashable {
        public let span: Span
        public let replacement: String

        public init(span: Span, replacement: String) {
            self.span = span
            self.replacement = replacement
        }
    }

    public let severity: Severity
    public let code: DiagnosticCode
    /// Lower case, names the thing in backticks, no full stop.
    public let message: String
    /// `nil` for a fault of the run and not of a file: a file on the command line that cannot be read.
    public let span: Span?
    /// A few words that stand beside the caret.
    public let label: String?
    public let notes: [Note]
    /// What to do about it.
    public let help: String?
    public let fixes: [FixIt]

    public init(
        _ severity: Severity, _ code: DiagnosticCode, _ message: String, at span: Span?, label: String? = nil,
        notes: [Note] = [], help: String? = nil, fixes: [FixIt] = []
    ) {
        self.severity = severity
        self.code = code
        self.message = message
        self.span = span
        self.label = label
        self.notes = notes
        self.help = help
        self.fixes = fixes
    }
}
