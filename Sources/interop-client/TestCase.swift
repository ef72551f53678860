import InteropAPI
import RPC

/// gRPC's interop tests that Weft runs, by their official names.
///
/// Source: grpc/doc/interop-test-descriptions.md. Those of cloud credentials and of compression are not among them.
enum TestCase: String, CaseIterable {
    case emptyUnary = "empty_unary"
    case largeUnary = "large_unary"
    case clientStreaming = "client_streaming"
    case serverStreaming = "server_streaming"
    case pingPong = "ping_pong"
    case emptyStream = "empty_stream"
    case timeoutOnSleepingServer = "timeout_on_sleeping_server"
    case cancelAfterBegin = "cancel_after_begin"
    case cancelAfterFirstResponse = "cancel_after_first_response"
    case statusCodeAndMessage = "status_code_and_message"
    case specialStatusMessage = "special_status_message"
    case customMetadata = "custom_metadata"
    case unimplementedMethod = "unimplemented_method"
    case unimplementedService = "unimplemented_service"

    static let names = allCases.map(\.rawValue).joined(separator: ", ")

    func run(on channel: Channel) async throws {
        let tests = InteropTests(channel)
        switch self {
        case .emptyUnary: try await tests.emptyUnary()
        case .largeUnary: try await tests.largeUnary()
        case .clientStreaming: try await tests.clientStreaming()
        case .serverStreaming: try await tests.serverStreaming()
        case .pingPong: try await tests.pingPong()
        case .emptyStream: try await tests.emptyStream()
        case .timeoutOnSleepingServer: try await tests.timeoutOnSleepingServer()
        case .cancelAfterBegin: try await tests.cancelAfterBegin()
        case .cancelAfterFirstResponse: try await tests.cancelAfterFirstResponse()
        case .statusCodeAndMessage: try await tests.statusCodeAndMessage()
        case .specialStatusMessage: try await tests.specialStatusMessage()
        case .customMetadata: try await tests.customMetadata()
        case .unimplementedMethod: try await tests.unimplementedMethod()
        case .unimplementedService: try await tests.unimplementedService()
        }
    }
}
