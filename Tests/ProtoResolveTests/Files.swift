import Descriptors
import Foundation
import ProtoResolve
import ProtoSyntax

/// Where tests find contracts, and how they compile them.
enum Files {
    static let tests = URL(filePath: #filePath).deletingLastPathComponent()
    static let top = tests.deletingLastPathComponent().deletingLastPathComponent()
    static let python = top.appending(path: ".venv/bin/python")
    static let isUpdating = ProcessInfo.processInfo.environment["UPDATE"] == "1"

    static var hasProtoc: Bool {
        FileManager.default.isExecutableFile(atPath: python.path) && sitePackages != nil
    }

    /// The folder of Python packages: googleapis-common-protos and grpcio-tools bring `.proto` files along.
    static let sitePackages: URL? = {
        let library = top.appending(path: ".venv/lib")
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
