import Foundation
import Testing

/// Both ways with grpcio, which shares no code with Weft, in plaintext and over TLS.
@Suite("With grpcio and grpcurl", .serialized)
struct InteropTests {
    enum Security: String, CaseIterable {
        case plaintext, tls
    }

    /// What our client runs against grpcio's server; grpcio's client runs these and more against ours.
    static let cases = [
        "empty_unary", "large_unary", "client_streaming", "server_streaming", "ping_pong", "empty_stream",
        "timeout_on_sleeping_server", "cancel_after_begin", "cancel_after_first_response", "status_code_and_message",
        "special_status_message", "custom_metadata", "unimplemented_method", "unimplemented_service", "cacheable_unary",
        "concurrent_large_unary", "rpc_soak", "channel_soak", "long_lived_channel", "pick_first_unary",
        "client_compressed_unary", "server_compressed_unary", "client_compressed_streaming",
        "server_compressed_streaming",
    ]
    /// More of gRPC's rules, which only a foreign client can try on our server.
    static let serverCases = [
        "half_duplex", "timeout_in_service", "too_large_request", "undecodable_request", "two_requests_for_one",
    ]

    @Test("grpcio's client passes every case with our server", arguments: HostileTests.Way.all)
    func ourServer(way: HostileTests.Way) async throws {
        let server = try await InteropServer(way)
        let roots = server.certificates.map { [$0.roots] } ?? []
        let said = try await runPeer("interop_client.py", [server.port] + roots)
        let passed = Set((InteropTests.cases + InteropTests.serverCases).map { "\($0) passed" })
        #expect(Set(said.split(separator: "\n").map(String.init)) == passed, "\(said)")
        withExtendedLifetime(server) {}
    }

    @Test("our client passes every case with grpcio's server", arguments: HostileTests.Way.all)
    func ourClient(way: HostileTests.Way) async throws {
        let certificates = try await certificates(for: way.security)
        let script = Programs.peers.appending(path: "interop_server.py").path
        let server = try Program(
            Programs.python(), [script] + (certificates.map { [$0.chain, $0.key] } ?? []))
        let port = try await server.port()
        let trust =
            certificates.map {
                ["--use_tls", "--ca_file", $0.roots, "--server_host_override", "interop.test"]
            } ?? []
        for name in InteropTests.cases {
            let client = try Program(
                Programs.own("interop-client"),
                ["--server_port", port, "--test_case", name, "--pause_ms", "100", "--http2", way.engine] + trust)
            let (said, code) = await client.finish()
            #expect(code == 0 && said.hasSuffix("\(name) passed\n"), "\(said)")
        }
        withExtendedLifetime(server) {}
    }

    @Test("our client does not believe a server that nobody vouches for, and says why")
    func wrongName() async throws {
        let certificates = try await Certificates()
        let (server, port) = try await startOurServer(certificates)
        let client = try Program(
            Programs.own("interop-client"),
            [
                "--server_port", port, "--use_tls", "--ca_file", certificates.roots, "--server_host_override",
                "other.test",
            ])
        let (said, code) = await client.finish()
        #expect(code == 1)
        #expect(said.contains("other.test") && said.contains("TLS.tls_identity_mismatch"), "\(said)")
        withExtendedLifetime(server) {}
    }

    @Test("grpcio's health and reflection clients understand our server", arguments: Security.allCases)
    func tools(security: Security) async throws {
        let certificates = try await certificates(for: security)
        let (server, port) = try await startOurServer(certificates)
        let said = try await runPeer("tools_client.py", [port] + (certificates.map { [$0.roots] } ?? []))
        let expected = """
            health '' SERVING
            health 'grpc.testing.TestService' SERVING
            health 'none' NOT_FOUND
            watch 'none' SERVICE_UNKNOWN
            services grpc.health.v1.Health grpc.reflection.v1.ServerReflection \
            grpc.reflection.v1alpha.ServerReflection grpc.testing.TestService
            methods EmptyCall UnaryCall CacheableUnaryCall StreamingOutputCall StreamingInputCall FullDuplexCall \
            HalfDuplexCall UnimplementedCall
            fields 1:response_type 2:response_size 3:payload 4:fill_username 5:fill_oauth_scope 6:response_compressed \
            7:response_status 8:expect_compressed 9:fill_server_id 10:fill_grpclb_route_type 11:orca_per_query_report

            """
        #expect(said == expected)
        withExtendedLifetime(server) {}
    }

    @Test("grpcurl lists, describes and calls what our server reflects", arguments: Security.allCases)
    func grpcurl(security: Security) async throws {
        let certificates = try await certificates(for: security)
        let (server, port) = try await startOurServer(certificates)
        let trust = certificates.map { ["-cacert", $0.roots, "-servername", "interop.test"] } ?? ["-plaintext"]
        func run(_ options: [String], _ arguments: [String]) async throws -> String {
            let program = try Program(Programs.grpcurl(), trust + options + ["127.0.0.1:\(port)"] + arguments)
            return await program.finish().text
        }
        let services = try await run([], ["list"])
        #expect(
            services == """
                grpc.health.v1.Health
                grpc.reflection.v1.ServerReflection
                grpc.reflection.v1alpha.ServerReflection
                grpc.testing.TestService

                """)
        let message = try await run([], ["describe", "grpc.testing.EchoStatus"])
        #expect(message.contains("int32 code = 1;") && message.contains("string message = 2;"), "\(message)")
        let reply = try await run(
            ["-d", #"{"response_size": 3}"#], ["grpc.testing.TestService/UnaryCall"])
        #expect(reply.contains(#""body": "AAAA""#), "\(reply)")
        let stream = try await run(
            ["-d", #"{"response_parameters": [{"size": 1}, {"size": 2}]}"#],
            ["grpc.testing.TestService/StreamingOutputCall"])
        #expect(stream.contains(#""body": "AA==""#) && stream.contains(#""body": "AAA=""#), "\(stream)")
        let unknown = try await run([], ["describe", "grpc.testing.Nothing"])
        #expect(unknown.contains("Symbol not found"), "\(unknown)")
        withExtendedLifetime(server) {}
    }

    // MARK: Parts

    private func certificates(for security: Security) async throws -> Certificates? {
        security == .tls ? try await Certificates() : nil
    }

    private func startOurServer(_ certificates: Certificates?) async throws -> (Program, port: String) {
        let trust = certificates.map { ["--use_tls", "--tls_cert_file", $0.chain, "--tls_key_file", $0.key] } ?? []
        let server = try Program(Programs.own("interop-server"), ["--port", "0"] + trust)
        return (server, try await server.port())
    }

    private func runPeer(_ script: String, _ arguments: [String]) async throws -> String {
        let program = try Program(Programs.python(), [Programs.peers.appending(path: script).path] + arguments)
        return await program.finish().text
    }
}
