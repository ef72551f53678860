import InteropAPI
import RPC

/// The tests, each by the words of its description.
struct InteropTests {
    private typealias Output = GrpcTesting.StreamingOutputCallRequest

    let client: GrpcTesting.TestServiceClient
    private let channel: Channel
    /// For calls that a test gives no time of its own.
    private let options: CallOptions
    /// Sizes of requests and replies that cross frames, windows and nothing at all.
    private let requestSizes = [27182, 8, 1828, 45904]
    private let replySizes = [31415, 9, 2653, 58979]

    init(_ target: Target) {
        channel = target.connect().channel
        options = CallOptions(timeout: target.patience)
        client = GrpcTesting.TestServiceClient(channel)
    }

    func emptyUnary() async throws {
        try expect(try await client.emptyCall(GrpcTesting.Empty(), options: options), GrpcTesting.Empty(), "the reply")
    }

    func largeUnary() async throws {
        let reply = try await client.unaryCall(largeRequest, options: options)
        try expect(reply.payload?.body.count ?? 0, 314159, "the size of the reply")
    }

    /// A method without side effects, which a cache between may answer: two calls with one argument, one answer.
    func cacheableUnary() async throws {
        var request = GrpcTesting.SimpleRequest()
        request.payload = payload(16)
        request.responseSize = 16
        var cached = options
        cached.metadata = ["x-user-ip": "1.2.3.4"]
        let first = try await client.cacheableUnaryCall(request, options: cached)
        let second = try await client.cacheableUnaryCall(request, options: cached)
        try expect(second, first, "the second reply")
        try expect(first.payload?.body.count ?? 0, 16, "the size of the reply")
    }

    /// A hundred large calls at once, on one channel.
    func concurrentLargeUnary() async throws {
        try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<100 {
                group.addTask { try await client.unaryCall(largeRequest, options: options).payload?.body.count ?? 0 }
            }
            for try await size in group { try expect(size, 314159, "the size of a reply") }
        }
    }

    func clientStreaming() async throws {
        let reply = try await client.streamingInputCall(options: options) { requests in
            for size in requestSizes {
                var request = GrpcTesting.StreamingInputCallRequest()
                request.payload = payload(size)
                try await requests.write(request)
            }
        }
        try expect(reply.aggregatedPayloadSize, 74922, "the sum of the sizes")
    }

    func serverStreaming() async throws {
        var request = Output()
        request.responseParameters = replySizes.map(parameters)
        let sizes = try await client.streamingOutputCall(request, options: options) { replies in
            var sizes: [Int] = []
            for try await reply in replies { sizes.append(reply.payload?.body.count ?? 0) }
            return sizes
        }
        try expect(sizes, replySizes, "the sizes of the replies")
    }

    func pingPong() async throws {
        try await client.fullDuplexCall(options: options) { requests, replies in
            for (requestSize, replySize) in zip(requestSizes, replySizes) {
                try await requests.write(duplexRequest(requestSize, replySize))
                let reply = try await replies.next()
                try expect(reply?.payload?.body.count, replySize, "the size of the reply")
            }
            await requests.finish()
            try expect(try await replies.next(), nil, "the reply after the last")
        }
    }

    func emptyStream() async throws {
        try await client.fullDuplexCall(options: options) { requests, replies in
            await requests.finish()
            try expect(try await replies.next(), nil, "the reply to no request")
        }
    }

    func timeoutOnSleepingServer() async throws {
        try await expectError(.deadlineExceeded) {
            try await client.fullDuplexCall(options: CallOptions(timeout: .milliseconds(1))) { requests, replies in
                // A write may find that the time is over already: that is the same answer.
                try await requests.write(duplexRequest(27182, nil))
                _ = try await replies.next()
            }
        }
    }

    func cancelAfterBegin() async throws {
        try await expectError(.cancelled) {
            try await cancellable {
                _ = try await client.streamingInputCall(options: options) { _ in cancelThisTask() }
            }
        }
    }

    func cancelAfterFirstResponse() async throws {
        try await expectError(.cancelled) {
            try await cancellable {
                try await client.fullDuplexCall(options: options) { requests, replies in
                    try await requests.write(duplexRequest(27182, 31415))
                    try expect(try await replies.next()?.payload?.body.count, 31415, "the size of the first reply")
                    cancelThisTask()
                    _ = try await replies.next()
                }
            }
        }
    }

    func statusCodeAndMessage() async throws {
        try await expectStatus(.unknown, "test status message", onDuplex: true)
    }

    func specialStatusMessage() async throws {
        let message = "\t\ntest with whitespace\r\nand Unicode BMP ☺ and non-BMP 😈\t\n"
        try await expectStatus(.unknown, message, onDuplex: false)
    }

    func customMetadata() async throws {
        let sent: Metadata = ["x-grpc-test-echo-initial": "test_initial_metadata_value"]
        let record = CallRecord()
        var options = options
        options.metadata = try sent.adding("x-grpc-test-echo-trailing-bin", [0xab, 0xab, 0xab])
        options.record = record
        _ = try await client.unaryCall(largeRequest, options: options)
        try expectEcho(in: record)

        let duplexRecord = CallRecord()
        var duplexOptions = options
        duplexOptions.record = duplexRecord
        try await client.fullDuplexCall(options: duplexOptions) { requests, replies in
            try await requests.write(duplexRequest(271828, 314159))
            try expect(try await replies.next()?.payload?.body.count, 314159, "the size of the reply")
            await requests.finish()
            try expect(try await replies.next(), nil, "the reply after the last")
        }
        try expectEcho(in: duplexRecord)
    }

    func unimplementedMethod() async throws {
        try await expectError(.unimplemented) {
            _ = try await client.unimplementedCall(GrpcTesting.Empty(), options: options)
        }
    }

    func unimplementedService() async throws {
        let stranger = GrpcTesting.UnimplementedServiceClient(channel)
        try await expectError(.unimplemented) {
            _ = try await stranger.unimplementedCall(GrpcTesting.Empty(), options: options)
        }
    }

    // MARK: Parts

    private func expectStatus(_ code: StatusCode, _ message: String, onDuplex: Bool) async throws {
        var status = GrpcTesting.EchoStatus()
        status.code = Int32(code.rawValue)
        status.message = message
        var request = GrpcTesting.SimpleRequest()
        request.responseStatus = status
        let unary = try await expectError(code) { _ = try await client.unaryCall(request, options: options) }
        try expect(unary.message, message, "the status message")
        guard onDuplex else { return }
        let duplex = try await expectError(code) {
            try await client.fullDuplexCall(options: options) { requests, replies in
                var request = Output()
                request.responseStatus = status
                try await requests.write(request)
                await requests.finish()
                _ = try await replies.next()
            }
        }
        try expect(duplex.message, message, "the status message of the stream")
    }

    private func expectEcho(in record: CallRecord) throws {
        try expect(record.metadata["x-grpc-test-echo-initial"], "test_initial_metadata_value", "the initial metadata")
        try expect(
            record.trailers.binaryValues("x-grpc-test-echo-trailing-bin"), [[0xab, 0xab, 0xab]], "the trailing metadata"
        )
    }

    private var largeRequest: GrpcTesting.SimpleRequest {
        var request = GrpcTesting.SimpleRequest()
        request.responseSize = 314159
        request.payload = payload(271828)
        return request
    }

    private func duplexRequest(_ size: Int, _ replySize: Int?) -> GrpcTesting.StreamingOutputCallRequest {
        var request = Output()
        request.payload = payload(size)
        request.responseParameters = replySize.map { [parameters($0)] } ?? []
        return request
    }

    private func payload(_ size: Int) -> GrpcTesting.Payload {
        var payload = GrpcTesting.Payload()
        payload.body = [UInt8](repeating: 0, count: size)
        return payload
    }

    private func parameters(_ size: Int) -> GrpcTesting.ResponseParameters {
        var parameters = GrpcTesting.ResponseParameters()
        parameters.size = Int32(size)
        return parameters
    }

    /// A task of its own, so that the test's task outlives its cancellation.
    private func cancellable(_ body: @escaping @Sendable () async throws -> Void) async throws {
        try await Task { try await body() }.value
    }

    private func cancelThisTask() {
        withUnsafeCurrentTask { $0?.cancel() }
    }
}

extension Metadata {
    func adding(_ name: String, _ bytes: [UInt8]) throws -> Metadata {
        var copy = self
        try copy.add(name, bytes: bytes)
        return copy
    }
}
