import Descriptors
import Foundation
import ProtoResolve
import ProtoSyntax
import ProtoWire

/// What a contract says: its descriptor, and the comments of every statement, whatever the order of imports and options and
/// whatever the places.
struct Meaning: Equatable {
    /// The statements in the order of the tree, with what protoc's rules attach to them; imports and options sorted.
    private(set) var lines: [String] = []
    /// The descriptor without places; `nil` if an import is not to be had here.
    private(set) var descriptor: [UInt8]?

    /// Of a text that stands in the place of `file`.
    init(of text: String, as file: URL) {
        var report = Report()
        let tree = Parser.parse(report.add(Source(path: "a.proto", text: text)), &report)
        descriptor = Meaning.descriptor(of: text, as: file)
        add("syntax", tree.syntax?.comments ?? Comments())
        var movable: [String] = []
        for item in tree.items {
            switch item {
            case .importFile(let statement):
                movable.append("import \(statement.path) \(Meaning.text(statement.comments))")
            case .option(let option):
                movable.append(
                    "option \(option.nameText) \(option.value) \(Meaning.text(option.comments))".withoutSpans)
            case .package(let statement):
                movable.append("package \(statement.name) \(Meaning.text(statement.comments))")
            default: lines.append(Meaning.text(item))
            }
        }
        lines += movable.sorted()
    }

    func difference(to other: Meaning) -> String {
        if descriptor != other.descriptor { return "other descriptors" }
        let pairs = zip(lines, other.lines).first { $0 != $1 }
        return pairs.map { "\n\($0)\n\($1)" } ?? "\(lines.count) and \(other.lines.count) statements"
    }

    private static let roots = ["", "protoc/include", "grpc_tools/_proto"].compactMap { folder in
        Files.sitePackages.map { $0.path + (folder.isEmpty ? "" : "/" + folder) }
    }

    private static func descriptor(of text: String, as file: URL) -> [UInt8]? {
        let folders = [Files.top.appending(path: "proto").path] + roots.sorted { $0.count > $1.count }
        let root = folders.first { file.path.hasPrefix($0 + "/") } ?? file.deletingLastPathComponent().path
        let name = String(file.path.dropFirst(root.count + 1))
        var options = Compiler.Options()
        options.includesSourceInfo = false
        let compiler = Compiler(options: options) { path in
            if path == name { return Array(text.utf8) }
            let places = [root] + folders
            return places.lazy.compactMap { FileManager.default.contents(atPath: $0 + "/" + path) }.first.map(
                Array.init)
        }
        guard var made = compiler.compile([name]).files.last else { return nil }
        // Imports are sorted, and their numbers with them.
        made.publicDependency = []
        made.weakDependency = []
        made.dependency.sort()
        return made.encoded()
    }

    private mutating func add(_ name: String, _ comments: Comments) {
        lines.append("\(name) \(Meaning.text(comments))")
    }

    /// All that is in the item but for places: the tree printed by the language, spans cut out, comments trimmed.
    private static func text(_ item: FileItem) -> String {
        "\(item)".withoutSpans
    }

    private static func text(_ comments: Comments) -> String {
        "\(comments)".withoutSpans
    }
}

extension String {
    /// Without `Span(…)`, and without the blanks at the ends of lines of comments.
    fileprivate var withoutSpans: String {
        let spans = /ProtoSyntax\.Span\(source: ProtoSyntax\.SourceID\(index: \d+\), start: \d+, end: \d+\)/
        let blanks = /( |\\r|\\t)*\\n/
        // A colon in front of a message in text format is as good as none.
        let colons = /hasColon:\ (true|false),\ /
        return replacing(spans, with: "").replacing(colons, with: "").replacing(blanks, with: "\\n")
    }
}
