import Bytes
import HTTP1

/// A client's end of a session in memory, and what the session did, one line for each event.
final class Script {
    let session: HTTP1Session
    var heard: [String] = []
    var written = ""
    /// Answers each request when it was read to its end.
    var answers: HTTP1Response?
    private var body = 0

    init(limits: HTTP1Limits = HTTP1Limits(), answers: HTTP1Response? = nil) {
        session = HTTP1Session(limits: limits)
        self.answers = answers
    }

    /// Feeds `text` in pieces of `piece` bytes, as the driver does: input, events, output.
    @discardableResult
    func send(_ text: String, piece: Int = .max) -> Script {
        send(Array(text.utf8), piece: piece)
    }

    @discardableResult
    func send(_ bytes: [UInt8], piece: Int = .max) -> Script {
        var rest = bytes[...]
        while !rest.isEmpty {
            Array(rest.prefix(piece)).withUnsafeBytes { session.receive($0) }
            rest = rest.dropFirst(min(piece, rest.count))
            turn()
        }
        return self
    }

    func turn() {
        takeEvents()
        while session.takeOutput(.max, { self.written += String(decoding: $0, as: UTF8.self) }) {}
        takeEvents()
    }

    private func takeEvents() {
        while let event = session.nextEvent() {
            note(event)
            let isEnd =
                switch event {
                case .request(_, let end), .chunk(_, let end): end
                case .trailers: true
                default: false
                }
            if isEnd, let answers { session.send(answers) }
        }
    }

    /// Chunks of a body are one line, however they came.
    private func note(_ event: HTTP1Event) {
        switch event {
        case .request(let fields, let end): heard.append("request \(describe(fields))\(end ? " end" : "")")
        case .chunk(let chunk, let end):
            session.consume(chunk.count)
            let text = chunk.count > 64 ? "#\(chunk.count)" : String(decoding: chunk.array, as: UTF8.self)
            if let last = heard.last, last.hasPrefix("body "), !last.hasSuffix(" end") {
                heard[heard.count - 1] += text + (end ? " end" : "")
            } else {
                heard.append("body \(text)\(end ? " end" : "")")
            }
        case .trailers(let fields): heard.append("trailers \(describe(fields))")
        case .drained: heard.append("drained")
        case .finished: heard.append("finished")
        case .failed(let fault): heard.append("failed \(fault.status)")
        }
    }
}

/// `GET http a.example / name=value`
func describe(_ fields: Fields) -> String {
    fields.map { $0.name.hasPrefix(":") ? $0.value : "\($0.name)=\($0.value)" }.joined(separator: " ")
}
