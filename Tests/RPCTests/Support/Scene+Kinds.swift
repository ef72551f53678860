import BenchAPI
import ProtoWire
import RPC

// The four kinds of call, made and served in the same way, for rules that hold for all of them.
extension Scene {
    /// Each method answers each request with itself; or throws, the first `times`.
    func serveEcho(throwing error: RPCError? = nil, times: Int = Int.max) {
        let counter = Notes()
        @Sendable func check() throws {
            counter.add("")
            if let error, counter.lines.count <= times { throw error }
        }
        router.unary(Methods.unary) { (request: Msg, _) in
            try check()
            return request
        }
        router.serverStreaming(Methods.server) { (request: Msg, replies: MessageWriter<Msg>, _) in
            try check()
            try await replies.write(request)
        }
        router.clientStreaming(Methods.client) { (requests: MessageReader<Msg>, _) in
            try check()
            var last = Msg("none")
            for try await request in requests { last = request }
            return last
        }
        router.bidirectional(Methods.both) { (requests: MessageReader<Msg>, replies: MessageWriter<Msg>, _) in
            try check()
            for try await request in requests { try await replies.write(request) }
        }
    }

    /// Starts a call of any kind, which answers the ids of its replies.
    func start(
        _ method: MethodDescriptor, _ requests: [Msg], options: CallOptions = CallOptions(), in call: Call? = nil,
        whileOpen: @escaping @Sendable () async throws -> Void = {}
    ) -> Outcome<[String]> {
        loop.start { [channel] in
            try await channel.anyKind(method, requests, options: options, in: call, whileOpen: whileOpen)
        }
    }
}

extension Channel {
    /// Makes a call of any kind. `whileOpen` runs in the scope of a call that streams, before it is read or ended.
    func anyKind(
        _ method: MethodDescriptor, _ requests: [Msg], options: CallOptions = CallOptions(), in call: Call? = nil,
        whileOpen: @escaping @Sendable () async throws -> Void = {}
    ) async throws -> [String] {
        switch method.kind {
        case .unary:
            let reply: Msg = try await unary(method, requests[0], call: call, options: options)
            return [reply.id]
        case .serverStreaming:
            return try await serverStreaming(method, requests[0], call: call, options: options) {
                (replies: MessageReader<Msg>) in
                try await whileOpen()
                return try await replies.ids
            }
        case .clientStreaming:
            let reply: Msg = try await clientStreaming(method, call: call, options: options) {
                (writer: MessageWriter<Msg>) in
                try await writer.write(contentsOf: requests)
                try await whileOpen()
            }
            return [reply.id]
        case .bidirectional:
            return try await bidirectional(method, call: call, options: options) {
                (writer: MessageWriter<Msg>, replies: MessageReader<Msg>) in
                try await writer.write(contentsOf: requests)
                try await whileOpen()
                await writer.finish()
                return try await replies.ids
            }
        }
    }
}

extension MessageReader<Msg> {
    /// The ids of all messages that are left.
    var ids: [String] {
        get async throws {
            var ids: [String] = []
            for try await message in self { ids.append(message.id) }
            return ids
        }
    }
}
