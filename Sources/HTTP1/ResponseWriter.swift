import Bytes

/// Writes one response: decides how its body is delimited, and keeps to it (RFC 9112 §6).
struct ResponseWriter {
    /// The head was taken but not written yet: the first chunk may tell the length of the body.
    private var pending: Fields?
    private var body = Body.undecided
    private let isToHead: Bool
    private let isOneZero: Bool
    /// The connection can carry another response after this one.
    var keepsAlive: Bool
    private(set) var isDone = false

    private enum Body {
        case undecided
        /// Nothing is written, whatever is sent: HEAD, 204, 304.
        case none
        case length(Int)
        case chunked
        /// The end of the connection is the end of the body: HTTP/1.0 alone.
        case untilClose
    }

    init(to head: RequestHead) {
        isToHead = head.isHead
        isOneZero = head.isOneZero
        keepsAlive = head.keepsAlive
    }

    var hasHead: Bool {
        if case .undecided = body { pending != nil } else { true }
    }

    /// What went out cannot be taken back.
    var didWriteHead: Bool {
        if case .undecided = body { false } else { true }
    }

    /// An interim response, which HTTP/1.0 does not know.
    func interim(_ head: Fields, to output: inout OutputBuffer) {
        guard !isOneZero, !hasHead, let status = Self.status(head), status != 101 else { return }
        output.append("HTTP/1.1 \(status) \(Self.reason(status))\r\n")
        Self.write(head, to: &output)
        output.append("\r\n")
    }

    mutating func head(_ head: Fields, end: Bool, date: String, to output: inout OutputBuffer) {
        precondition(!hasHead, "a response has one final head")
        var head = head
        if !date.isEmpty, head["date"] == nil { head.append("date", date) }
        pending = head
        if end {
            writeHead(bodyLength: 0, to: &output)
            finish()
        }
    }

    mutating func chunk(_ chunk: Chunk, end: Bool, to output: inout OutputBuffer) {
        precondition(hasHead, "bytes come after the head")
        writeHead(bodyLength: end ? chunk.count : nil, to: &output)
        write(chunk, to: &output)
        if end { finishBody(trailers: nil, to: &output) }
    }

    mutating func trailers(_ trailers: Fields, to output: inout OutputBuffer) {
        precondition(hasHead, "trailers come after the head")
        // Without a byte of body there is nothing that could be chunked for the trailers' sake but the trailers.
        writeHead(bodyLength: nil, to: &output)
        finishBody(trailers: trailers, to: &output)
    }

    /// Writes the head if it waits; `bodyLength` is the whole body's, where it is known.
    mutating func writeHead(bodyLength: Int?, to output: inout OutputBuffer) {
        guard let head = pending else { return }
        pending = nil
        let status = Self.status(head) ?? 500
        let declared = head[.contentLength].flatMap { Int($0) }
        decideBody(status, declared: declared, known: bodyLength)
        output.append("HTTP/1.1 \(status) \(Self.reason(status))\r\n")
        Self.write(head, to: &output)
        switch body {
        case .undecided: preconditionFailure("the body was just decided")
        case .none:
            // The length that a GET would have had, if it is known (RFC 9110 §8.6).
            if let declared, status != 204 { output.append("content-length: \(declared)\r\n") }
        case .length(let length): output.append("content-length: \(length)\r\n")
        case .chunked: output.append("transfer-encoding: chunked\r\n")
        case .untilClose: break
        }
        if !keepsAlive {
            output.append("connection: close\r\n")
        } else if isOneZero {
            output.append("connection: keep-alive\r\n")
        }
        output.append("\r\n")
    }

    private mutating func decideBody(_ status: Int, declared: Int?, known: Int?) {
        if isToHead || status == 204 || status == 304 {
            body = .none
        } else if let length = declared ?? known {
            body = .length(max(0, length))
        } else if isOneZero {
            body = .untilClose
            keepsAlive = false
        } else {
            body = .chunked
        }
    }

    private mutating func write(_ chunk: Chunk, to output: inout OutputBuffer) {
        guard !chunk.isEmpty else { return }
        switch body {
        case .undecided, .none:
            break
        case .length(let left):
            // More than was declared would be read as the next response.
            var part = chunk
            output.append(chunk.count > left ? part.takePrefix(left) : chunk)
            body = .length(max(0, left - chunk.count))
            if chunk.count > left { keepsAlive = false }
        case .chunked:
            output.append("\(String(chunk.count, radix: 16))\r\n")
            output.append(chunk)
            output.append("\r\n")
        case .untilClose:
            output.append(chunk)
        }
    }

    private mutating func finishBody(trailers: Fields?, to output: inout OutputBuffer) {
        if case .chunked = body {
            output.append("0\r\n")
            if let trailers { Self.write(trailers, to: &output) }
            output.append("\r\n")
        }
        finish()
    }

    private mutating func finish() {
        // Less than was declared: only the end of the connection tells the client.
        if case .length(let left) = body, left > 0 { keepsAlive = false }
        isDone = true
    }

    // MARK: Fields

    private static func status(_ head: Fields) -> Int? {
        head[.status].flatMap { Int($0) }.flatMap { (100...999).contains($0) ? $0 : nil }
    }

    /// Writes what may stand in a response: no pseudo-header fields, nothing about the connection, and nothing that would
    /// begin a line of its own, wherever it came from.
    private static func write(_ fields: Fields, to output: inout OutputBuffer) {
        for index in 0..<fields.count {
            switch fields.name(at: index) {
            case .connection, .transferEncoding, .contentLength, .te: continue
            default: break
            }
            fields.withBytes(at: index) { name, value in
                guard Grammar.isToken(name), !Grammar.spells(name, "keep-alive"), !Grammar.spells(name, "upgrade"),
                    !Grammar.spells(name, "proxy-connection")
                else { return }
                output.append(name)
                output.append(": ")
                output.append(value.map { Grammar.isFieldValue($0) ? $0 : 0x20 })
                output.append("\r\n")
            }
        }
    }

    /// The reason phrases of RFC 9110 §15; nobody reads them but people.
    static func reason(_ status: Int) -> String {
        switch status {
        case 100: "Continue"
        case 103: "Early Hints"
        case 200: "OK"
        case 201: "Created"
        case 202: "Accepted"
        case 204: "No Content"
        case 206: "Partial Content"
        case 301: "Moved Permanently"
        case 302: "Found"
        case 304: "Not Modified"
        case 307: "Temporary Redirect"
        case 308: "Permanent Redirect"
        case 400: "Bad Request"
        case 401: "Unauthorized"
        case 403: "Forbidden"
        case 404: "Not Found"
        case 405: "Method Not Allowed"
        case 408: "Request Timeout"
        case 409: "Conflict"
        case 412: "Precondition Failed"
        case 413: "Content Too Large"
        case 414: "URI Too Long"
        case 415: "Unsupported Media Type"
        case 417: "Expectation Failed"
        case 429: "Too Many Requests"
        case 431: "Request Header Fields Too Large"
        case 499: "Client Closed Request"
        case 500: "Internal Server Error"
        case 501: "Not Implemented"
        case 502: "Bad Gateway"
        case 503: "Service Unavailable"
        case 504: "Gateway Timeout"
        case 505: "HTTP Version Not Supported"
        default: "Status"
        }
    }
}
