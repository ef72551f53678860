import Foundation

/// Where the programs of these tests are.
enum Programs {
    /// The folder of the package.
    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()
    static let peers = root.appending(path: "Tests/InteropTests/Peers")

    /// Our own programs lie beside the bundle of the tests.
    static func own(_ name: String) throws -> String {
        let folder = URL(filePath: try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
            .deletingLastPathComponent()
        return try there(folder.appending(path: name).path, "build the package first")
    }

    /// grpcio's Python.
    static func python() throws -> String {
        let path = ProcessInfo.processInfo.environment["WEFT_PYTHON"] ?? root.appending(path: ".venv/bin/python").path
        return try there(path, "make .venv with grpcio, or set WEFT_PYTHON to a Python that has it")
    }

    /// grpcurl comes with Python's environment.
    static func grpcurl() throws -> String {
        let beside = URL(filePath: try python()).deletingLastPathComponent().appending(path: "grpcurl").path
        return try there(beside, "install grpcurl beside Python")
    }

    private static func there(_ path: String, _ remedy: String) throws -> String {
        guard FileManager.default.isExecutableFile(atPath: path) else {
            throw ProgramFault(description: "\(path) is not there: \(remedy)")
        }
        return path
    }
}

struct ProgramFault: Error, CustomStringConvertible {
    let description: String
}

/// A program that runs until it ends or nobody needs it any more, and never longer than a test may take.
final class Program: Sendable {
    private static let limit = "120"
    private let process: Process
    private let output: Pipe

    init(_ path: String, _ arguments: [String]) throws {
        process = Process()
        output = Pipe()
        process.executableURL = URL(filePath: "/usr/bin/timeout")
        process.arguments = [Program.limit, path] + arguments
        process.standardOutput = output
        process.standardError = output
        try Program.withSignals { try process.run() }
    }

    /// A child inherits its thread's signal mask, and the threads of tests block every signal: neither `terminate` nor the
    /// limit of time would reach it.
    private static func withSignals(_ body: () throws -> Void) rethrows {
        var none = sigset_t()
        var old = sigset_t()
        sigemptyset(&none)
        pthread_sigmask(SIG_SETMASK, &none, &old)
        defer { pthread_sigmask(SIG_SETMASK, &old, nil) }
        try body()
    }

    deinit {
        process.terminate()
    }

    /// Its process: the one child of `timeout`.
    var id: String {
        get throws {
            let parent = process.processIdentifier
            let children = try String(contentsOfFile: "/proc/\(parent)/task/\(parent)/children", encoding: .utf8)
            guard let child = children.split(separator: " ").first else {
                throw ProgramFault(description: "the program has ended")
            }
            return String(child)
        }
    }

    /// All that it says, and its exit code, when it has ended.
    func finish() async -> (text: String, code: Int32) {
        await withCheckedContinuation { continuation in
            Thread.detachNewThread { [process, output] in
                let bytes = output.fileHandleForReading.readDataToEndOfFile()
                process.waitUntilExit()
                continuation.resume(returning: (String(decoding: bytes, as: UTF8.self), process.terminationStatus))
            }
        }
    }

    /// The first line that it says.
    func firstLine() async throws -> String {
        let line = await withCheckedContinuation { continuation in
            Thread.detachNewThread { [output] in
                var line = Data()
                while let byte = try? output.fileHandleForReading.read(upToCount: 1), byte != Data([10]), !byte.isEmpty
                {
                    line += byte
                }
                continuation.resume(returning: String(decoding: line, as: UTF8.self))
            }
        }
        guard !line.isEmpty else { throw ProgramFault(description: "the program said nothing") }
        return line
    }

    /// The port that a server says it took.
    func port() async throws -> String {
        let line = try await firstLine()
        guard line.hasPrefix("listening on "), let port = line.split(separator: ":").last else {
            throw ProgramFault(description: "the server does not listen: \(line)")
        }
        return String(port)
    }
}

/// An authority and a server's certificate, in a folder that goes with it.
final class Certificates: Sendable {
    let folder: URL

    init() async throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "weft-interop-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let script = Programs.peers.appending(path: "certificates.py").path
        let (text, code) = await (try Program(Programs.python(), [script, folder.path])).finish()
        guard code == 0 else { throw ProgramFault(description: "no certificates: \(text)") }
    }

    deinit {
        try? FileManager.default.removeItem(at: folder)
    }

    var roots: String { folder.appending(path: "ca.pem").path }
    var chain: String { folder.appending(path: "server.pem").path }
    var key: String { folder.appending(path: "server.key").path }
}
