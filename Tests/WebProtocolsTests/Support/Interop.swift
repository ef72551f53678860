import InteropAPI
import RPC

/// As much of gRPC's test service as these tests call.
struct Interop: GrpcTesting.TestService {
    func emptyCall(_ request: GrpcTesting.Empty, in call: Call) async throws -> GrpcTesting.Empty { .init() }

    func unaryCall(_ request: GrpcTesting.SimpleRequest, in call: Call) async throws -> GrpcTesting.SimpleResponse {
        var reply = GrpcTesting.SimpleResponse()
        var payload = GrpcTesting.Payload()
        payload.body = [UInt8](repeating: 0, count: Int(request.responseSize))
        reply.payload = payload
        return reply
    }

    func cacheableUnaryCall(
        _ request: GrpcTesting.SimpleRequest, in call: Call
    ) async throws -> GrpcTesting.SimpleResponse { try await unaryCall(request, in: call) }

    func streamingOutputCall(
        _ request: GrpcTesting.StreamingOutputCallRequest,
        to replies: MessageWriter<GrpcTesting.StreamingOutputCallResponse>, in call: Call
    ) async throws { try await answer(request, replies) }

    func streamingInputCall(
        _ requests: MessageReader<GrpcTesting.StreamingInputCallRequest>, in call: Call
    ) async throws -> GrpcTesting.StreamingInputCallResponse {
        var reply = GrpcTesting.StreamingInputCallResponse()
        for try await request in requests { reply.aggregatedPayloadSize += Int32(request.payload?.body.count ?? 0) }
        return reply
    }

    func fullDuplexCall(
        _ requests: MessageReader<GrpcTesting.StreamingOutputCallRequest>,
        to replies: MessageWriter<GrpcTesting.StreamingOutputCallResponse>, in call: Call
    ) async throws {
        for try await request in requests { try await answer(request, replies) }
    }

    func halfDuplexCall(
        _ requests: MessageReader<GrpcTesting.StreamingOutputCallRequest>,
        to replies: MessageWriter<GrpcTesting.StreamingOutputCallResponse>, in call: Call
    ) async throws { try await fullDuplexCall(requests, to: replies, in: call) }

    func unimplementedCall(_ request: GrpcTesting.Empty, in call: Call) async throws -> GrpcTesting.Empty {
        throw RPCError(.unimplemented, "on purpose")
    }

    private func answer(
        _ request: GrpcTesting.StreamingOutputCallRequest,
        _ replies: MessageWriter<GrpcTesting.StreamingOutputCallResponse>
    ) async throws {
        for parameters in request.responseParameters {
            var reply = GrpcTesting.StreamingOutputCallResponse()
            var payload = GrpcTesting.Payload()
            payload.body = [UInt8](repeating: 7, count: Int(parameters.size))
            reply.payload = payload
            try await replies.write(reply)
        }
    }
}
