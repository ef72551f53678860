import Foundation
import Testing

/// The program `soak` on real sockets, in a process of its own, since it counts all that its process holds. `.ci/soak`
/// runs it for a million calls and four gibibytes.
@Suite("On real sockets", .serialized)
struct SoakTests {
    private func soak(_ arguments: String...) throws -> (code: Int32, text: String) {
        let process = Process()
        // Tests and programs are built into one folder.
        process.executableURL = Bundle.main.bundleURL.appendingPathComponent("soak")
        process.arguments = arguments
        let output = Pipe()
        process.standardOutput = output
        process.standardError = output
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return (process.terminationStatus, text)
    }

    @Test("a slow reader holds a fast writer within 16 MiB, in both directions")
    func pressure() throws {
        let size = ProcessInfo.processInfo.environment["SOAK_MEBIBYTES"] ?? "256"
        let (code, text) = try soak("pressure", size)
        #expect(code == 0, "\(text)")
    }

    @Test("calls that are cancelled, late, reset and cut off end once each, and leave nothing behind")
    func calls() throws {
        let count = ProcessInfo.processInfo.environment["SOAK_CALLS"] ?? "20000"
        let (code, text) = try soak("calls", count)
        #expect(code == 0, "\(text)")
    }
}
