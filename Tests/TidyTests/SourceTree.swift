import Foundation

/// The project's Swift files, as text: what the tidy rules read.
struct SourceTree {
    struct File {
        /// From the project's top: `Sources/RPC/Call.swift`.
        let path: String
        let lines: [Substring]
    }

    let files: [File]

    /// Every Swift file that people write: generated ones and build products stay out.
    static let project: SourceTree = {
        let top = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        var files: [File] = []
        for folder in ["Sources", "codegen", "sidecar", "Tests"] {
            let root = top.appendingPathComponent(folder)
            let names = FileManager.default.enumerator(atPath: root.path)?.compactMap { $0 as? String } ?? []
            for name in names.sorted() where name.hasSuffix(".swift") && !name.contains("Generated/") {
                guard !name.contains("Goldens/"),
                    let text = try? String(contentsOf: root.appendingPathComponent(name), encoding: .utf8)
                else { continue }
                files.append(
                    File(
                        path: "\(folder)/\(name)", lines: text.split(separator: "\n", omittingEmptySubsequences: false))
                )
            }
        }
        return SourceTree(files: files)
    }()

    func files(under folders: [String]) -> [File] {
        files.filter { file in folders.contains { file.path.hasPrefix($0 + "/") } }
    }
}

extension SourceTree.File {
    /// A function, initializer or accessor with a body, by the line it begins on and how many lines it has.
    struct Function {
        let name: String
        let line: Int
        let length: Int
    }

    /// Functions by their indentation: one ends at the first line that is a closing brace with its own indentation, which
    /// the formatter guarantees.
    var functions: [Function] {
        var found: [Function] = []
        for (index, line) in lines.enumerated() {
            let text = line.drop { $0 == " " }
            guard isFunctionHead(text) else { continue }
            let indentation = line.count - text.count
            let closing = String(repeating: " ", count: indentation) + "}"
            guard let end = lines[index...].firstIndex(where: { $0 == closing }) else { continue }
            // A requirement of a protocol has no body: its signature ends before any brace opens.
            let signature = lines[index..<end].prefix { !$0.isEmpty && !$0.drop { $0 == " " }.hasPrefix("///") }
            if signature.contains(where: { $0.hasSuffix("{") }) {
                found.append(Function(name: String(text.prefix(60)), line: index + 1, length: end - index + 1))
            }
        }
        return found
    }

    private func isFunctionHead(_ text: Substring) -> Bool {
        guard !text.hasPrefix("//") else { return false }
        let words = text.split { $0 == " " || $0 == "(" || $0 == "<" || $0 == "?" }
        guard let place = words.firstIndex(where: { $0 == "func" || $0 == "init" }) else { return false }
        let modifiers: Set<Substring> = [
            "public", "package", "internal", "private", "fileprivate", "static", "mutating", "override", "convenience",
            "required", "final", "borrowing", "consuming", "nonisolated", "@inlinable", "@usableFromInline",
        ]
        return words[..<place].allSatisfy { modifiers.contains($0) || $0.hasPrefix("@") }
    }
}
