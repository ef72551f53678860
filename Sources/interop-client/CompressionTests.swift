import Compression
import InteropAPI
import RPC

/// The tests of compression: what is asked to be compressed must have travelled so, and nothing else.
struct CompressionTests {
    private let client: GrpcTesting.TestServiceClient
    private let options: CallOptions
    private let gzipped: CallOptions

    init(_ target: Target) {
        client = GrpcTesting.TestServiceClient(target.connect().channel)
        options = CallOptions(timeout: target.patience)
        gzipped = CallOptions(timeout: target.patience, compression: .gzip)
    }

    func clientCompressedUnary() async throws {
        // First a lie, to see that the server looks.
        try await expectError(.invalidArgument) {
            _ = try await client.unaryCall(unaryRequest(expecting: true), options: options)
        }
        for (isCompressed, options) in [(true, gzipped), (false, options)] {
            let reply = try await client.unaryCall(unaryRequest(expecting: isCompressed), options: options)
            try expect(reply.payload?.body.count ?? 0, 314159, "the size of the reply")
        }
    }

    func serverCompressedUnary() async throws {
        for isCompressed in [true, false] {
            var request = unaryRequest(expecting: nil)
            request.responseCompressed = bool(isCompressed)
            let record = CallRecord()
            var options = options
            options.record = record
            let reply = try await client.unaryCall(request, options: options)
            try expect(reply.payload?.body.count ?? 0, 314159, "the size of the reply")
            try expect(record.replyWasCompressed, isCompressed, "whether the reply was compressed")
        }
    }

    func clientCompressedStreaming() async throws {
        try await expectError(.invalidArgument) {
            _ = try await client.streamingInputCall(options: options) { requests in
                try await requests.write(streamingRequest(27182, expecting: true))
            }
        }
        let reply = try await client.streamingInputCall(options: gzipped) { requests in
            try await requests.write(streamingRequest(27182, expecting: true))
            try await requests.write(streamingRequest(45904, expecting: false), compressed: false)
        }
        try expect(reply.aggregatedPayloadSize, 73086, "the sum of the sizes")
    }

    func serverCompressedStreaming() async throws {
        var request = GrpcTesting.StreamingOutputCallRequest()
        let wanted = [(size: 31415, isCompressed: true), (size: 92653, isCompressed: false)]
        request.responseParameters = wanted.map { size, isCompressed in
            var parameters = GrpcTesting.ResponseParameters()
            parameters.size = Int32(size)
            parameters.compressed = bool(isCompressed)
            return parameters
        }
        let record = CallRecord()
        var options = options
        options.record = record
        try await client.streamingOutputCall(request, options: options) { replies in
            for (size, isCompressed) in wanted {
                let reply = try await replies.next()
                try expect(reply?.payload?.body.count, size, "the size of the reply")
                try expect(record.replyWasCompressed, isCompressed, "whether the reply was compressed")
            }
            try expect(try await replies.next(), nil, "the reply after the last")
        }
    }

    private func unaryRequest(expecting isCompressed: Bool?) -> GrpcTesting.SimpleRequest {
        var request = GrpcTesting.SimpleRequest()
        request.expectCompressed = isCompressed.map(bool)
        request.responseSize = 314159
        request.payload = payload(271828)
        return request
    }

    private func streamingRequest(_ size: Int, expecting isCompressed: Bool) -> GrpcTesting.StreamingInputCallRequest {
        var request = GrpcTesting.StreamingInputCallRequest()
        request.expectCompressed = bool(isCompressed)
        request.payload = payload(size)
        return request
    }

    private func payload(_ size: Int) -> GrpcTesting.Payload {
        var payload = GrpcTesting.Payload()
        payload.body = [UInt8](repeating: 0, count: size)
        return payload
    }

    private func bool(_ value: Bool) -> GrpcTesting.BoolValue {
        var wrapped = GrpcTesting.BoolValue()
        wrapped.value = value
        return wrapped
    }
}
