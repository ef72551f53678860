import Bytes

/// The head of a request, read line by line, so that a bad line is refused when it comes and not when the head ends.
///
/// Everything that two readers of the same bytes could understand differently is refused, because that is what request
/// smuggling is made of (RFC 9112 §11.2): a length given twice or in two ways, whitespace around names, folded lines, bare
/// CR or LF, an unknown transfer coding.
struct RequestParser {
    private let limits: HTTP1Limits
    private let scheme: String

    private var method: [UInt8] = []
    private var path: [UInt8] = []
    private var authority: [UInt8]?
    private var isOneZero = false

    /// Fields of the head, or of the trailers, as they came, with lower-case names.
    private var fields = Fields()
    private var hosts = 0
    private var length: Int?
    private var isChunked = false
    /// Names that `connection` calls fields of this connection.
    private var nominated: [[UInt8]] = []
    private var expectsContinue = false

    init(limits: HTTP1Limits, scheme: String) {
        self.limits = limits
        self.scheme = scheme
    }

    // MARK: Request line

    /// Reads `method SP request-target SP HTTP-version` (RFC 9112 §3).
    mutating func requestLine(_ line: ArraySlice<UInt8>) throws(HTTP1Fault) {
        let parts = line.split(separator: 0x20, maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0].allSatisfy(Grammar.isToken), !parts[0].isEmpty, !parts[1].isEmpty else {
            throw HTTP1Fault(400, "the request line is malformed")
        }
        method = Array(parts[0])
        try version(parts[2])
        guard parts[1].allSatisfy(Grammar.isVisible) else {
            throw HTTP1Fault(400, "the request target has a character that is not allowed")
        }
        try target(parts[1])
    }

    private mutating func version(_ text: ArraySlice<UInt8>) throws(HTTP1Fault) {
        let bytes = Array(text)
        guard bytes.count == 8, bytes.starts(with: "HTTP/".utf8), Grammar.isDigit(bytes[5]), bytes[6] == 0x2E,
            Grammar.isDigit(bytes[7])
        else {
            throw HTTP1Fault(400, "the request line is malformed")
        }
        guard bytes[5] == UInt8(ascii: "1") else {
            throw HTTP1Fault(505, "only HTTP/1 is spoken here")
        }
        isOneZero = bytes[7] == UInt8(ascii: "0")
    }

    /// The four forms of RFC 9112 §3.2.
    private mutating func target(_ text: ArraySlice<UInt8>) throws(HTTP1Fault) {
        guard !method.elementsEqual("CONNECT".utf8) else {
            throw HTTP1Fault(501, "tunnels are not made here")
        }
        guard !text.contains(UInt8(ascii: "#")) else {
            throw HTTP1Fault(400, "the request target has a fragment")
        }
        if text.first == UInt8(ascii: "/") {
            path = Array(text)
        } else if text.elementsEqual("*".utf8), method.elementsEqual("OPTIONS".utf8) {
            path = Array(text)
        } else {
            try absoluteTarget(text)
        }
    }

    private mutating func absoluteTarget(_ text: ArraySlice<UInt8>) throws(HTTP1Fault) {
        let prefix = ["http://", "https://"].first { Grammar.spells(text.prefix($0.utf8.count), $0) }
        guard let prefix else {
            throw HTTP1Fault(400, "the request target has no form that is known")
        }
        let rest = text.dropFirst(prefix.utf8.count)
        let end = rest.firstIndex { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "?") } ?? rest.endIndex
        guard Grammar.isAuthority(rest[..<end]) else {
            throw HTTP1Fault(400, "the request target names no valid host")
        }
        authority = Array(rest[..<end])
        path = Array(rest[end...])
        if path.first != UInt8(ascii: "/") {
            path.insert(UInt8(ascii: "/"), at: 0)
        }
    }

    // MARK: Fields

    /// Reads `name ":" OWS value OWS` (RFC 9112 §5) of the head.
    mutating func headField(_ line: ArraySlice<UInt8>) throws(HTTP1Fault) {
        let (name, value) = try split(line)
        switch known(name) {
        case .host: try host(value)
        case .contentLength: try contentLength(value)
        case .transferEncoding: try transferEncoding(value)
        case .connection: nominated += Grammar.list(value).map { Array($0) }
        default:
            if Grammar.spells(name, "expect") { try expect(value) }
        }
        append(name, value)
    }

    /// Reads a field of the trailers, which must not change how the request is framed or routed (RFC 9110 §6.5.1).
    mutating func trailerField(_ line: ArraySlice<UInt8>) throws(HTTP1Fault) {
        let (name, value) = try split(line)
        switch known(name) {
        case .host, .contentLength, .transferEncoding, .connection, .te, .contentType, .authorization:
            throw HTTP1Fault(400, "a trailer field belongs into the head")
        default:
            append(name, value)
        }
    }

    private func split(
        _ line: ArraySlice<UInt8>
    ) throws(HTTP1Fault) -> (name: [UInt8], value: ArraySlice<UInt8>) {
        guard fields.count < limits.maxFieldCount else {
            throw HTTP1Fault(431, "there are too many fields")
        }
        if let first = line.first, Grammar.isSpace(first) {
            throw HTTP1Fault(400, "a field is folded")
        }
        guard let colon = line.firstIndex(of: UInt8(ascii: ":")), Grammar.isToken(line[..<colon]) else {
            throw HTTP1Fault(400, "a field name is malformed")
        }
        let value = Grammar.trimmed(line[(colon + 1)...])
        guard value.allSatisfy(Grammar.isFieldValue) else {
            throw HTTP1Fault(400, "a field value has a character that is not allowed")
        }
        return (line[..<colon].map(Grammar.lowered), value)
    }

    private func known(_ name: [UInt8]) -> Fields.Name {
        name.withUnsafeBufferPointer { Fields.Name($0) }
    }

    private mutating func append(_ name: [UInt8], _ value: ArraySlice<UInt8>) {
        name.withUnsafeBufferPointer { name in
            value.withUnsafeBufferPointer { fields.append(name: name, value: $0) }
        }
    }

    private mutating func host(_ value: ArraySlice<UInt8>) throws(HTTP1Fault) {
        hosts += 1
        guard hosts == 1, Grammar.isAuthority(value) else {
            throw HTTP1Fault(400, "the host field is not one valid host")
        }
        if let authority {
            guard value.map(Grammar.lowered) == authority.map(Grammar.lowered) else {
                throw HTTP1Fault(400, "the host field and the request target differ")
            }
        } else {
            authority = Array(value)
        }
    }

    private mutating func contentLength(_ value: ArraySlice<UInt8>) throws(HTTP1Fault) {
        guard length == nil, !value.isEmpty, value.allSatisfy(Grammar.isDigit) else {
            throw HTTP1Fault(400, "content-length is not one number")
        }
        // 18 digits cannot overflow.
        let digits = value.drop { $0 == UInt8(ascii: "0") }
        guard digits.count <= 18 else { throw HTTP1Fault(413, "the body is too large") }
        length = digits.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
    }

    private mutating func transferEncoding(_ value: ArraySlice<UInt8>) throws(HTTP1Fault) {
        let codings = Grammar.list(value)
        guard !isChunked, !codings.isEmpty else {
            throw HTTP1Fault(400, "transfer-encoding is given twice, or empty")
        }
        guard codings.count == 1 else {
            let isLast = codings.last.map { Grammar.spells($0, "chunked") } ?? false
            let others = codings.dropLast().contains { Grammar.spells($0, "chunked") }
            throw isLast && !others
                ? HTTP1Fault(501, "the only transfer coding here is chunked")
                : HTTP1Fault(400, "chunked is not the last transfer coding")
        }
        guard Grammar.spells(value, "chunked") else {
            throw HTTP1Fault(501, "the only transfer coding here is chunked")
        }
        isChunked = true
    }

    private mutating func expect(_ value: ArraySlice<UInt8>) throws(HTTP1Fault) {
        guard Grammar.spells(value, "100-continue") else {
            throw HTTP1Fault(417, "the only expectation that is met here is 100-continue")
        }
        expectsContinue = true
    }

    // MARK: Result

    /// What the head says, once all of it was read.
    func finishHead() throws(HTTP1Fault) -> RequestHead {
        guard isOneZero || hosts == 1 else {
            throw HTTP1Fault(400, "the host field is missing")
        }
        if isChunked {
            guard length == nil else {
                throw HTTP1Fault(400, "content-length and transfer-encoding exclude each other")
            }
            guard !isOneZero else {
                throw HTTP1Fault(400, "HTTP/1.0 has no transfer-encoding")
            }
        }
        guard length ?? 0 <= limits.maxBody else { throw HTTP1Fault(413, "the body is too large") }
        let body: RequestHead.Body = isChunked ? .chunked : (length ?? 0) > 0 ? .length(length ?? 0) : .none
        let asksClose = nominated.contains { Grammar.spells($0, "close") }
        let asksKeepAlive = nominated.contains { Grammar.spells($0, "keep-alive") }
        return RequestHead(
            fields: endToEndFields(), body: body, isHead: method.elementsEqual("HEAD".utf8), isOneZero: isOneZero,
            keepsAlive: !asksClose && (!isOneZero || asksKeepAlive),
            expectsContinue: expectsContinue && !isOneZero && body != .none)
    }

    func finishTrailers() -> Fields { fields }

    private func endToEndFields() -> Fields {
        var result = Fields()
        result.reserve(fields: fields.count + 4, bytes: fields.listSize)
        func pseudo(_ name: Fields.Name, _ value: some Sequence<UInt8>) {
            result.append(name, String(decoding: Array(value), as: UTF8.self))
        }
        pseudo(.method, method)
        result.append(.scheme, scheme)
        if let authority { pseudo(.authority, authority) }
        pseudo(.path, path)
        for index in 0..<fields.count {
            fields.withBytes(at: index) { name, value in
                guard isEndToEnd(fields.name(at: index), name) else { return }
                result.append(name: name, value: value)
            }
        }
        return result
    }

    /// Whether a field goes on beyond this connection (RFC 9110 §7.6.1). What frames the message is never taken out,
    /// whatever `connection` says.
    private func isEndToEnd(_ known: Fields.Name, _ name: UnsafeBufferPointer<UInt8>) -> Bool {
        switch known {
        case .host, .connection, .transferEncoding, .te: return false
        case .contentLength: return true
        default: break
        }
        if Self.perConnection.contains(where: { Grammar.spells(name, $0) }) { return false }
        return !nominated.contains { $0.count == name.count && zip($0, name).allSatisfy { Grammar.lowered($0) == $1 } }
    }

    private static let perConnection = ["keep-alive", "proxy-connection", "upgrade", "expect", "http2-settings"]
}

/// A request's head, understood.
struct RequestHead {
    enum Body: Equatable {
        case none
        case length(Int)
        case chunked
    }

    var fields: Fields
    var body: Body
    var isHead: Bool
    var isOneZero: Bool
    /// The client would send another request on the connection.
    var keepsAlive: Bool
    /// The client waits for 100 Continue before it sends the body.
    var expectsContinue: Bool
}
