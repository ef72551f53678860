internal import Bytes
internal import Exchange
internal import Logging
internal import RPC
internal import Reactor
internal import ServiceKit
internal import Timebase

/// One outside request on its way: collect the body, transcode, call, transcode back, answer.
///
///     head ──▶ reading ──body ended──▶ calling ──reply──▶ answered
///       │         │ too large             │ trailers with an error
///       └─────────┴───────────────────────┴──▶ answered with an error
///
/// Loop-bound. It hears the outside client; what the service says is heard by its `UpstreamReply`.
final class EdgeCall: ExchangeHandler {
    let stream: any ExchangeStream
    let acceptor: EdgeAcceptor
    let requestID: String
    private let peer: Peer
    private let startedAt: Instant
    private(set) var method = ""
    private(set) var path = ""
    private var query: Substring = ""
    private var route: (method: EdgeMethod, variables: [(fieldPath: String, value: String)])?
    private var body: [UInt8] = []
    private var reply: UpstreamReply?
    private var isAnswered = false
    private var isHeadOnly = false
    /// The request in its trace, and the fields that say so to those who are called.
    private(set) var mark = SpanMark()
    private(set) var traceFields = Fields()
    /// What the mesh says of the failure, which the client is not told.
    var why: Why?
    private var code = 0
    private var message = ""

    init(stream: any ExchangeStream, acceptor: EdgeAcceptor, requestID: String, peer: Peer) {
        self.stream = stream
        self.acceptor = acceptor
        self.requestID = requestID
        self.peer = peer
        startedAt = acceptor.loop.now
    }

    func begin(_ head: Fields, end: Bool, routes: EdgeRoutes) {
        method = head[.method] ?? ""
        isHeadOnly = method == "HEAD"
        (mark, traceFields) = Self.trace(of: head, acceptor.tracer)
        let target = head[.path] ?? ""
        path = String(target.prefix { $0 != "?" })
        query = target.dropFirst(path.count).dropFirst()
        if let answer = acceptor.builtin[path] {
            guard method == "GET" || method == "HEAD" else {
                return fail(EdgeFault(405, code: 12, "\(path) is read with GET", allow: ["GET", "HEAD"]))
            }
            let reply = answer()
            return respond(reply.status, contentType: reply.contentType, reply.body)
        }
        switch routes.table.find(method: method, path: path) {
        case .found(let match):
            route = (match.target, match.variables)
            if let fault = match.target.fault(forContentType: head[.contentType], hasBody: !end) {
                return fail(fault)
            }
            if end { dispatch() }
        case .wrongMethod(let allowed):
            if method == "OPTIONS" { return respondToOptions(allowed) }
            fail(EdgeFault(405, code: 12, "\(method) is not a method of \(path)", allow: allowed))
        case .unknown: fail(EdgeFault(404, code: 5, "no route fits \(path)"))
        case .malformed(let why): fail(.invalid("the path cannot be read: \(why)"))
        }
    }

    // MARK: What the client sends

    func heard(head: Fields, end: Bool) {}

    func heard(_ chunk: Chunk, end: Bool) {
        stream.consume(chunk.count)
        guard !isAnswered, reply == nil else { return }
        guard body.count + chunk.count <= acceptor.config.maxBodyBytes else {
            return fail(
                EdgeFault(413, code: 8, "the body has more than \(acceptor.config.maxBodyBytes) bytes"), closing: true)
        }
        chunk.withUnsafeBytes { body.append(contentsOf: $0) }
        if end { dispatch() }
    }

    func heard(trailers: Fields) {
        if !isAnswered && reply == nil { dispatch() }
    }

    func hasRoom() {
        reply?.resume()
    }

    func ended(_ ending: Ending) {
        if case .failed = ending, !isAnswered || reply?.isOpen == true {
            reply?.cancel()
            finish(status: 499)
        }
        reply = nil
    }

    // MARK: The call

    private func dispatch() {
        guard let (method, variables) = route else { return }
        let message: [UInt8]
        do {
            message = try method.request(variables: variables, query: query, body: body)
        } catch {
            return fail(error)
        }
        body = []
        let reply = UpstreamReply(call: self, method: method)
        self.reply = reply
        reply.start(message, on: acceptor.upstream, timeout: acceptor.config.timeout)
    }

    // MARK: The answer

    func respond(_ status: Int, contentType: String, _ body: [UInt8], extra: Fields = Fields()) {
        guard !isAnswered else { return }
        isAnswered = true
        var head = Fields()
        head.append(.status, String(status))
        head.append(.contentType, contentType)
        head.append(.contentLength, String(body.count))
        head.append(.requestID, requestID)
        head.append(contentsOf: extra)
        let sendsBody = !isHeadOnly && !body.isEmpty
        stream.send(head: head, end: !sendsBody)
        if sendsBody {
            stream.send(Chunk(body), end: true)
        }
        finish(status: status)
    }

    func fail(_ fault: EdgeFault, closing: Bool = false) {
        var extra = Fields()
        if !fault.allow.isEmpty {
            extra.append("allow", fault.allow.joined(separator: ", "))
        }
        note(fault)
        respond(fault.httpStatus, contentType: "application/json", fault.body(requestID: requestID), extra: extra)
    }

    /// Remembers how the request failed until it is told.
    func note(_ fault: EdgeFault) {
        code = fault.code
        message = fault.message
    }

    var routeName: String { route?.method.fullName ?? "" }

    private func respondToOptions(_ allowed: [String]) {
        var extra = Fields()
        extra.append("allow", (allowed + ["OPTIONS"]).joined(separator: ", "))
        respond(204, contentType: "text/plain", [], extra: extra)
    }

    /// The head of a reply that goes on line by line.
    func openStream() {
        isAnswered = true
        var head = Fields()
        head.append(.status, "200")
        head.append(.contentType, "application/x-ndjson")
        head.append(.requestID, requestID)
        stream.send(head: head, end: false)
    }

    /// Counts and logs the request, once.
    func finish(status: Int) {
        let elapsed = startedAt.duration(to: acceptor.loop.now)
        let reason = why.map { "\($0.phase).\($0.cause)" } ?? ""
        acceptor.metrics.record(method: routeName, status: status, reason: reason, elapsed: elapsed)
        record(status: status, elapsed: elapsed)
        var facts: Logger.Metadata = [
            "request_id": "\(requestID)", "method": "\(method)", "path": "\(path)",
            "status": .stringConvertible(status),
            "rpc": "\(route?.method.fullName ?? "-")", "ms": .stringConvertible(elapsed.inSeconds * 1000),
            "peer": "\(peer.address)",
        ]
        let trace = traceFields[.traceParent].flatMap { TraceParent($0)?.traceID } ?? ""
        if !trace.isEmpty { facts["trace_id"] = "\(trace)" }
        if let why {
            facts["reason"] = "\(why.reason)"
            facts["reporter"] = "\(why.reporter)"
            if !why.detail.isEmpty { facts["detail"] = "\(why.detail)" }
        }
        acceptor.log.info("request", metadata: facts)
        guard status >= 400 else { return }
        acceptor.stories.add(
            EdgeStories.Told(
                requestID: requestID, traceID: trace, method: routeName, service: route?.method.service ?? "",
                httpStatus: status, code: code, why: why, message: message, took: elapsed, at: acceptor.loop.wall))
    }
}
