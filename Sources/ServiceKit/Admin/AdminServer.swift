public import Bytes
public import Exchange
internal import ProtoWire
public import RPC
internal import Reflection
public import Transport
internal import WebProtocols

/// Answers what operators ask of a process: `/metrics`, `/ready`, `/live`, pages of its own, and, as calls of gRPC, gRPC-Web
/// and Connect, `grpc.channelz.v1` and services of its own, with reflection for all of them:
///
///     grpcdebug 127.0.0.1:4191 channelz servers
///     curl -d '{}' -H 'content-type: application/json' 127.0.0.1:4191/grpc.channelz.v1.Channelz/GetServers
///
/// Loop-bound. Bodies of requests are not read; answers are made when they are asked for.
public final class AdminServer: Acceptor, @unchecked Sendable {  // touched on its loop alone
    private var pages: [String: () -> AdminReply] = [:]
    private let calls: WebAcceptor

    init(_ context: ProcessContext, services: [any RPCService]) {
        let router = Router(timers: context.loop)
        router.add(ChannelzService(context.channelz))
        for service in services { router.add(service) }
        for service in ReflectionServices(for: router.services).services { router.add(service) }
        calls = WebAcceptor(router, timers: context.loop)
        pages["/live"] = { AdminReply(text: "live\n") }
        pages["/ready"] = { [readiness = context.readiness] in
            let missing = readiness.missing
            return missing.isEmpty
                ? AdminReply(text: "ready\n")
                : AdminReply(status: 503, text: missing.map { "\($0)\n" }.joined())
        }
        pages["/metrics"] = { [metrics = context.metrics] in
            AdminReply(
                contentType: "text/plain; version=0.0.4; charset=utf-8", body: Array(metrics.prometheusText.utf8))
        }
    }

    /// Adds a page.
    public func page(_ path: String, _ make: @escaping () -> AdminReply) {
        pages[path] = make
    }

    public func accept(
        _ head: Fields, end: Bool, from peer: Peer, on stream: any ExchangeStream
    ) -> any ExchangeHandler {
        // Pages are read; whatever is posted is a call.
        let isCall = head[.method] == "POST"
        if isCall, Self.isLocal(peer) { return calls.accept(head, end: end, from: peer, on: stream) }
        let reply = isCall ? Self.stranger : reply(to: head)
        var fields: Fields = [":status": String(reply.status)]
        fields.append(.contentType, reply.contentType)
        fields.append(.contentLength, String(reply.body.count))
        let hasBody = !reply.body.isEmpty && head[.method] != "HEAD"
        stream.send(head: fields, end: !hasBody)
        if hasBody { stream.send(Chunk(reply.body), end: true) }
        return AdminRequest(stream)
    }

    /// Pages tell numbers, and are for probes and scrapers; calls change things and show what goes through. Nothing vouches
    /// for who comes over a network here, so calls are taken from this machine alone, as from a tunnel that ends here.
    private static func isLocal(_ peer: Peer) -> Bool {
        ["127.", "[::1]", "[::ffff:127.", "unix"].contains { peer.address.hasPrefix($0) }
    }

    private static let stranger = AdminReply(
        status: 403, text: "calls are taken from this machine alone: come by 'kubectl port-forward' or ssh\n")

    private func reply(to head: Fields) -> AdminReply {
        let path = String((head[.path] ?? "").prefix { $0 != "?" })
        guard let make = pages[path] else {
            return AdminReply(
                status: 404, text: "no such page; there are \(pages.keys.sorted().joined(separator: " "))\n")
        }
        guard head[.method] == "GET" || head[.method] == "HEAD" else {
            return AdminReply(status: 405, text: "\(path) is read with GET\n")
        }
        return make()
    }
}

/// Throws the body of an admin request away.
private final class AdminRequest: ExchangeHandler {
    private let stream: any ExchangeStream

    init(_ stream: any ExchangeStream) {
        self.stream = stream
    }

    func heard(head: Fields, end: Bool) {}
    func heard(_ chunk: Chunk, end: Bool) { stream.consume(chunk.count) }
    func heard(trailers: Fields) {}
    func hasRoom() {}
    func ended(_ ending: Ending) {}
}

extension ProcessContext {
    /// Serves the admin pages and services; answers the server, to which more pages can be added, and its listener.
    @discardableResult
    public func serveAdmin(
        on address: String, services: [any RPCService] = []
    ) throws(ProcessFault) -> (server: AdminServer, listener: Listener) {
        let server = AdminServer(self, services: services)
        let listener = try serveHTTP(on: address, acceptor: server)
        return (server, listener)
    }
}
