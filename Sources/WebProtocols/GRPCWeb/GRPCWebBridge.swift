import Bytes
import Exchange
import ProtoWire
import RPC

/// A call of gRPC-Web (gRPC PROTOCOL-WEB).
///
/// The body is gRPC's own and passes untouched, or through base64. Only the end differs: trailers are the last frame of the
/// body, or, where nothing else was said, fields of the head.
final class GRPCWebBridge: Bridge {
    private let content: WebContent
    private var text: Base64Stream?
    private let answersText: Bool
    /// Of the bytes handed to the call, those that it has not consumed may stay; base64's surplus was given back.
    private static let failed: Fields = ["grpc-status": "13", "grpc-message": "the reply ended without a status"]

    init(_ request: WebRequest, _ content: WebContent, _ acceptor: WebAcceptor) {
        self.content = content
        text = content.form == .grpcWebText ? Base64Stream() : nil
        // Clients of the text form say so in both fields; some send binary and take text.
        let accepted = request.head["accept"] ?? ""
        answersText = content.form == .grpcWebText || accepted.contains("application/grpc-web-text")
        super.init(request, acceptor)
    }

    override func start(_ request: WebRequest) {
        var head = request.head
        head.set(.contentType, "application/grpc")
        head.removeAll(.contentLength)
        if head[.te] == nil { head.append(.te, "trailers") }
        open(head, request)
        if request.hasEnded { heard(.empty, end: true) }
    }

    // MARK: The request

    override func heard(_ chunk: Chunk, end: Bool) {
        guard wants(chunk, end: end) else { return }
        guard text != nil else {
            inner?.heard(chunk, end: end)
            return
        }
        guard let decoded = text?.decode(chunk, end: end) else {
            outer?.consume(chunk.count)
            return fail(RPCError(.internal, "the body is not base64"))
        }
        outer?.consume(chunk.count - decoded.count)
        if !decoded.isEmpty || end { inner?.heard(decoded, end: end) }
    }

    // MARK: The answer

    override func send(head: Fields, end: Bool) {
        var head = head
        head.set(.contentType, WebContent(answersText ? .grpcWebText : .grpcWeb, .proto).text)
        respond(head, end: end)
    }

    override func send(_ chunk: Chunk, end: Bool) {
        respond(encoded(chunk), end: false)
        // gRPC ends with trailers; a body that does not is no answer.
        if end { send(trailers: GRPCWebBridge.failed) }
    }

    override func send(trailers: Fields) {
        respond(encoded(TrailerFrame.frame(trailers)), end: true)
    }

    override func answer(_ error: RPCError) {
        var head: Fields = [":status": "200", "grpc-status": String(error.code.rawValue)]
        head.append(.grpcMessage, PercentCoding.encode(error.message))
        send(head: head, end: true)
    }

    /// Each piece is padded for itself, so that a client can decode it when it comes.
    private func encoded(_ chunk: Chunk) -> Chunk {
        answersText ? Base64Stream.encode(chunk) : chunk
    }

    override var room: Int {
        let room = outer?.room ?? 0
        return answersText ? room / 4 * 3 : room
    }
}

/// The trailers of gRPC-Web: an envelope whose flags have the highest bit, with a line for each field.
enum TrailerFrame {
    static let flag: UInt8 = 0x80

    static func frame(_ trailers: Fields) -> Chunk {
        var block: [UInt8] = []
        for index in 0..<trailers.count {
            trailers.withBytes(at: index) { name, value in
                block.append(contentsOf: name)
                block.append(contentsOf: [UInt8(ascii: ":"), UInt8(ascii: " ")])
                // Nothing may begin a line of its own, wherever it came from.
                block.append(contentsOf: value.lazy.map { $0 == 0x0D || $0 == 0x0A ? 0x20 : $0 })
                block.append(contentsOf: [0x0D, 0x0A])
            }
        }
        return EnvelopeReader.frame(block.withUnsafeBytes { Chunk(copying: $0, headroom: 5) }, flags: flag)
    }
}
