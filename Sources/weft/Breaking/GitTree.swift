import Foundation

/// The files of a git repository at a revision, read by `git` itself: nothing is checked out.
struct GitTree {
    let repository: String
    let revision: String

    /// The contracts in the first of the folders that has any, by their path from there.
    ///
    /// Each folder is one that imports are relative to; if several are named, all that have contracts count.
    func contracts(under roots: [String]) throws -> [String: [UInt8]] {
        var contents: [String: [UInt8]] = [:]
        let paths = try paths().filter { $0.hasSuffix(".proto") }
        for root in roots {
            let prefix = root == "." ? "" : (root.hasSuffix("/") ? root : root + "/")
            let own = paths.filter {
                $0.hasPrefix(prefix) && !contents.keys.contains(String($0.dropFirst(prefix.count)))
            }
            // `.` is the last resort: with another root, what it has lies under that.
            if root == ".", !contents.isEmpty { continue }
            for (path, bytes) in zip(own, try bytes(of: own)) {
                contents[String(path.dropFirst(prefix.count))] = bytes
            }
        }
        return contents
    }

    private func paths() throws -> [String] {
        let list = try git(["ls-tree", "-r", "-z", "--full-tree", "--name-only", revision])
        return list.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
    }

    /// The bytes of files, all by one process: `cat-file --batch` answers a head and the content for each line.
    private func bytes(of paths: [String]) throws -> [[UInt8]] {
        guard !paths.isEmpty else { return [] }
        let questions = paths.map { "\(revision):\($0)\n" }.joined()
        var rest = try git(["cat-file", "--batch"], input: Array(questions.utf8))[...]
        var files: [[UInt8]] = []
        for path in paths {
            guard let end = rest.firstIndex(of: UInt8(ascii: "\n")) else {
                throw Fault.failed("git does not answer \(path)")
            }
            // `<name> blob <size>`
            let words = String(decoding: rest[..<end], as: UTF8.self).split(separator: " ")
            guard words.count == 3, words[1] == "blob", let size = Int(words[2]), rest.endIndex - end > size else {
                throw Fault.failed("git cannot show \(path) at \(revision)")
            }
            files.append(Array(rest[(end + 1)...].prefix(size)))
            rest = rest[(end + 1)...].dropFirst(size + 1)
        }
        return files
    }

    private func git(_ arguments: [String], input: [UInt8] = []) throws -> [UInt8] {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["git", "--git-dir=\(repository)"] + arguments
        // A file and not a pipe: git may answer more than a pipe holds before it has read all questions.
        let questions = FileManager.default.temporaryDirectory.appending(path: "weft-git-\(UUID().uuidString)")
        try Data(input).write(to: questions)
        defer { try? FileManager.default.removeItem(at: questions) }
        let (output, errors) = (Pipe(), Pipe())
        process.standardInput = try FileHandle(forReadingFrom: questions)
        process.standardOutput = output
        process.standardError = errors
        try process.run()
        let answer = output.fileHandleForReading.readDataToEndOfFile()
        let complaint = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            let reason = complaint.split(separator: "\n").first.map(String.init) ?? "git failed"
            throw Fault.failed("cannot read \(revision) of \(repository): \(reason)")
        }
        return Array(answer)
    }
}
