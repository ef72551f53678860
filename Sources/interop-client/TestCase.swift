/// gRPC's interop tests that Weft runs, by their official names.
///
/// Source: grpc/doc/interop-test-descriptions.md and negative-http2-interop-test-descriptions.md. Those of cloud
/// credentials are not among them, nor `orca_per_rpc` and `orca_oob`: Weft has no load reports.
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
    case cacheableUnary = "cacheable_unary"
    case concurrentLargeUnary = "concurrent_large_unary"
    case rpcSoak = "rpc_soak"
    case channelSoak = "channel_soak"
    case longLivedChannel = "long_lived_channel"
    case pickFirstUnary = "pick_first_unary"
    case clientCompressedUnary = "client_compressed_unary"
    case serverCompressedUnary = "server_compressed_unary"
    case clientCompressedStreaming = "client_compressed_streaming"
    case serverCompressedStreaming = "server_compressed_streaming"
    case goAway = "goaway"
    case resetAfterHeader = "rst_after_header"
    case resetDuringData = "rst_during_data"
    case resetAfterData = "rst_after_data"
    case ping
    case maxStreams = "max_streams"

    static let names = allCases.map(\.rawValue).joined(separator: ", ")

    func run(against target: Target) async throws {
        let tests = InteropTests(target)
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
        case .cacheableUnary: try await tests.cacheableUnary()
        case .concurrentLargeUnary: try await tests.concurrentLargeUnary()
        case .rpcSoak: try await SoakTests(target: target).rpcSoak()
        case .channelSoak: try await SoakTests(target: target).channelSoak()
        case .longLivedChannel: try await ConnectionTests(target).longLivedChannel()
        case .pickFirstUnary: try await ConnectionTests(target).pickFirstUnary()
        case .clientCompressedUnary: try await CompressionTests(target).clientCompressedUnary()
        case .serverCompressedUnary: try await CompressionTests(target).serverCompressedUnary()
        case .clientCompressedStreaming: try await CompressionTests(target).clientCompressedStreaming()
        case .serverCompressedStreaming: try await CompressionTests(target).serverCompressedStreaming()
        case .goAway: try await ConnectionTests(target).goAway()
        case .resetAfterHeader, .resetDuringData, .resetAfterData: try await ConnectionTests(target).reset()
        case .ping: try await ConnectionTests(target).ping()
        case .maxStreams: try await ConnectionTests(target).maxStreams()
        }
    }
}
