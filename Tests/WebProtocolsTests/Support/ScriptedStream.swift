import Bytes
import Exchange

/// The client's end of an exchange that a test plays by hand: it writes down what is sent.
final class ScriptedStream: ExchangeStream {
    private let loop: ManualLoop
    private(set) var heads: [Fields] = []
    private(set) var pieces: [[UInt8]] = []
    private(set) var resets: [ResetCode] = []
    private(set) var consumed = 0
    private(set) var hasEnded = false
    var handler: (any ExchangeHandler)?
    var room = 1 << 20

    init(loop: ManualLoop) {
        self.loop = loop
    }

    var executor: any TaskExecutor { loop }
    var body: [UInt8] { pieces.flatMap { $0 } }
    var head: Fields { heads.last ?? Fields() }

    func send(head: Fields, end: Bool) {
        precondition(!hasEnded, "nothing is sent after the end")
        heads.append(head)
        hasEnded = end
    }

    func send(_ chunk: Chunk, end: Bool) {
        precondition(!hasEnded, "nothing is sent after the end")
        pieces.append(chunk.array)
        hasEnded = end
    }

    func send(trailers: Fields) {
        preconditionFailure("none of these protocols has trailers of HTTP")
    }

    func reset(_ code: ResetCode) {
        resets.append(code)
        end(.failed(Failure(.send, .cancelled, code: code)))
    }

    func consume(_ count: Int) { consumed += count }

    /// The transport says that it is over.
    func end(_ ending: Ending) {
        let handler = handler
        self.handler = nil
        handler?.ended(ending)
    }

    /// What was sent, as a person reads it: the head's lines, and the body with escapes for what is no text.
    var transcript: String {
        var lines = heads.flatMap { head in head.map { "\($0.name): \($0.value)" } }
        lines.append("")
        lines += body.isEmpty ? [] : [String(escaping: body)]
        return lines.joined(separator: "\n") + (hasEnded ? "\n" : "...\n")
    }
}

extension String {
    /// Printable ASCII as it is, other bytes as `\XX`.
    init(escaping bytes: [UInt8]) {
        self = bytes.map { byte in
            let hex = String(byte, radix: 16)
            return (0x20...0x7E).contains(byte) && byte != UInt8(ascii: "\\")
                ? String(UnicodeScalar(byte)) : "\\" + (hex.utf8.count == 1 ? "0" : "") + hex
        }.joined()
    }
}
