import HTTP1
import Testing

/// What a request is, and what is none: one row for each rule of RFC 9112 and RFC 9110 that a session keeps.
struct RequestTests {
    struct Row: Sendable, CustomTestStringConvertible {
        var rule: String
        var input: String
        var heard: [String]
        var testDescription: String { rule }

        init(_ rule: String, _ input: String, _ heard: String...) {
            self.rule = rule
            self.input = input
            self.heard = heard
        }
    }

    /// A request with these lines after its request line and host.
    static func with(_ lines: String..., body: String = "") -> String {
        "POST /p HTTP/1.1\r\nHost: a\r\n" + lines.map { $0 + "\r\n" }.joined() + "\r\n" + body
    }

    static func get(_ target: String, host: String = "Host: a\r\n", version: String = "HTTP/1.1") -> String {
        "GET \(target) \(version)\r\n\(host)\r\n"
    }

    static let requestLines: [Row] = [
        Row("a request without a body ends with its head", get("/"), "request GET http a / end"),
        Row("the query belongs to the path", get("/a?b=c"), "request GET http a /a?b=c end"),
        Row("one empty line before a request is skipped", "\r\n" + get("/"), "request GET http a / end"),
        Row("two empty lines are not", "\r\n\r\n" + get("/"), "failed 400"),
        Row("two spaces in the request line are refused", get(" /"), "failed 400"),
        Row("a space in the target is refused", get("/a b"), "failed 400"),
        Row("a tab between the parts is refused", "GET\t/ HTTP/1.1\r\nHost: a\r\n\r\n", "failed 400"),
        Row("a space after the version is refused", get("/", version: "HTTP/1.1 "), "failed 400"),
        Row("a request line without a version is refused", "GET /\r\n", "failed 400"),
        Row("a lower-case version is refused", get("/", version: "http/1.1"), "failed 400"),
        Row("a version of two digits is refused", get("/", version: "HTTP/1.10"), "failed 400"),
        Row("a version without a dot is refused", get("/", version: "HTTP/111"), "failed 400"),
        Row("HTTP/2 is another protocol", get("/", version: "HTTP/2.0"), "failed 505"),
        Row("HTTP/0.9 is another protocol", get("/", version: "HTTP/0.9"), "failed 505"),
        Row("a later minor version is understood", get("/", version: "HTTP/1.2"), "request GET http a / end"),
        Row("a method that is no token is refused", "G(T / HTTP/1.1\r\nHost: a\r\n\r\n", "failed 400"),
        Row("a method of one's own is passed on", "BREW / HTTP/1.1\r\nHost: a\r\n\r\n", "request BREW http a / end"),
        Row("an empty method is refused", " / HTTP/1.1\r\nHost: a\r\n\r\n", "failed 400"),
        Row("tunnels are not made", "CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n", "failed 501"),
        Row("a fragment is refused", get("/a#b"), "failed 400"),
        Row("a target that is no path is refused", get("a"), "failed 400"),
        Row("a byte above ASCII in the target is refused", get("/\u{e9}"), "failed 400"),
        Row("a control character in the target is refused", get("/\u{1}"), "failed 400"),
        Row("a NUL in the target is refused", get("/\0"), "failed 400"),
        Row(
            "an asterisk is a target of OPTIONS", "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n",
            "request OPTIONS http a * end"),
        Row("an asterisk is no target of GET", get("*"), "failed 400"),
        Row(
            "an absolute target gives path and host", get("http://a/x?y", host: "Host: A\r\n"),
            "request GET http a /x?y end"),
        Row("an absolute target without a path means /", get("http://a"), "request GET http a / end"),
        Row("an absolute target with a query alone", get("HTTP://a?q"), "request GET http a /?q end"),
        Row("an absolute target of another host is refused", get("http://b/"), "failed 400"),
        Row("an absolute target without a host field is refused", get("http://a/", host: ""), "failed 400"),
        Row("an absolute target with a user is refused", get("http://u@a/", host: "Host: u@a\r\n"), "failed 400"),
        Row("another scheme is refused", get("ftp://a/"), "failed 400"),
        Row("a TLS hello is no request", "\u{16}\u{3}\u{1}\u{2}\0\u{1}\r\n", "failed 400"),
    ]

    static let hosts: [Row] = [
        Row("a host may have a port", get("/", host: "Host: a.example:80\r\n"), "request GET http a.example:80 / end"),
        Row("a host may be an IPv6 literal", get("/", host: "Host: [::1]:80\r\n"), "request GET http [::1]:80 / end"),
        Row("a host is required", get("/", host: ""), "failed 400"),
        Row("one host, not two", get("/", host: "Host: a\r\nHost: a\r\n"), "failed 400"),
        Row("an empty host is refused", get("/", host: "Host:\r\n"), "failed 400"),
        Row("a list of hosts is refused", get("/", host: "Host: a, b\r\n"), "failed 400"),
        Row("a host with a path is refused", get("/", host: "Host: a/b\r\n"), "failed 400"),
        Row("a host with a space is refused", get("/", host: "Host: a b\r\n"), "failed 400"),
        Row("a host with a bad port is refused", get("/", host: "Host: a:8x\r\n"), "failed 400"),
        Row("a host that is a port alone is refused", get("/", host: "Host: :80\r\n"), "failed 400"),
        Row("a literal that does not end is refused", get("/", host: "Host: [::1\r\n"), "failed 400"),
        Row("a literal with more behind it is refused", get("/", host: "Host: [::1]x\r\n"), "failed 400"),
        Row("a 1.0 client may name no host", get("/", host: "", version: "HTTP/1.0"), "request GET http / end"),
    ]

    static let fields: [Row] = [
        Row(
            "names are lowered, values trimmed", get("/", host: "Host: a\r\nX-A: \t b c \t\r\n"),
            "request GET http a / x-a=b c end"),
        Row("an empty value is a value", get("/", host: "Host: a\r\nx:\r\n"), "request GET http a / x= end"),
        Row(
            "bytes above ASCII are opaque", get("/", host: "Host: a\r\nx: \u{e9}\r\n"),
            "request GET http a / x=\u{e9} end"),
        Row("a space before the colon is refused", with("X-A : b"), "failed 400"),
        Row("a space before a length's colon is refused", with("Content-Length : 3"), "failed 400"),
        Row("a folded field is refused", with("x: a", " b"), "failed 400"),
        Row("a space before the first field is refused", "GET / HTTP/1.1\r\n Host: a\r\n\r\n", "failed 400"),
        Row("a field without a colon is refused", with("x"), "failed 400"),
        Row("a field without a name is refused", with(": x"), "failed 400"),
        Row("a name that is no token is refused", with("a b: x"), "failed 400"),
        Row("a pseudo-header field is no field", with(":path: /x"), "failed 400"),
        Row("a NUL in a value is refused", with("x: a\0b"), "failed 400"),
        Row("a control character in a value is refused", with("x: a\u{7f}b"), "failed 400"),
        Row("a bare LF ends no line", "GET / HTTP/1.1\nHost: a\n\n", "failed 400"),
        Row("a bare LF ends no field", "GET / HTTP/1.1\r\nHost: a\nx: b\r\n\r\n", "failed 400"),
        Row("a bare CR is refused", with("x: a\rb: c"), "failed 400"),
        Row("a second CR is refused", with("x: a\r"), "failed 400"),
        Row(
            "what concerns the connection alone is taken out",
            get(
                "/",
                host: "Host: a\r\nConnection: keep-alive, X-Mine\r\nX-Mine: 1\r\nKeep-Alive: 5\r\nTE: trailers\r\n"
                    + "Upgrade: h2c\r\nHTTP2-Settings: x\r\nProxy-Connection: y\r\nX-Other: 2\r\n"),
            "request GET http a / x-other=2 end"),
        Row(
            "connection cannot take the length out", with("Connection: content-length", "Content-Length: 1", body: "x"),
            "request POST http a /p content-length=1", "body x end"),
        Row("an expectation that nobody knows is refused", with("Expect: tea"), "failed 417"),
    ]

    static let bodies: [Row] = [
        Row(
            "a length delimits a body", with("Content-Length: 3", body: "abc"),
            "request POST http a /p content-length=3", "body abc end"),
        Row(
            "leading zeros are digits", with("Content-Length: 003", body: "abc"),
            "request POST http a /p content-length=003", "body abc end"),
        Row("a length of 0 is no body", with("Content-Length: 0"), "request POST http a /p content-length=0 end"),
        Row("two lengths are refused", with("Content-Length: 3", "Content-Length: 4"), "failed 400"),
        Row("the same length twice is refused", with("Content-Length: 3", "Content-Length: 3"), "failed 400"),
        Row("a list of lengths is refused", with("Content-Length: 3, 3"), "failed 400"),
        Row("a signed length is refused", with("Content-Length: +3"), "failed 400"),
        Row("a negative length is refused", with("Content-Length: -3"), "failed 400"),
        Row("a hexadecimal length is refused", with("Content-Length: 0x3"), "failed 400"),
        Row("a length with a fraction is refused", with("Content-Length: 3.0"), "failed 400"),
        Row("an empty length is refused", with("Content-Length:"), "failed 400"),
        Row("a length that no number holds is too large", with("Content-Length: 99999999999999999999"), "failed 413"),
        Row("a length above the limit is too large", with("Content-Length: 999999999"), "failed 413"),
        Row(
            "length and chunked exclude each other", with("Content-Length: 3", "Transfer-Encoding: chunked"),
            "failed 400"),
        Row(
            "chunked and length exclude each other", with("Transfer-Encoding: chunked", "Content-Length: 3"),
            "failed 400"),
        Row("chunked twice is refused", with("Transfer-Encoding: chunked", "Transfer-Encoding: chunked"), "failed 400"),
        Row("chunked twice in a list is refused", with("Transfer-Encoding: chunked, chunked"), "failed 400"),
        Row("chunked not last is refused", with("Transfer-Encoding: chunked, gzip"), "failed 400"),
        Row("other codings are not known", with("Transfer-Encoding: gzip, chunked"), "failed 501"),
        Row("identity is no coding any more", with("Transfer-Encoding: identity"), "failed 501"),
        Row("a coding with a control character is refused", with("Transfer-Encoding: \u{b}chunked"), "failed 400"),
        Row("a quoted coding is not known", with("Transfer-Encoding: \"chunked\""), "failed 501"),
        Row("an empty coding is refused", with("Transfer-Encoding:"), "failed 400"),
        Row(
            "the coding's case does not matter", with("Transfer-Encoding: Chunked", body: "0\r\n\r\n"),
            "request POST http a /p", "body  end"),
        Row(
            "HTTP/1.0 has no codings", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", "failed 400"),
    ]

    static func chunked(_ body: String) -> String { with("Transfer-Encoding: chunked", body: body) }

    static let chunks: [Row] = [
        Row(
            "chunks make a body", chunked("3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"), "request POST http a /p",
            "body abcde end"),
        Row(
            "sizes are hexadecimal in any case", chunked("a\r\n0123456789\r\nA\r\n0123456789\r\n0\r\n\r\n"),
            "request POST http a /p", "body 01234567890123456789 end"),
        Row(
            "extensions are passed over", chunked("1;a=b;c=\"d\"\r\nx\r\n0;e\r\n\r\n"), "request POST http a /p",
            "body x end"),
        Row(
            "trailers end a body", chunked("1\r\nx\r\n0\r\nX-T: u\r\n\r\n"), "request POST http a /p", "body x",
            "trailers x-t=u"),
        Row("an empty size is refused", chunked("\r\nx"), "request POST http a /p", "failed 400"),
        Row("a size with a sign is refused", chunked("+1\r\nx\r\n"), "request POST http a /p", "failed 400"),
        Row("a size with a prefix is refused", chunked("0x1\r\nx\r\n"), "request POST http a /p", "failed 400"),
        Row("a size with a space is refused", chunked("1 \r\nx\r\n"), "request POST http a /p", "failed 400"),
        Row("a size behind a space is refused", chunked(" 1\r\nx\r\n"), "request POST http a /p", "failed 400"),
        Row(
            "a size of 16 digits is refused", chunked("0000000000000001\r\nx\r\n"), "request POST http a /p",
            "failed 400"),
        Row(
            "a size that overflows is refused", chunked("fffffffffffffffff\r\n"), "request POST http a /p", "failed 400"
        ),
        Row("a size above the limit is too large", chunked("fffffff\r\n"), "request POST http a /p", "failed 413"),
        Row("a size line ends in CRLF", chunked("1\nx\r\n"), "request POST http a /p", "failed 400"),
        Row(
            "an extension with a bare CR is refused", chunked("1;a\rb\r\nx\r\n"), "request POST http a /p", "failed 400"
        ),
        Row(
            "a chunk longer than its size is refused", chunked("1\r\nxy\r\n"), "request POST http a /p", "body x",
            "failed 400"),
        Row(
            "a chunk that ends in LF is refused", chunked("1\r\nx\n0\r\n\r\n"), "request POST http a /p", "body x",
            "failed 400"),
        Row(
            "a trailer that frames is refused", chunked("0\r\nContent-Length: 3\r\n\r\n"), "request POST http a /p",
            "failed 400"),
        Row(
            "a trailer that routes is refused", chunked("0\r\nHost: b\r\n\r\n"), "request POST http a /p", "failed 400"),
        Row("a folded trailer is refused", chunked("0\r\nx: a\r\n b\r\n\r\n"), "request POST http a /p", "failed 400"),
    ]

    @Test(
        "a request is read as its rule says, whole and byte by byte",
        arguments: requestLines + hosts + fields + bodies + chunks)
    func read(_ row: Row) {
        #expect(Script().send(row.input).heard == row.heard)
        #expect(Script().send(row.input, piece: 1).heard == row.heard)
    }

    @Test("the answer to a fault has its status and ends the connection", arguments: [400, 413, 417, 501, 505])
    func faults(_ status: Int) throws {
        let rows = Self.requestLines + Self.bodies + Self.fields
        let row = try #require(rows.first { $0.heard == ["failed \(status)"] })
        let script = Script().send(row.input)
        #expect(script.written.hasPrefix("HTTP/1.1 \(status) "))
        #expect(script.written.contains("\r\nconnection: close\r\n"))
        #expect(script.session.wantsClose && !script.session.wantsRead)
        script.send(Self.get("/"))
        #expect(script.heard.count == 1)
    }

    struct LimitRow: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var input: String
        var heard: String
    }

    static let limits: HTTP1Limits = {
        var limits = HTTP1Limits()
        limits.maxRequestLine = 40
        limits.maxFields = 100
        limits.maxFieldCount = 4
        limits.maxBody = 10
        limits.maxChunkExtensions = 20
        return limits
    }()

    static func long(_ count: Int) -> String { String(repeating: "x", count: count) }

    static let limitRows: [LimitRow] = [
        LimitRow(
            testDescription: "a request line at its limit", input: get("/" + long(26)),
            heard: "request GET http a /\(long(26)) end"),
        LimitRow(testDescription: "a request line above it", input: get("/" + long(27)), heard: "failed 414"),
        LimitRow(testDescription: "a request line that never ends", input: "GET /" + long(100), heard: "failed 414"),
        LimitRow(
            testDescription: "a field that never ends", input: "GET / HTTP/1.1\r\nx: " + long(200), heard: "failed 431"),
        LimitRow(
            testDescription: "fields that together are too large", input: with("x: \(long(50))", "y: \(long(50))"),
            heard: "failed 431"),
        LimitRow(testDescription: "too many fields", input: with("a:", "b:", "c:", "d:"), heard: "failed 431"),
        LimitRow(testDescription: "a body above its limit", input: with("Content-Length: 11"), heard: "failed 413"),
        LimitRow(
            testDescription: "chunks that together are too large", input: chunked("6\r\nabcdef\r\n5\r\n"),
            heard: "request POST http a /p|body abcdef|failed 413"),
        LimitRow(
            testDescription: "extensions that together are too long",
            input: chunked("1;\(long(15))\r\nx\r\n1;\(long(25))\r\nx\r\n"),
            heard: "request POST http a /p|body x|failed 400"),
        LimitRow(
            testDescription: "trailers that are too large", input: chunked("0\r\nx: \(long(120))\r\n\r\n"),
            heard: "request POST http a /p|failed 431"),
    ]

    @Test("limits are kept", arguments: limitRows)
    func limit(_ row: LimitRow) {
        #expect(Script(limits: Self.limits).send(row.input).heard.joined(separator: "|") == row.heard)
        #expect(Script(limits: Self.limits).send(row.input, piece: 1).heard.joined(separator: "|") == row.heard)
    }
}
