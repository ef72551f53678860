import Foundation

/// Contracts on disk, under import paths.
package enum ContractFiles {
    /// The bytes behind an import; the first import path that has it counts.
    package static func read(_ name: String, under roots: [String]) -> [UInt8]? {
        for root in roots {
            if let data = FileManager.default.contents(atPath: place(of: name, in: root)) { return Array(data) }
        }
        return nil
    }

    /// The file that `read` reads; `nil` for a contract that is on no disk but built in.
    package static func location(of name: String, under roots: [String]) -> String? {
        roots.lazy.map { place(of: name, in: $0) }.first { FileManager.default.fileExists(atPath: $0) }
    }

    /// A file stands for itself, a folder for all contracts in it, sorted by name.
    package static func expand(_ input: String, under roots: [String]) -> [String] {
        // A built-in contract is on no disk; the compiler says if there is no such file.
        guard !input.hasSuffix(".proto") else { return [input] }
        let folder = input.hasSuffix("/") ? String(input.dropLast()) : input
        var names: Set<String> = []
        for root in roots {
            for name in below(folder == "." ? root : root + "/" + folder) where name.hasSuffix(".proto") {
                names.insert(folder == "." ? name : folder + "/" + name)
            }
        }
        return names.sorted()
    }

    /// The files below a folder, by their path from it. A folder that is a link is followed; links within are not, so that
    /// the walk ends.
    package static func below(_ folder: String) -> [String] {
        let place = URL(filePath: folder).resolvingSymlinksInPath().path
        return FileManager.default.enumerator(atPath: place)?.compactMap { $0 as? String } ?? []
    }

    /// `proto/learn/course.proto` under `proto` is `learn/course.proto` to an import.
    package static func importName(of path: String, under roots: [String]) -> String {
        for root in roots {
            let prefix = root.hasSuffix("/") ? root : root + "/"
            if path.hasPrefix(prefix) { return String(path.dropFirst(prefix.count)) }
        }
        return path.hasPrefix("./") ? String(path.dropFirst(2)) : path
    }

    private static func place(of name: String, in root: String) -> String {
        root == "." ? name : root.hasSuffix("/") ? root + name : root + "/" + name
    }
}

/// Why the system refused, without the phrase that nothing could be completed.
package func systemReason(_ error: any Error) -> String {
    let error = error as NSError
    return error.localizedFailureReason ?? error.localizedDescription
}
