import Compression
import InteropAPI
import RPC
import Reactor

/// The test service of gRPC: replies of the size, at the time and with the status that a request asks for.
///
/// Source: grpc/doc/interop-test-descriptions.md, "Server".
struct InteropService: GrpcTesting.TestService {
    let loop: Loop
    /// Tells this server from others.
    let id: String

    func emptyCall(_ request: GrpcTesting.Empty, in call: Call) async throws -> GrpcTesting.Empty {
        echoMetadata(in: call)
        return GrpcTesting.Empty()
    }

    func unaryCall(_ request: GrpcTesting.SimpleRequest, in call: Call) async throws -> GrpcTesting.SimpleResponse {
        echoMetadata(in: call)
        try check(request.expectCompressed, in: call)
        if let status = request.responseStatus, status.code != 0 { throw RPCError(status) }
        var reply = GrpcTesting.SimpleResponse()
        reply.payload = try GrpcTesting.Payload(zeros: request.responseSize)
        if request.responseCompressed?.value == true { call.replyCompression = .gzip }
        if request.fillServerId { reply.serverId = id }
        return reply
    }

    func cacheableUnaryCall(
        _ request: GrpcTesting.SimpleRequest, in call: Call
    ) async throws -> GrpcTesting.SimpleResponse {
        try call.responseMetadata.add("cache-control", "max-age=60, public")
        return try await unaryCall(request, in: call)
    }

    func streamingOutputCall(
        _ request: GrpcTesting.StreamingOutputCallRequest,
        to replies: MessageWriter<GrpcTesting.StreamingOutputCallResponse>, in call: Call
    ) async throws {
        echoMetadata(in: call)
        try await answer(request, to: replies, in: call)
    }

    func streamingInputCall(
        _ requests: MessageReader<GrpcTesting.StreamingInputCallRequest>, in call: Call
    ) async throws -> GrpcTesting.StreamingInputCallResponse {
        echoMetadata(in: call)
        var reply = GrpcTesting.StreamingInputCallResponse()
        for try await request in requests {
            try check(request.expectCompressed, in: call)
            reply.aggregatedPayloadSize += Int32(request.payload?.body.count ?? 0)
        }
        return reply
    }

    func fullDuplexCall(
        _ requests: MessageReader<GrpcTesting.StreamingOutputCallRequest>,
        to replies: MessageWriter<GrpcTesting.StreamingOutputCallResponse>, in call: Call
    ) async throws {
        echoMetadata(in: call)
        for try await request in requests {
            try await answer(request, to: replies, in: call)
        }
    }

    func halfDuplexCall(
        _ requests: MessageReader<GrpcTesting.StreamingOutputCallRequest>,
        to replies: MessageWriter<GrpcTesting.StreamingOutputCallResponse>, in call: Call
    ) async throws {
        echoMetadata(in: call)
        var kept: [GrpcTesting.StreamingOutputCallRequest] = []
        for try await request in requests {
            kept.append(request)
        }
        for request in kept {
            try await answer(request, to: replies, in: call)
        }
    }

    /// The contract has this method so that a server may lack it.
    func unimplementedCall(_ request: GrpcTesting.Empty, in call: Call) async throws -> GrpcTesting.Empty {
        throw RPCError(.unimplemented, "this method is not implemented, on purpose")
    }

    private func answer(
        _ request: GrpcTesting.StreamingOutputCallRequest,
        to replies: MessageWriter<GrpcTesting.StreamingOutputCallResponse>, in call: Call
    ) async throws {
        if let status = request.responseStatus, status.code != 0 { throw RPCError(status) }
        if request.responseParameters.contains(where: { $0.compressed?.value == true }) {
            call.replyCompression = .gzip
        }
        for parameters in request.responseParameters {
            if parameters.intervalUs > 0 { try await loop.sleep(for: .microseconds(Int64(parameters.intervalUs))) }
            var reply = GrpcTesting.StreamingOutputCallResponse()
            reply.payload = try GrpcTesting.Payload(zeros: parameters.size)
            try await replies.write(reply, compressed: parameters.compressed?.value == true)
        }
    }

    /// "custom_metadata": what came under these names goes back under them.
    private func echoMetadata(in call: Call) {
        let initial = "x-grpc-test-echo-initial"
        let trailing = "x-grpc-test-echo-trailing-bin"
        for value in call.metadata.values(initial) {
            try? call.responseMetadata.add(initial, value)  // it came as metadata, so it may go as metadata
        }
        for value in call.metadata.binaryValues(trailing) {
            try? call.responseTrailers.add(trailing, bytes: value)
        }
    }

    /// A request may say whether it must have come compressed.
    private func check(_ expected: GrpcTesting.BoolValue?, in call: Call) throws {
        guard let expected, expected.value != call.requestWasCompressed else { return }
        let what = expected.value ? "the request is not compressed" : "the request is compressed"
        throw RPCError(.invalidArgument, what)
    }
}

extension GrpcTesting.Payload {
    /// Replies are bounded, whatever a request asks for.
    private static let sizeLimit: Int32 = 16 << 20

    init(zeros size: Int32) throws {
        guard 0...GrpcTesting.Payload.sizeLimit ~= size else {
            throw RPCError(.invalidArgument, "the size \(size) is not between 0 and \(GrpcTesting.Payload.sizeLimit)")
        }
        self.init()
        body = [UInt8](repeating: 0, count: Int(size))
    }
}

extension RPCError {
    /// The status that a request asks for.
    init(_ status: GrpcTesting.EchoStatus) {
        self.init(StatusCode(rawValue: Int(status.code)) ?? .unknown, status.message)
    }
}
