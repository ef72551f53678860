import Descriptors
import ProtoSyntax

/// A file that is read and parsed, and whose imports come before it.
struct LoadedFile {
    let tree: FileSyntax
    /// Read from the built-in texts and not from the caller.
    let isBuiltIn: Bool
    /// The imports that cannot be followed: absent, or part of a cycle. Reported already.
    let brokenImports: Set<String>
}

/// Reads files and what they import, depth first: an import stands before who imports it.
struct Loader {
    /// Options are interpreted by the messages of this file, so it is always loaded, and first.
    static let descriptorPath = "google/protobuf/descriptor.proto"

    /// Imports are followed by recursion: a longer chain is no layering but an attack on the stack.
    private static let longestChain = 256

    private let read: (String) -> [UInt8]?
    private(set) var loaded: [LoadedFile] = []
    private var done: Set<String> = []
    private var failed: Set<String> = []
    /// The chain of imports that is being followed.
    private var open: [(path: String, span: Span?)] = []

    init(read: @escaping (String) -> [UInt8]?) {
        self.read = read
    }

    /// Loads the file and its imports. False if it cannot be had; why is in the report.
    @discardableResult
    mutating func load(_ path: String, from statement: ImportStatement?, _ report: inout Report) -> Bool {
        if done.contains(path) { return true }
        let place = statement?.pathSpan
        if let fault = Loader.fault(in: path) {
            report.error(
                .badPath, "`\(path)` is not a good import path: \(fault)", at: place,
                help: "write the path from an import root on, with `/` between its parts")
            return false
        }
        if let start = open.firstIndex(where: { $0.path == path }) {
            reportCycle(from: start, closedAt: place, path, &report)
            return false
        }
        guard let (bytes, isBuiltIn) = bytes(of: path) else {
            if failed.insert(path).inserted || place != nil {
                report.error(
                    .fileNotFound, "cannot find the file `\(path)`", at: place,
                    label: place == nil ? nil : "not under any import path", help: suggestion(for: path))
            }
            return false
        }
        guard done.count + open.count < Compiler.mostFiles else {
            if failed.insert("").inserted {
                report.error(.tooManyFiles, "there are more than \(Compiler.mostFiles) files", at: place)
            }
            return false
        }
        guard open.count < Loader.longestChain else {
            report.error(.tooManyFiles, "the chain of imports is longer than \(Loader.longestChain) files", at: place)
            return false
        }
        let tree = Parser.parse(report.add(Source(path: path, bytes: bytes)), &report)
        open.append((path, place))
        var broken: Set<String> = []
        for statement in tree.imports where !load(statement.path, from: statement, &report) {
            broken.insert(statement.path)
        }
        open.removeLast()
        done.insert(path)
        loaded.append(LoadedFile(tree: tree, isBuiltIn: isBuiltIn, brokenImports: broken))
        return true
    }

    /// Takes a file as loaded that is compiled already.
    mutating func adopt(_ file: LoadedFile) {
        done.insert(file.tree.path)
        loaded.append(file)
    }

    private func bytes(of path: String) -> ([UInt8], isBuiltIn: Bool)? {
        if let bytes = read(path) { return (bytes, false) }
        return WellKnownFiles.text(of: path).map { (Array($0.utf8), true) }
    }

    /// What protoc's `DiskSourceTree` refuses too: such a path names a file in a second way.
    private static func fault(in path: String) -> String? {
        if path.isEmpty { return "it is empty" }
        if path.hasPrefix("/") { return "it is absolute" }
        if path.contains("\\") { return "it has a backslash" }
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        if parts.contains("") { return "it has an empty part" }
        if parts.contains(".") || parts.contains("..") { return "it has a `.` or `..` in it" }
        return nil
    }

    private func suggestion(for path: String) -> String? {
        let known = WellKnownFiles.paths + Array(done)
        return nearest(to: path, among: known).map { "did you mean `\($0)`?" }
    }

    private func reportCycle(from start: Int, closedAt place: Span?, _ path: String, _ report: inout Report) {
        let chain = open[start...].map(\.path) + [path]
        let notes = open[(start + 1)...].compactMap { step in
            step.span.map { Diagnostic.Note("`\(step.path)` is imported here", at: $0) }
        }
        report.error(
            .importCycle, "files import each other in a circle: \(chain.joined(separator: " -> "))", at: place,
            label: "this closes the circle", notes: notes,
            help: "move what both need into a file of its own")
    }
}
