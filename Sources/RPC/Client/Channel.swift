import Bytes
public import Exchange
public import ProtoWire
import Timebase

/// Calls to one destination: what generated stubs stand on.
///
/// A call runs on the loop of its exchanger; a caller that is there already, as every handler of a service is, never leaves
/// it. Leaving the scope of a call, by return or by throwing, ends the call.
public struct Channel: Sendable {
    private let exchanger: any Exchanger
    private let timers: any CallTimers
    public let destination: String
    /// A longer reply is refused before it is read.
    public var maxMessageBytes = MessageDeframer.defaultLimit

    /// - Parameters:
    ///   - exchanger: where exchanges are opened: a connection pool, a stack of policies, an in-memory transport.
    ///   - destination: the service's name in the mesh, or an authority; it becomes `:authority`.
    ///   - timers: the loop of the exchanger, which keeps deadlines.
    public init(_ exchanger: any Exchanger, destination: String, timers: any CallTimers) {
        self.exchanger = exchanger
        self.destination = destination
        self.timers = timers
    }

    // MARK: What generated code calls

    public func unary<Request: Message, Reply: Message>(
        _ method: MethodDescriptor, _ request: Request, call: Call?, options: CallOptions
    ) async throws -> Reply {
        try await scope(method, call, options) { stream in
            stream.sendOnly(request.encodedChunk(headroom: MessageFramer.prefixLength))
            return try await only(stream)
        }
    }

    public func serverStreaming<Request: Message, Reply: Message, Result: Sendable>(
        _ method: MethodDescriptor, _ request: Request, call: Call?, options: CallOptions,
        _ receive: (MessageReader<Reply>) async throws -> Result
    ) async throws -> Result {
        try await scope(method, call, options) { stream in
            stream.sendOnly(request.encodedChunk(headroom: MessageFramer.prefixLength))
            return try await receive(MessageReader(stream))
        }
    }

    public func clientStreaming<Request: Message, Reply: Message>(
        _ method: MethodDescriptor, call: Call?, options: CallOptions,
        _ send: (MessageWriter<Request>) async throws -> Void
    ) async throws -> Reply {
        try await scope(method, call, options) { stream in
            do {
                try await send(MessageWriter(stream))
            } catch let error as RPCError {
                // A service may answer before it has read everything; that answer counts, not that writing ended.
                guard stream.hasAnswer else { throw error }
            }
            stream.finishWriting()
            return try await only(stream)
        }
    }

    public func bidirectional<Request: Message, Reply: Message, Result: Sendable>(
        _ method: MethodDescriptor, call: Call?, options: CallOptions,
        _ exchange: (MessageWriter<Request>, MessageReader<Reply>) async throws -> Result
    ) async throws -> Result {
        try await scope(method, call, options) { stream in
            try await exchange(MessageWriter(stream), MessageReader(stream))
        }
    }

    // MARK: The scope of a call

    /// The one reply: no more, no fewer.
    private func only<Reply: Message>(_ stream: ClientStream) async throws -> Reply {
        guard let bytes = try await stream.nextMessage() else {
            throw RPCError.cardinality("no reply")
        }
        guard try await stream.nextMessage() == nil else {
            throw RPCError.cardinality("more than one reply")
        }
        do {
            return try Reply(decoding: bytes)
        } catch {
            throw RPCError.undecodable(Reply.descriptor.fullName, error)
        }
    }

    private func scope<Result: Sendable>(
        _ method: MethodDescriptor, _ call: Call?, _ options: CallOptions,
        _ body: (ClientStream) async throws -> Result
    ) async throws -> Result {
        let isHere = withUnsafeCurrentTask { $0?.unownedTaskExecutor == exchanger.executor.asUnownedTaskExecutor() }
        if isHere { return try await run(method, call, options, body) }
        return try await withTaskExecutorPreference(exchanger.executor) {
            try await run(method, call, options, body)
        }
    }

    private func run<Result: Sendable>(
        _ method: MethodDescriptor, _ call: Call?, _ options: CallOptions,
        _ body: (ClientStream) async throws -> Result
    ) async throws -> Result {
        let now = timers.now
        let deadline = [call?.deadline, options.timeout.map { now.advanced(by: $0) }].compactMap { $0 }.min()
        if let deadline, deadline <= now {
            throw RPCError(
                .deadlineExceeded, "the deadline passed before the call began", reachedPeer: false,
                cause: Failure(.admit, .deadline, subject: method.path, reach: .neverSent))
        }
        let stream = ClientStream(
            method, on: exchanger, timers: timers, deadline: deadline, maxMessageBytes: maxMessageBytes,
            record: options.record)
        stream.start(
            head(method, call, options, remaining: deadline.map { now.duration(to: $0) }), to: destination,
            on: exchanger)
        defer { stream.leave() }
        return try await body(stream)
    }

    private func head(
        _ method: MethodDescriptor, _ call: Call?, _ options: CallOptions, remaining: Duration?
    ) -> Fields {
        var head = OutgoingHead.fields(
            path: method.path, authority: destination, timeout: remaining, more: 3 + options.metadata.fields.count)
        head.append(.userAgent, "grpc-swift-weft/0.1")
        if let call {
            let requestID = call.requestID
            if !requestID.isEmpty { head.append(.requestID, requestID) }
            if let trace = call.traceParent { head.append(.traceParent, trace) }
        }
        head.append(contentsOf: options.metadata.fields)
        return head
    }
}

extension ClientStream {
    /// The service has answered, or the call is lost: nothing more can be written.
    var hasAnswer: Bool {
        if case .open = inbound { false } else { true }
    }
}
