import Foundation

/// The scripts of the peers, and the Python that has them.
enum Peers {
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Peers")

    static func python() throws -> String {
        let root = folder.deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let path = ProcessInfo.processInfo.environment["WEFT_PYTHON"] ?? root.appending(path: ".venv/bin/python").path
        guard FileManager.default.isExecutableFile(atPath: path) else {
            throw PeerFault(description: "\(path) is not there: run make setup, or set WEFT_PYTHON")
        }
        return path
    }

    /// Runs a script until it ends, and never longer than a test may take; answers all that it said.
    static func run(_ script: String, _ arguments: [String]) async throws -> String {
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(filePath: "/usr/bin/timeout")
        process.arguments = ["120", try python(), folder.appending(path: script).path] + arguments
        process.standardOutput = output
        process.standardError = output
        try withSignals { try process.run() }
        return await withCheckedContinuation { continuation in
            Foundation.Thread.detachNewThread {
                let bytes = output.fileHandleForReading.readDataToEndOfFile()
                continuation.resume(returning: String(decoding: bytes, as: UTF8.self))
            }
        }
    }

    /// A child inherits its thread's signal mask, and the threads of tests block every signal: the limit of time would not
    /// reach it.
    private static func withSignals(_ body: () throws -> Void) rethrows {
        var none = sigset_t()
        var old = sigset_t()
        sigemptyset(&none)
        pthread_sigmask(SIG_SETMASK, &none, &old)
        defer { pthread_sigmask(SIG_SETMASK, &old, nil) }
        try body()
    }
}

struct PeerFault: Error, CustomStringConvertible {
    let description: String
}
