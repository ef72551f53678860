import HTTP1
import Testing
import Timebase

/// Random bytes never stop a session, and it never keeps more than its limits say.
struct HostileTests {
    static let words = [
        "GET ", "POST ", "/", " HTTP/1.1", " HTTP/1.0", "\r\n", "\r\n\r\n", "\n", "\r", "Host: a\r\n",
        "Content-Length: 5\r\n",
        "Transfer-Encoding: chunked\r\n", "5\r\nhello\r\n", "0\r\n\r\n", "hello", "Connection: close\r\n", ":", " ",
        "\t",
        "Expect: 100-continue\r\n", "GET / HTTP/1.1\r\nHost: a\r\n\r\n", "x: y\r\n", "\0", "ffffffff\r\n", ";a=b", ",",
    ]

    @Test("scraps of requests in any order", arguments: 0..<400)
    func scraps(_ seed: UInt64) {
        var chance = Chance(seed: seed)
        let script = Script(answers: chance.next() % 2 == 0 ? HTTP1Response(200, text: "ok") : nil)
        if chance.next() % 2 == 0 {
            script.send("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
        }
        for _ in 0..<60 {
            if chance.next() % 8 == 0 {
                script.send((0..<(chance.next() % 40)).map { _ in UInt8(truncatingIfNeeded: chance.next()) })
            } else {
                script.send(Self.words.randomElement(using: &chance) ?? "", piece: Int(1 + chance.next() % 9))
            }
        }
        script.session.receiveEnd()
        script.turn()
        #expect(script.heard.count(where: { $0.hasPrefix("failed") }) <= 1)
        #expect(!script.session.wantsRead)
    }

    @Test("a body of one-byte chunks becomes few events")
    func tinyChunks() {
        let session = HTTP1Session()
        let text =
            "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
            + String(repeating: "1\r\nx\r\n", count: 10_000)
        Array(text.utf8).withUnsafeBytes { session.receive($0) }
        var events = 0
        while session.nextEvent() != nil { events += 1 }
        #expect(events == 2)
    }
}
