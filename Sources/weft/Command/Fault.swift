import ArgumentParser
import Foundation

/// How the command line ends when it does not end well: a message on standard error and an exit code.
///
/// 2 means that what was asked is wrong, 1 that it could not be done; a failed call ends with 64 + its status code, as grpcurl's.
enum Fault {
    static func usage(_ message: String) -> any Error { end(message, 2) }
    static func failed(_ message: String) -> any Error { end(message, 1) }
    static func call(_ message: String, code: Int) -> any Error { end(message, Int32(64 + code)) }

    private static func end(_ message: String, _ code: Int32) -> any Error {
        FileHandle.standardError.write(Data("weft: \(message)\n".utf8))
        return ExitCode(code)
    }
}
