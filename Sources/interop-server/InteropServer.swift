import Glibc
import InteropAPI
import ProtoWire
import RPC
import Reactor
import Reflection
import ServiceKit
import Transport

/// Serves `grpc.testing.TestService`, health and reflection, with the options of gRPC's own interop servers.
@main
struct InteropServer {
    private static let flags = [
        Flag("port", "PORT", default: "0", help: "The port to listen on; 0 takes a free one."),
        Flag("use_tls", nil, help: "Speak TLS."),
        Flag("tls_cert_file", "FILE", help: "The certificate chain, in PEM."),
        Flag("tls_key_file", "FILE", help: "The key of the certificate, in PEM."),
        Flag("http2", "ENGINE", default: EngineChoice.standard.rawValue, help: "Who frames HTTP/2: native or nghttp2."),
        Flag("handshake_timeout_ms", "TIME", default: "10000", help: "What a peer may take to begin."),
        Flag("idle_timeout_ms", "TIME", default: "300000", help: "How long a connection may have no call."),
        Flag("write_timeout_ms", "TIME", default: "60000", help: "How long a peer may read nothing."),
    ]

    static func main() {
        do {
            let settings = try settings()
            try serve(settings)
        } catch let fault as UsageFault {
            print(fault)
            print(Settings.help("interop-server", "Serves gRPC's interop tests.", flags))
            exit(64)
        } catch {
            print("interop-server: \(error)")
            exit(1)
        }
    }

    private static func settings() throws -> Settings {
        do {
            return try Settings(flags, arguments: Array(CommandLine.arguments.dropFirst()), environment: [:])
        } catch {
            throw UsageFault(description: error.lines.joined(separator: "\n"))
        }
    }

    private static func serve(_ settings: Settings) throws {
        let loop = try Loop(name: "interop")
        let router = Router(timers: loop)
        router.add(InteropService(loop: loop, id: "weft-\(getpid())"))
        router.add(HealthService(services: [GrpcTesting.testServiceDescriptor.fullName]))
        for service in ReflectionServices(for: router.services).services { router.add(service) }
        let listener = try Listener.listen(
            on: SocketAddress.parse(":\(settings["port"] ?? "0")"), loop: loop, security: try security(settings),
            limits: try limits(settings), acceptor: router)
        print("listening on \(listener.localAddress)")
        fflush(nil)
        loop.run()
    }

    private static func limits(_ settings: Settings) throws -> ConnectionLimits {
        guard let engine = EngineChoice(rawValue: settings["http2"] ?? "") else {
            throw UsageFault(description: "--http2 is one of \(EngineChoice.allCases.map(\.rawValue))")
        }
        func time(_ name: String) throws -> Duration {
            guard let value = settings[name].flatMap({ Int32($0) }), value > 0 else {
                throw UsageFault(description: "--\(name) takes milliseconds, from 1")
            }
            return .milliseconds(value)
        }
        var limits = ConnectionLimits()
        limits.engine = engine
        limits.handshakeTimeout = try time("handshake_timeout_ms")
        limits.idleTimeout = try time("idle_timeout_ms")
        limits.writeTimeout = try time("write_timeout_ms")
        limits.streamWriteTimeout = limits.writeTimeout
        return limits
    }

    private static func security(_ settings: Settings) throws -> ServerSecurity {
        guard settings.isOn("use_tls") else { return .plaintext }
        guard let chain = settings["tls_cert_file"], let key = settings["tls_key_file"] else {
            throw UsageFault(description: "--use_tls needs --tls_cert_file and --tls_key_file")
        }
        let identity = try Identity(
            chain: Certificate.all(inPEM: Files.readText(chain)), key: PrivateKey(pem: Files.readText(key)), roots: [])
        return .tls(TLSServerContext(identity: IdentityBox(identity), clients: .none, expect: .none))
    }
}

/// The program was called in a way that it does not understand.
private struct UsageFault: Error, CustomStringConvertible {
    let description: String
}
