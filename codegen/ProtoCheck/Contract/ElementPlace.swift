import Descriptors

/// Which element of which file: the path is that of `SourceCodeInfo.Location`.
package struct ElementPlace: Hashable, Sendable {
    package let file: String
    package let path: [Int32]

    package init(file: String, path: [Int32] = []) {
        self.file = file
        self.path = path
    }

    /// The place of a part of this element: its name, its options.
    package func part(_ numbers: Int32...) -> ElementPlace {
        ElementPlace(file: file, path: path + numbers)
    }
}

/// Where an element stands in its file: lines and columns from 0, as `SourceCodeInfo` counts them.
package struct Region: Hashable, Sendable {
    package let startLine: Int
    package let startColumn: Int
    package let endLine: Int
    package let endColumn: Int

    package init(startLine: Int, startColumn: Int, endLine: Int, endColumn: Int) {
        self.startLine = startLine
        self.startColumn = startColumn
        self.endLine = endLine
        self.endColumn = endColumn
    }

    /// From the three or four numbers of a `span` (descriptor.proto, `SourceCodeInfo.Location`).
    init?(span: [Int32]) {
        guard span.count == 3 || span.count == 4 else { return nil }
        let numbers = span.map(Int.init)
        self.init(
            startLine: numbers[0], startColumn: numbers[1], endLine: span.count == 3 ? numbers[0] : numbers[2],
            endColumn: numbers[span.count - 1])
    }

    /// The first character of a file: where something is said about the file as a whole.
    package static let fileStart = Region(startLine: 0, startColumn: 0, endLine: 0, endColumn: 0)
}

/// The `SourceCodeInfo` of a file, by path.
package struct Places: Sendable {
    private let locations: [[Int32]: SourceCodeInfo.Location]

    init(_ info: SourceCodeInfo?) {
        // An element that is said in several pieces (`extend`, options) has several locations; the first one counts.
        locations = Dictionary((info?.location ?? []).map { ($0.path, $0) }) { first, _ in first }
    }

    package func region(_ path: [Int32]) -> Region? {
        locations[path].flatMap { Region(span: $0.span) }
    }

    package func leadingComments(_ path: [Int32]) -> String? {
        locations[path]?.leadingComments
    }
}
