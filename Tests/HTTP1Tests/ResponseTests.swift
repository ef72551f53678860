import Bytes
import HTTP1
import Testing

/// How responses are written, and what follows them on the connection.
struct ResponseTests {
    typealias Steps = @Sendable (HTTP1Session) -> Void

    struct Row: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var request: String
        var steps: Steps
        var written: String
        var closes: Bool

        init(_ rule: String, _ request: String = get(), closes: Bool = false, written: String, _ steps: @escaping Steps)
        {
            testDescription = rule
            self.request = request
            self.written = written
            self.closes = closes
            self.steps = steps
        }
    }

    static func get(_ method: String = "GET", _ version: String = "1.1", _ fields: String...) -> String {
        "\(method) / HTTP/\(version)\r\nHost: a\r\n" + fields.map { $0 + "\r\n" }.joined() + "\r\n"
    }

    static func head(_ status: Int, _ fields: (String, String)...) -> Fields {
        var head: Fields = [":status": String(status)]
        for (name, value) in fields { head.append(name, value) }
        return head
    }

    static let lengths: [Row] = [
        Row("a head that ends has no body", written: "HTTP/1.1 200 OK|content-length: 0||") {
            $0.send(head: head(200), end: true)
        },
        Row("one chunk tells its length", written: "HTTP/1.1 200 OK|x: y|content-length: 3||abc") {
            $0.send(head: head(200, ("x", "y")), end: false)
            $0.send(Chunk("abc"), end: true)
        },
        Row("a declared length is kept", written: "HTTP/1.1 200 OK|content-length: 4||abcd") {
            $0.send(head: head(200, ("content-length", "4")), end: false)
            $0.send(Chunk("ab"), end: false)
            $0.send(Chunk("cd"), end: true)
        },
        Row(
            "several chunks are chunked", written: "HTTP/1.1 200 OK|transfer-encoding: chunked||2|ab|1|c|0||"
        ) {
            $0.send(head: head(200), end: false)
            $0.send(Chunk("ab"), end: false)
            $0.send(.empty, end: false)
            $0.send(Chunk("c"), end: true)
        },
        Row(
            "trailers end a chunked body",
            written: "HTTP/1.1 200 OK|transfer-encoding: chunked||1|a|0|grpc-status: 0||"
        ) {
            $0.send(head: head(200), end: false)
            $0.send(Chunk("a"), end: false)
            $0.send(trailers: ["grpc-status": "0"])
        },
        Row("trailers without a chunk", written: "HTTP/1.1 200 OK|transfer-encoding: chunked||0|t: 1||") {
            $0.send(head: head(200), end: false)
            $0.send(trailers: ["t": "1"])
        },
        Row(
            "trailers behind a declared length are dropped", written: "HTTP/1.1 200 OK|content-length: 1||a"
        ) {
            $0.send(head: head(200, ("content-length", "1")), end: false)
            $0.send(Chunk("a"), end: false)
            $0.send(trailers: ["t": "1"])
        },
        Row("HEAD has no body and no length of one", get("HEAD"), written: "HTTP/1.1 200 OK||") {
            $0.send(head: head(200), end: false)
            $0.send(Chunk("abc"), end: true)
        },
        Row("HEAD keeps the length that is declared", get("HEAD"), written: "HTTP/1.1 200 OK|content-length: 3||") {
            $0.send(head: head(200, ("content-length", "3")), end: true)
        },
        Row("204 has no body and no length", written: "HTTP/1.1 204 No Content||") {
            $0.send(head: head(204, ("content-length", "3")), end: false)
            $0.send(Chunk("abc"), end: true)
        },
        Row("304 has no body", written: "HTTP/1.1 304 Not Modified||") { $0.send(head: head(304), end: true) },
        Row(
            "more than was declared is cut off, and the connection ends", closes: true,
            written: "HTTP/1.1 200 OK|content-length: 2||ab"
        ) {
            $0.send(head: head(200, ("content-length", "2")), end: false)
            $0.send(Chunk("abc"), end: true)
        },
        Row(
            "less than was declared ends the connection", closes: true,
            written: "HTTP/1.1 200 OK|content-length: 4||abc"
        ) {
            $0.send(head: head(200, ("content-length", "4")), end: false)
            $0.send(Chunk("abc"), end: true)
        },
    ]

    static let connections: [Row] = [
        Row(
            "a client that closes is answered so", get("GET", "1.1", "Connection: Close"), closes: true,
            written: "HTTP/1.1 200 OK|content-length: 0|connection: close||"
        ) { $0.send(head: head(200), end: true) },
        Row(
            "close stands in a list as well", get("GET", "1.1", "Connection: x, close"), closes: true,
            written: "HTTP/1.1 200 OK|content-length: 0|connection: close||"
        ) { $0.send(head: head(200), end: true) },
        Row(
            "HTTP/1.0 closes", get("GET", "1.0"), closes: true,
            written: "HTTP/1.1 200 OK|content-length: 0|connection: close||"
        ) { $0.send(head: head(200), end: true) },
        Row(
            "HTTP/1.0 may ask to stay", get("GET", "1.0", "Connection: keep-alive"),
            written: "HTTP/1.1 200 OK|content-length: 0|connection: keep-alive||"
        ) { $0.send(head: head(200), end: true) },
        Row(
            "HTTP/1.0 knows no chunks", get("GET", "1.0", "Connection: keep-alive"), closes: true,
            written: "HTTP/1.1 200 OK|connection: close||ab"
        ) {
            $0.send(head: head(200), end: false)
            $0.send(Chunk("a"), end: false)
            $0.send(Chunk("b"), end: true)
        },
        Row(
            "what a handler says of the connection is dropped",
            written: "HTTP/1.1 200 OK|content-length: 0||"
        ) {
            $0.send(
                head: head(
                    200, ("connection", "x"), ("transfer-encoding", "gzip"), ("keep-alive", "1"), ("upgrade", "y")),
                end: true)
        },
        Row(
            "a value cannot begin a line", written: "HTTP/1.1 200 OK|x: a  b: c|content-length: 0||"
        ) { $0.send(head: head(200, ("x", "a\r\nb: c"), ("bad name", "d"), (":authority", "e")), end: true) },
        Row(
            "an interim response comes before",
            written: "HTTP/1.1 103 Early Hints|link: x||HTTP/1.1 200 OK|content-length: 0||"
        ) {
            $0.send(head: head(103, ("link", "x")), end: false)
            $0.send(head: head(200), end: true)
        },
        Row(
            "HTTP/1.0 gets no interim response", get("GET", "1.0"), closes: true,
            written: "HTTP/1.1 200 OK|content-length: 0|connection: close||"
        ) {
            $0.send(head: head(103), end: false)
            $0.send(head: head(200), end: true)
        },
        Row("an unknown status has a phrase", written: "HTTP/1.1 299 Status|content-length: 0||") {
            $0.send(head: head(299), end: true)
        },
        Row("a status that is none is our fault", written: "HTTP/1.1 500 Internal Server Error|content-length: 0||") {
            $0.send(head: [":status": "teapot"], end: true)
        },
        Row("an abort closes without an answer", closes: true, written: "") { $0.abort() },
        Row(
            "an abort within a body leaves it open", closes: true,
            written: "HTTP/1.1 200 OK|transfer-encoding: chunked||1|a|"
        ) {
            $0.send(head: head(200), end: false)
            $0.send(Chunk("a"), end: false)
            $0.abort()
            $0.send(Chunk("b"), end: true)
        },
        Row(
            "draining ends the connection with this response", closes: true,
            written: "HTTP/1.1 200 OK|content-length: 0|connection: close||"
        ) {
            $0.drain()
            $0.send(head: head(200), end: true)
        },
        Row("a date is added", written: "HTTP/1.1 200 OK|date: now|content-length: 0||") {
            $0.date = "now"
            $0.send(head: head(200), end: true)
        },
        Row(
            "a small response is sent whole",
            written: "HTTP/1.1 200 OK|content-type: text/plain; charset=utf-8|content-length: 2||ok"
        ) {
            $0.send(HTTP1Response(200, text: "ok"))
        },
    ]

    @Test("a response is written as its rule says", arguments: lengths + connections)
    func write(_ row: Row) {
        let script = Script()
        script.send(row.request)
        row.steps(script.session)
        script.turn()
        #expect(script.written.replacing("\r\n", with: "|") == row.written)
        #expect(script.session.wantsClose == row.closes)
        #expect(script.session.isIdle == !row.closes)
    }

    static let ok = HTTP1Response(200, text: "ok")
    static let okText = "HTTP/1.1 200 OK\r\ncontent-type: text/plain; charset=utf-8\r\ncontent-length: 2\r\n\r\nok"

    @Test("limits are per request, not per connection")
    func limitsStartAnew() {
        var limits = HTTP1Limits()
        limits.maxBody = 5
        limits.maxFields = 60
        limits.maxChunkExtensions = 4
        let script = Script(limits: limits, answers: Self.ok)
        for _ in 0..<5 {
            script.send(
                "PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5;ab\r\n12345\r\n0\r\nx: y\r\n\r\n")
        }
        #expect(script.heard.count(where: { $0 == "finished" }) == 5)
    }

    @Test("requests that were sent ahead are answered one by one, in order", arguments: [1, 7, Int.max])
    func pipelining(_ piece: Int) {
        let script = Script(answers: Self.ok)
        let body = "POST /b HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi"
        script.send(Self.get() + body + Self.get("PUT"), piece: piece)
        #expect(
            script.heard == [
                "request GET http a / end", "finished", "request POST http a /b content-length=2", "body hi end",
                "finished", "request PUT http a / end", "finished",
            ])
        #expect(script.written == Self.okText + Self.okText + Self.okText)
    }

    @Test("a request that was sent ahead waits until the one before is answered")
    func pipelineWaits() {
        let script = Script().send(Self.get() + Self.get("PUT"))
        #expect(script.heard == ["request GET http a / end"])
        script.session.send(Self.ok)
        script.turn()
        #expect(script.heard.last == "request PUT http a / end")
    }

    @Test("what follows a request that closes is never read")
    func nothingAfterClose() {
        let script = Script(answers: Self.ok).send(Self.get("GET", "1.1", "Connection: close") + Self.get("PUT"))
        #expect(script.heard == ["request GET http a / end", "finished"])
        #expect(script.session.wantsClose)
    }

    @Test("a client that waits is told to continue when output is taken, and not if it was answered")
    func expectContinue() {
        let request = "PUT / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n"
        let told = Script(answers: Self.ok).send(request)
        #expect(told.written == "HTTP/1.1 100 Continue\r\n\r\n")
        told.send("hi")
        #expect(told.written == "HTTP/1.1 100 Continue\r\n\r\n" + Self.okText)
        #expect(!told.session.wantsClose)

        let early = Script()
        Array(request.utf8).withUnsafeBytes { early.session.receive($0) }
        early.session.send(head: [":status": "413"], end: true)
        early.turn()
        #expect(early.written.contains("413") && !early.written.contains("100 Continue"))
        #expect(early.written.contains("connection: close") && early.session.wantsClose)

        let eager = Script(answers: Self.ok).send(request + "hi")
        #expect(eager.written == Self.okText)
    }

    @Test("what is left of a body is thrown away after an early answer, up to a limit")
    func discarding() {
        var limits = HTTP1Limits()
        limits.maxDiscarded = 100
        for (length, closes) in [(100, false), (101, true)] {
            let script = Script(limits: limits)
            script.send("PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: \(length)\r\n\r\n")
            script.session.send(Self.ok)
            script.turn()
            #expect(script.written == Self.okText)
            script.send(String(repeating: "x", count: length) + (closes ? "" : Self.get()), piece: 10)
            #expect(script.heard.contains("finished") && !script.heard.contains { $0.hasPrefix("body") })
            #expect(script.session.wantsClose == closes)
            #expect(script.heard.last == (closes ? "finished" : "request GET http a / end"))
        }
    }

    @Test("a fault within the body ends the exchange, with an answer if none was begun")
    func faultInBody() {
        let request = "PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
        let unanswered = Script().send(request + "zz\r\n")
        #expect(unanswered.heard.last == "failed 400" && unanswered.written.hasPrefix("HTTP/1.1 400 "))
        let begun = Script().send(request)
        begun.session.send(head: [":status": "200"], end: false)
        begun.turn()
        begun.send("zz\r\n")
        begun.session.send(Chunk("x"), end: true)
        begun.turn()
        #expect(begun.heard.last == "failed 400" && !begun.written.contains("400"))
        #expect(begun.session.wantsClose)
    }

    @Test("a client that ends its half is answered if its request was whole")
    func halfClose() {
        let whole = Script().send(Self.get())
        whole.session.receiveEnd()
        #expect(!whole.session.wantsClose)
        whole.session.send(Self.ok)
        whole.turn()
        #expect(whole.written.contains("connection: close") && whole.session.wantsClose)
        let torn = Script().send("GET / HT")
        torn.session.receiveEnd()
        torn.turn()
        #expect(torn.heard == ["failed 400"] && torn.session.wantsClose)
        let idle = Script()
        idle.session.receiveEnd()
        #expect(idle.session.wantsClose)
        let ahead = Script().send(Self.get() + Self.get("PUT"))
        ahead.session.receiveEnd()
        ahead.answers = Self.ok
        ahead.session.send(Self.ok)
        ahead.turn()
        #expect(ahead.heard.suffix(2) == ["request PUT http a / end", "finished"] && ahead.session.wantsClose)
    }

    @Test("a reader that does not consume, and a client that sends ahead, are left in the socket")
    func backPressure() {
        var limits = HTTP1Limits()
        limits.window = 10
        limits.maxPipelined = 50
        let session = HTTP1Session(limits: limits)
        func receive(_ text: String) { Array(text.utf8).withUnsafeBytes { session.receive($0) } }
        receive("PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 12\r\n\r\n")
        receive("123456789")
        #expect(session.wantsRead)
        receive("0")
        #expect(!session.wantsRead)
        session.consume(5)
        #expect(session.wantsRead)
        receive("12")
        receive(String(repeating: "x", count: 50))
        #expect(!session.wantsRead)
    }

    @Test("a full output has no room until it is drained")
    func marks() {
        var limits = HTTP1Limits()
        limits.highMark = 10_000
        limits.lowMark = 1000
        let session = HTTP1Session(limits: limits)
        Array(Self.get().utf8).withUnsafeBytes { session.receive($0) }
        session.send(head: [":status": "200"], end: false)
        session.send(Chunk([UInt8](repeating: 7, count: 12_000)), end: false)
        #expect(session.room < 0)
        var taken: [UInt8] = []
        #expect(session.takeOutput(5000) { taken += Array($0) })
        #expect(taken.count == 5000)
        var events: [HTTP1Event] = []
        while let event = session.nextEvent() { events.append(event) }
        #expect(events.count == 1)
        #expect(!session.takeOutput { taken += Array($0) })
        guard case .drained? = session.nextEvent() else {
            Issue.record("nothing said that there is room")
            return
        }
        #expect(taken.count > 12_000)
    }

    @Test("the last request that a connection may have is told so")
    func maxRequests() {
        var limits = HTTP1Limits()
        limits.maxRequests = 2
        let script = Script(limits: limits, answers: Self.ok).send(Self.get() + Self.get() + Self.get())
        #expect(script.heard.count == 4 && script.session.wantsClose)
        #expect(script.written.hasSuffix("connection: close\r\n\r\nok"))
    }
}
