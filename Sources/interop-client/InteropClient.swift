import Glibc
import InteropAPI
import RPC
import Reactor
import ServiceKit
import Transport

/// Runs one of gRPC's interop tests against a server: exit code 0 if it passes, 1 if not.
@main
struct InteropClient {
    private static let flags = [
        Flag("server_host", "HOST", default: "127.0.0.1", help: "The server's host."),
        Flag("server_port", "PORT", help: "The server's port."),
        Flag("server_host_override", "NAME", help: "The name that the server's certificate must be for."),
        Flag("test_case", "NAME", default: "empty_unary", help: "One of \(TestCase.names)."),
        Flag("use_tls", nil, help: "Speak TLS."),
        Flag("ca_file", "FILE", help: "The roots that vouch for the server, in PEM."),
    ]

    static func main() async {
        do {
            let settings = try settings()
            guard let test = TestCase(rawValue: settings["test_case"] ?? "") else {
                throw UsageFault(description: "unknown test case '\(settings["test_case"] ?? "")'")
            }
            try await run(test, settings)
            print("\(test.rawValue) passed")
            end(0)
        } catch let fault as UsageFault {
            print(fault)
            print(Settings.help("interop-client", "Runs one of gRPC's interop tests.", flags))
            end(64)
        } catch {
            print("\(CommandLine.arguments.dropFirst().joined(separator: " ")) failed: \(error)")
            end(1)
        }
    }

    /// Leaves without exit handlers: the loop's thread may be within OpenSSL, which `exit` would clean up under it.
    private static func end(_ code: Int32) -> Never {
        fflush(nil)
        _exit(code)
    }

    private static func settings() throws -> Settings {
        do {
            return try Settings(flags, arguments: Array(CommandLine.arguments.dropFirst()), environment: [:])
        } catch {
            throw UsageFault(description: error.lines.joined(separator: "\n"))
        }
    }

    private static func run(_ test: TestCase, _ settings: Settings) async throws {
        guard let host = settings["server_host"], let port = settings["server_port"] else {
            throw UsageFault(description: "--server_port is missing")
        }
        let loop = try Loop.start(name: "interop")
        let pool = ConnectionPool(
            to: try SocketAddress.parse("\(host):\(port)"), loop: loop, security: try security(settings, host: host))
        let channel = Channel(pool, destination: settings["server_host_override"] ?? "\(host):\(port)", timers: loop)
        try await test.run(on: channel)
    }

    private static func security(_ settings: Settings, host: String) throws -> ClientSecurity {
        guard settings.isOn("use_tls") else { return .plaintext }
        guard let roots = settings["ca_file"] else {
            throw UsageFault(description: "--use_tls needs --ca_file")
        }
        let identity = Identity(roots: try Certificate.all(inPEM: Files.readText(roots)))
        return .tls(
            TLSClientContext(
                identity: IdentityBox(identity), serverRule: .dnsName(settings["server_host_override"] ?? host)))
    }
}

/// The program was called in a way that it does not understand.
private struct UsageFault: Error, CustomStringConvertible {
    let description: String
}
