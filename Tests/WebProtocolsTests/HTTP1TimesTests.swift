import RPC
import Reactor
import Simulation
import Testing
import Timebase
import Transport

@testable import WebProtocols

/// Clients of HTTP/1 that take their time, on a virtual clock.
@Suite("HTTP/1 and time")
struct HTTP1TimesTests {
    private let simulation = Simulation(seed: 1, conditions: .calm)
    private let notes = Notes()
    private let listener: Listener
    private let client: Host

    init() throws {
        let server = simulation.host("server", addresses: ["10.9.0.1"])
        client = simulation.host("client", addresses: ["10.9.0.2"])
        let loop = server.loop()
        let router = Router(timers: loop)
        router.add(Courses(notes: notes))
        let web = WebAcceptor(router, timers: loop)
        listener = try Listener.listen(
            on: .ip("10.9.0.1", port: 80), network: server.network, loop: loop, security: .plaintext, acceptor: web,
            protocols: HTTP1Connection.serving(web))
    }

    private func dial() throws -> any StreamSocket {
        guard case .begun(let socket) = client.network.connect(to: .ip("10.9.0.1", port: 80)) else {
            throw PeerFault(description: "no connection")
        }
        try simulation.run(for: .seconds(1))
        return socket
    }

    private func say(_ text: String, _ socket: any StreamSocket) {
        _ = Array(text.utf8).withUnsafeBytes { socket.write($0) }
    }

    /// What came, and whether the server has closed.
    private func hear(_ socket: any StreamSocket) -> (text: String, isClosed: Bool) {
        var text = ""
        var place = [UInt8](repeating: 0, count: 4096)
        while true {
            let result = place.withUnsafeMutableBytes { socket.read(into: $0) }
            guard case .bytes(let count) = result else { return (text, result == .end) }
            text += String(decoding: place[..<count], as: UTF8.self)
        }
    }

    private static let request = """
        POST /learn.course.v1.CourseService/GetCourse HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\n\
        content-length: 10\r\n\r\n{"id":"a"}
        """

    @Test("a head that comes a byte at a time has ten seconds")
    func slowHead() throws {
        let socket = try dial()
        for second in 1...9 {
            say("G", socket)
            try simulation.run(for: .seconds(1))
            #expect(!hear(socket).isClosed, "after \(second) s")
        }
        try simulation.run(for: .seconds(3))
        #expect(hear(socket).isClosed)
        #expect(listener.connectionCount == 0)
    }

    @Test("a connection may rest for a minute, again after each request")
    func idle() throws {
        let socket = try dial()
        for _ in 0..<3 {
            say(Self.request, socket)
            try simulation.run(for: .seconds(50))
            let (text, isClosed) = hear(socket)
            #expect(text.hasPrefix("HTTP/1.1 200 OK\r\n") && text.contains(" GMT\r\n") && !isClosed)
        }
        try simulation.run(for: .seconds(15))
        #expect(hear(socket).isClosed)
        #expect(listener.connectionCount == 0)
    }

    @Test("a request that waits for its answer may wait")
    func busy() throws {
        let socket = try dial()
        say(Self.request.replacing("\"a\"", with: "\"wait\"").replacing(": 10", with: ": 13"), socket)
        try simulation.run(for: .seconds(600))
        #expect(!hear(socket).isClosed)
        #expect(listener.connectionCount == 1)
        socket.close()
        try simulation.run(for: .seconds(25))
        #expect(listener.connectionCount == 1, "who has said all may still listen")
        #expect(notes.lines == ["get wait without deadline"])
        try simulation.run(for: .seconds(10))
        #expect(listener.connectionCount == 0)
        #expect(notes.lines == ["get wait without deadline", "cancelled"])
    }

    @Test(
        "times of day are HTTP's",
        arguments: [
            (784_111_777 as Int64, "Sun, 06 Nov 1994 08:49:37 GMT"), (0, "Thu, 01 Jan 1970 00:00:00 GMT"),
            (951_782_400, "Tue, 29 Feb 2000 00:00:00 GMT"), (4_107_542_399, "Sun, 28 Feb 2100 23:59:59 GMT"),
            (-1, "Wed, 31 Dec 1969 23:59:59 GMT"),
        ])
    func dates(second: Int64, text: String) {
        #expect(HTTPDate.text(ofSecond: second) == text)
    }
}
