/// What a run found wrong, and the sources that it read: passes write into it, nothing is thrown.
public struct Report: Sendable {
    /// After so many faults nobody reads on, and a binary file taken for a contract would yield thousands.
    public static let defaultLimit = 100

    public private(set) var sources: [Source] = []
    public private(set) var diagnostics: [Diagnostic] = []
    /// Faults beyond the limit: counted, not kept.
    public private(set) var omitted = 0
    public private(set) var errorCount = 0
    private let limit: Int
    private var seen: Set<Diagnostic> = []

    public init(limit: Int = Report.defaultLimit) {
        self.limit = limit
    }

    public var hasErrors: Bool { errorCount > 0 }
    /// Whether further faults are only counted; then looking for suggestions is lost work.
    public var isFull: Bool { diagnostics.count >= limit }
    public var isEmpty: Bool { diagnostics.isEmpty }

    public mutating func add(_ source: Source) -> SourceID {
        sources.append(source)
        return SourceID(index: Int32(sources.count - 1))
    }

    public func source(_ id: SourceID) -> Source {
        sources[Int(id.index)]
    }

    /// The text that stands at `span`.
    public func text(at span: Span) -> String {
        source(span.source).text(span.start, span.end)
    }

    /// Where the span lies, as tools and people name places.
    public func place(of span: Span) -> Place {
        let source = source(span.source)
        return Place(
            path: source.path, start: source.editorPosition(at: span.start), end: source.editorPosition(at: span.end),
            offsets: span.start..<span.end)
    }

    public mutating func record(_ diagnostic: Diagnostic) {
        guard seen.insert(diagnostic).inserted else { return }
        if diagnostic.severity == .error { errorCount += 1 }
        if diagnostics.count < limit {
            diagnostics.append(diagnostic)
        } else {
            omitted += 1
        }
    }

    public mutating func error(
        _ code: DiagnosticCode, _ message: String, at span: Span?, label: String? = nil,
        notes: [Diagnostic.Note] = [], help: String? = nil, fixes: [Diagnostic.FixIt] = []
    ) {
        record(
            Diagnostic(.error, code, message, at: span, label: label, notes: notes, help: help, fixes: fixes))
    }

    public mutating func warning(
        _ code: DiagnosticCode, _ message: String, at span: Span?, label: String? = nil,
        notes: [Diagnostic.Note] = [], help: String? = nil, fixes: [Diagnostic.FixIt] = []
    ) {
        record(
            Diagnostic(.warning, code, message, at: span, label: label, notes: notes, help: help, fixes: fixes))
    }

    /// The diagnostics in the order in which a reader meets their places: by file as read, then by offset.
    public var ordered: [Diagnostic] {
        diagnostics.enumerated().sorted { left, right in
            let (one, other) = (Report.place(left.element), Report.place(right.element))
            return one == other ? left.offset < right.offset : one < other
        }.map(\.element)
    }

    private static func place(_ diagnostic: Diagnostic) -> (Int32, Int) {
        guard let span = diagnostic.span else { return (-1, 0) }
        return (span.source.index, span.start)
    }
}
