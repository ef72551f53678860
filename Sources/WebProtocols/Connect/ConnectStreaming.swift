import Bytes
import Exchange
import RPC

/// A streaming call of Connect: messages in envelopes, and a last one with the status as JSON (connectrpc.com, "Streaming
/// RPCs").
///
/// The HTTP status is always 200: the call's own is in the last envelope. Binary messages that are not compressed pass
/// untouched, since the envelopes are gRPC's; others are read one by one, and the client gets its window back when the call
/// has taken what they became.
final class ConnectStreaming: Bridge {
    private enum Flags {
        static let compressed: UInt8 = 1
        static let endOfStream: UInt8 = 2
    }

    private let method: WebMethod
    private let codec: WebContent.Codec
    private let encoding: String
    private let takesGzip: Bool
    private let passesRequests: Bool
    private let passesReplies: Bool
    private var requests: EnvelopeReader
    private var replies: EnvelopeReader
    private var hasSentHead = false
    /// Bytes that the call was given and has not consumed, and bytes of the client that wait for that.
    private var outstanding = 0
    private var owed = 0

    init(_ request: WebRequest, _ codec: WebContent.Codec, _ method: WebMethod, _ acceptor: WebAcceptor) {
        self.method = method
        self.codec = codec
        encoding = request.head["connect-content-encoding"] ?? ""
        takesGzip =
            acceptor.settings.compressionThreshold != nil
            && ContentCodings.takesGzip(request.head["connect-accept-encoding"])
        passesRequests = codec == .proto && !ContentCodings.isCompressing(encoding)
        passesReplies = codec == .proto && !takesGzip
        requests = EnvelopeReader(limit: acceptor.settings.maxMessageBytes)
        replies = EnvelopeReader(limit: acceptor.settings.maxReplyBytes)
        super.init(request, acceptor)
    }

    override func start(_ request: WebRequest) {
        do {
            open(try ConnectHead.grpc(for: request, encoding: encoding), request)
        } catch {
            return fail(error)
        }
        if request.hasEnded { heard(.empty, end: true) }
    }

    // MARK: Requests

    override func heard(_ chunk: Chunk, end: Bool) {
        guard wants(chunk, end: end) else { return }
        if passesRequests {
            inner?.heard(chunk, end: end)
            return
        }
        owed += chunk.count
        requests.append(chunk)
        do {
            while inner != nil, let envelope = try requests.next() {
                let message = EnvelopeReader.frame(try message(envelope), flags: 0)
                outstanding += message.count
                inner?.heard(message, end: false)
            }
        } catch let error as EnvelopeReader.TooLarge {
            return refuse(
                RPCError(.resourceExhausted, "a message of \(error.length) bytes is over the limit of \(error.limit)"))
        } catch let error as RPCError {
            return refuse(error)
        } catch {
            return refuse(RPCError(.internal, "an envelope cannot be read"))
        }
        giveBack()
        guard end else { return }
        if requests.isWithin { return refuse(RPCError(.invalidArgument, "the body ended within an envelope")) }
        inner?.heard(.empty, end: true)
    }

    private func refuse(_ error: RPCError) {
        fail(error)
        outstanding = 0
        giveBack()
    }

    private func message(_ envelope: EnvelopeReader.Envelope) throws(RPCError) -> Chunk {
        guard envelope.flags & ~Flags.compressed == 0 else {
            throw RPCError(.invalidArgument, "an envelope has the flags \(envelope.flags), which no request has")
        }
        var body = envelope.body
        if envelope.flags & Flags.compressed != 0 {
            guard ContentCodings.isCompressing(encoding) else {
                throw RPCError(.internal, "an envelope is compressed, but connect-content-encoding names no encoding")
            }
            do {
                body = try acceptor.codings.inflate(body, limit: acceptor.settings.maxMessageBytes)
            } catch {
                throw RPCError(error)
            }
        }
        guard codec == .json else { return body }
        return try body.withUnsafeBytes { (bytes) throws(RPCError) in try method.request(bytes) }
    }

    /// The client may go on when the call has taken everything: what one message became has no size in the client's bytes.
    private func giveBack() {
        guard outstanding <= 0, owed > 0 else { return }
        let count = owed
        owed = 0
        outer?.consume(count)
    }

    override func consume(_ count: Int) {
        guard !passesRequests else { return super.consume(count) }
        outstanding -= count
        giveBack()
    }

    // MARK: Replies

    override func send(head: Fields, end: Bool) {
        sendHead(end ? Fields() : head)
        if end { sendEnd(head) }
    }

    private func sendHead(_ leading: Fields) {
        guard !hasSentHead else { return }
        hasSentHead = true
        var head: Fields = [":status": "200"]
        head.append(.contentType, WebContent(.connectStreaming, codec).text)
        head.append("connect-accept-encoding", ContentCodings.supported)
        if takesGzip { head.append("connect-content-encoding", ContentCodings.supported) }
        ForeignFields.append(leading, to: &head)
        respond(head, end: false)
    }

    override func send(_ chunk: Chunk, end: Bool) {
        if passesReplies {
            respond(chunk, end: false)
        } else {
            replies.append(chunk)
            do {
                while let envelope = try replies.next() { try sendReply(envelope.body) }
            } catch let error as RPCError {
                return fail(error)
            } catch {
                return fail(RPCError(.resourceExhausted, "a reply is over the limit"))
            }
        }
        if end { fail(RPCError(.internal, "the replies ended without a status")) }
    }

    private func sendReply(_ message: Chunk) throws(RPCError) {
        var body = message
        if codec == .json { body = try message.withUnsafeBytes { (bytes) throws(RPCError) in try method.reply(bytes) } }
        if takesGzip, let smaller = acceptor.codings.deflate(body, headroom: EnvelopeReader.prefixLength) {
            respond(EnvelopeReader.frame(smaller, flags: Flags.compressed), end: false)
        } else {
            respond(EnvelopeReader.frame(body, flags: 0), end: false)
        }
    }

    override func send(trailers: Fields) { sendEnd(trailers) }

    private func sendEnd(_ trailers: Fields) {
        let status = StatusTrailers(trailers)
        end(status.code == .ok ? nil : ConnectError(trailers, status), trailers)
    }

    override func answer(_ error: RPCError) {
        sendHead(Fields())
        end(ConnectError(error), Fields())
    }

    /// `{"error":{...},"metadata":{"name":["value"]}}`
    private func end(_ error: ConnectError?, _ trailers: Fields) {
        var text = ConnectText()
        text.open("{")
        if let error {
            text.key("error")
            error.write(to: &text)
        }
        var names: [String] = []
        for field in trailers where ForeignFields.isMetadata(field) && !names.contains(field.name) {
            names.append(field.name)
        }
        if !names.isEmpty {
            text.key("metadata")
            text.open("{")
            for name in names {
                text.key(name)
                text.open("[")
                for field in trailers where field.nameEquals(name) { text.element(field.value) }
                text.close("]")
            }
            text.close("}")
        }
        text.close("}")
        respond(EnvelopeReader.frame(Chunk(text.bytes), flags: Flags.endOfStream), end: true)
    }
}
