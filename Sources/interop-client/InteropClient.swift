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
        Flag("http2", "ENGINE", default: EngineChoice.standard.rawValue, help: "Who frames HTTP/2: native or nghttp2."),
        Flag("soak_iterations", "COUNT", default: "10", help: "Soak tests: how many calls."),
        Flag("soak_max_failures", "COUNT", default: "0", help: "How many of them may fail or be too slow."),
        Flag("soak_per_iteration_max_acceptable_latency_ms", "TIME", default: "1000", help: "What is too slow."),
        Flag("soak_overall_timeout_seconds", "TIME", default: "10", help: "What all of them may take."),
        Flag("soak_min_time_ms_between_rpcs", "TIME", default: "0", help: "How long to wait between two."),
        Flag("soak_request_size", "SIZE", default: "271828", help: "Bytes of a request's payload."),
        Flag("soak_response_size", "SIZE", default: "314159", help: "Bytes of a response's payload."),
        Flag("soak_num_threads", "COUNT", default: "1", help: "Tasks that share the calls."),
        Flag("pause_ms", "TIME", default: "1000", help: "How long long_lived_channel and goaway wait between calls."),
        Flag("rpc_timeout_ms", "TIME", default: "20000", help: "What a call may take that a test gives no time."),
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
        guard let engine = EngineChoice(rawValue: settings["http2"] ?? "") else {
            throw UsageFault(description: "--http2 is one of \(EngineChoice.allCases.map(\.rawValue))")
        }
        EngineChoice.standard = engine
        let target = Target(
            address: try SocketAddress.parse("\(host):\(port)"),
            name: settings["server_host_override"] ?? "\(host):\(port)", loop: try Loop.start(name: "interop"),
            security: try security(settings, host: host), soak: try soakPlan(settings),
            pause: try .milliseconds(number("pause_ms", settings)),
            patience: try .milliseconds(number("rpc_timeout_ms", settings)))
        try await test.run(against: target)
    }

    private static func soakPlan(_ settings: Settings) throws -> SoakPlan {
        SoakPlan(
            iterations: try number("soak_iterations", settings), maxFailures: try number("soak_max_failures", settings),
            maxLatency: try .milliseconds(number("soak_per_iteration_max_acceptable_latency_ms", settings)),
            overallTimeout: try .seconds(number("soak_overall_timeout_seconds", settings)),
            minimumGap: try .milliseconds(number("soak_min_time_ms_between_rpcs", settings)),
            requestSize: try number("soak_request_size", settings),
            responseSize: try number("soak_response_size", settings),
            tasks: max(try number("soak_num_threads", settings), 1))
    }

    private static func number(_ name: String, _ settings: Settings) throws -> Int {
        guard let value = settings[name].flatMap({ Int($0) }), 0...Int(Int32.max) ~= value else {
            throw UsageFault(description: "--\(name) takes a number from 0 to \(Int32.max)")
        }
        return value
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
