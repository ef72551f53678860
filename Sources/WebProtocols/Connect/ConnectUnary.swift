import Bytes
import Exchange
import RPC

/// A unary call of Connect: the body is the request, the body of the answer is the reply or a JSON error (connectrpc.com,
/// "Unary (Request-Response) RPCs").
///
///     head ──▶ collecting ──end──▶ called ──status──▶ answered
///                  └── too long, no JSON, ... ──────────▲
///
/// The call begins with the head, so that its deadline does; its one message follows when it is whole.
final class ConnectUnary: Bridge {
    private let method: WebMethod
    private let codec: WebContent.Codec
    private let encoding: String
    private let takesGzip: Bool
    /// What a GET says in its query.
    private let query: ConnectQuery?
    private var body: [UInt8] = []
    private var leading = Fields()
    private var replies: EnvelopeReader

    convenience init(
        _ request: WebRequest, _ codec: WebContent.Codec, _ method: WebMethod, _ acceptor: WebAcceptor
    ) {
        self.init(request, codec, request.head["content-encoding"] ?? "", nil, method, acceptor)
    }

    convenience init(_ request: WebRequest, _ query: ConnectQuery, _ method: WebMethod, _ acceptor: WebAcceptor) {
        self.init(request, query.codec, query.compression, query, method, acceptor)
    }

    private init(
        _ request: WebRequest, _ codec: WebContent.Codec, _ encoding: String, _ query: ConnectQuery?,
        _ method: WebMethod, _ acceptor: WebAcceptor
    ) {
        self.method = method
        self.codec = codec
        self.encoding = encoding
        self.query = query
        takesGzip = ContentCodings.takesGzip(request.head["accept-encoding"])
        replies = EnvelopeReader(limit: acceptor.settings.maxReplyBytes)
        super.init(request, acceptor)
    }

    override func start(_ request: WebRequest) {
        do {
            open(try ConnectHead.grpc(for: request, encoding: encoding), request)
        } catch {
            return fail(error)
        }
        if let query {
            query.message.withUnsafeBytes { call($0) }
        } else if request.hasEnded {
            call(UnsafeRawBufferPointer(start: nil, count: 0))
        }
    }

    // MARK: The request

    override func heard(_ chunk: Chunk, end: Bool) {
        guard wants(chunk, end: end), query == nil, !hasAnswered else { return }
        outer?.consume(chunk.count)
        guard body.count + chunk.count <= acceptor.settings.maxMessageBytes else {
            body = []
            return fail(
                RPCError(
                    .resourceExhausted, "the message has more than \(acceptor.settings.maxMessageBytes) bytes",
                    cause: Failure(.receive, .bodyTooLarge)))
        }
        chunk.withUnsafeBytes { body.append(contentsOf: $0) }
        guard end else { return }
        let whole = body
        body = []
        whole.withUnsafeBytes { call($0) }
    }

    /// Gives the call its message, and with it the end.
    private func call(_ bytes: UnsafeRawBufferPointer) {
        guard inner != nil else { return }
        do {
            inner?.heard(EnvelopeReader.frame(try message(bytes), flags: 0), end: true)
        } catch {
            fail(error)
        }
    }

    private func message(_ bytes: UnsafeRawBufferPointer) throws(RPCError) -> Chunk {
        guard ContentCodings.isCompressing(encoding), !bytes.isEmpty else { return try decoded(bytes) }
        let inflated: Chunk
        do {
            inflated = try acceptor.codings.inflate(bytes, limit: acceptor.settings.maxMessageBytes)
        } catch {
            throw RPCError(error)
        }
        return try inflated.withUnsafeBytes { (bytes) throws(RPCError) in try decoded(bytes) }
    }

    private func decoded(_ bytes: UnsafeRawBufferPointer) throws(RPCError) -> Chunk {
        codec == .json
            ? try method.request(bytes) : Chunk(copying: bytes, headroom: EnvelopeReader.prefixLength)
    }

    // MARK: The answer

    /// The call takes its message whole; nothing of the client's body is held for it.
    override func consume(_ count: Int) {}
    /// One message, which is bounded by `maxReplyBytes`, is kept until its status is known.
    override var room: Int { hasAnswered ? 0 : acceptor.settings.maxReplyBytes }

    override func send(head: Fields, end: Bool) {
        if end { return finish(head, leading: Fields()) }
        leading = head
    }

    override func send(_ chunk: Chunk, end: Bool) {
        replies.append(chunk)
        if end { fail(RPCError(.internal, "the reply ended without a status")) }
    }

    override func send(trailers: Fields) { finish(trailers, leading: leading) }

    private func finish(_ trailers: Fields, leading: Fields) {
        let status = StatusTrailers(trailers)
        guard status.code == .ok else { return answer(ConnectError(trailers, status), leading, trailers) }
        do {
            guard let reply = try replies.next(), !replies.isWithin else {
                return answer(RPCError(.internal, "the service answered OK without one message"))
            }
            let body = codec == .json ? try json(reply.body) : reply.body
            answer(body, leading, trailers)
        } catch let error as RPCError {
            answer(error)
        } catch {
            answer(RPCError(.resourceExhausted, "the reply has more than \(acceptor.settings.maxReplyBytes) bytes"))
        }
    }

    private func json(_ reply: Chunk) throws(RPCError) -> Chunk {
        try reply.withUnsafeBytes { (bytes) throws(RPCError) in try method.reply(bytes) }
    }

    private func answer(_ body: Chunk, _ leading: Fields, _ trailers: Fields) {
        var head: Fields = [":status": "200"]
        head.append(.contentType, WebContent(.connectUnary, codec).text)
        let smaller = takesGzip ? acceptor.codings.deflate(body) : nil
        if smaller != nil { head.append("content-encoding", ContentCodings.supported) }
        if query != nil { head.append("vary", "Accept-Encoding") }
        send(head, leading, trailers, smaller ?? body)
    }

    override func answer(_ error: RPCError) {
        answer(ConnectError(error), leading, Fields())
    }

    private func answer(_ error: ConnectError, _ leading: Fields, _ trailers: Fields) {
        var head: Fields = [":status": String(error.code.connectStatus)]
        head.append(.contentType, "application/json")
        if error.code == .unimplemented, !ContentCodings.isKnown(encoding) {
            head.append("accept-encoding", ContentCodings.supported)
        }
        send(head, leading, trailers, Chunk(error.json))
    }

    private func send(_ head: Fields, _ leading: Fields, _ trailers: Fields, _ body: Chunk) {
        var head = head
        head.append(.contentLength, String(body.count))
        ForeignFields.append(leading, to: &head)
        ForeignFields.append(trailers, to: &head, prefix: "trailer-")
        respond(head, end: body.isEmpty)
        respond(body, end: true)
    }
}
