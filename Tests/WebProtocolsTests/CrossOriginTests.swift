import Bytes
import Exchange
import Testing

@testable import WebProtocols

/// What pages of other origins may do (fetch.spec.whatwg.org, "CORS protocol").
@Suite("Pages of other origins")
struct CrossOriginTests {
    private static let page = "https://app.example"
    private static let question = [
        ("origin", page), ("access-control-request-method", "POST"),
        ("access-control-request-headers", "content-type,x-grpc-web,x-user"),
    ]

    private func scene(_ origins: CrossOrigin.Origins, credentials: Bool = false) -> Scene {
        Scene {
            $0.crossOrigin.origins = origins
            $0.crossOrigin.allowsCredentials = credentials
        }
    }

    @Test("nobody may call by default, and the refusal says nothing to the page")
    func none() {
        let stream = Scene().ask("OPTIONS", Paths.get, CrossOriginTests.question)
        #expect(stream.head[.status] == "403" && stream.head["access-control-allow-origin"] == nil)
        let call = Scene().ask(
            "POST", Paths.get, [("origin", "https://app.example"), ("content-type", "application/json")],
            Array(#"{"id":"a"}"#.utf8))
        #expect(call.head[.status] == "200" && !call.head.contains { $0.name.hasPrefix("access-control") })
    }

    @Test("a listed origin may ask, and is told for how long and with what")
    func listed() {
        let scene = scene(.listed([CrossOriginTests.page]), credentials: true)
        let stream = scene.ask("OPTIONS", Paths.get, CrossOriginTests.question)
        #expect(
            stream.transcript == """
                :status: 204
                access-control-allow-origin: https://app.example
                access-control-allow-methods: GET, POST
                access-control-allow-headers: content-type,x-grpc-web,x-user
                access-control-max-age: 7200
                access-control-allow-credentials: true
                vary: Origin, Access-Control-Request-Method, Access-Control-Request-Headers


                """)
        #expect(scene.loop.pendingTimers == 0)
    }

    @Test(
        "others may not",
        arguments: ["https://app.example.evil", "http://app.example", "https://APP.example", "null", ""])
    func others(origin: String) {
        let scene = scene(.listed([CrossOriginTests.page]))
        let stream = scene.ask(
            "OPTIONS", Paths.get, [("origin", origin), ("access-control-request-method", "POST")])
        #expect(stream.head[.status] == "403")
        #expect(!stream.head.contains { $0.name.hasPrefix("access-control") })
    }

    @Test(
        "an answer lets the page read its status, its metadata and its trailers",
        arguments: ["application/json", "application/grpc-web+proto"])
    func exposes(type: String) {
        let body = type == "application/json" ? Array(#"{"id":"a"}"#.utf8) : [0, 0, 0, 0, 3, 0x0A, 1, 0x61]
        let stream = scene(.any).ask(
            "POST", Paths.get, [("content-type", type), ("origin", "https://x.example"), ("x-echo", "v")], body)
        #expect(stream.head["access-control-allow-origin"] == "*" && stream.head["vary"] == nil)
        let names = stream.head["access-control-expose-headers"]?.split(separator: ", ").map(String.init) ?? []
        #expect(Set(["grpc-status", "grpc-message", "grpc-status-details-bin", "x-leading"]).isSubset(of: Set(names)))
        if type == "application/json" { #expect(names.contains("trailer-x-trailing")) }
    }

    @Test("refusals can be read by the page too")
    func refusals() {
        let stream = scene(.listed([CrossOriginTests.page])).ask(
            "POST", "/a.B/C", [("content-type", "application/json"), ("origin", CrossOriginTests.page)], [0x7B])
        #expect(stream.head[.status] == "404" && stream.head["access-control-allow-origin"] == CrossOriginTests.page)
        #expect(stream.head["vary"] == "Origin")
    }

    @Test(
        "what would not be a browser's question gets no answer",
        arguments: ["x\r\ny: z", String(repeating: "a", count: 5000), String(repeating: "a,", count: 70), "a;b"])
    func malformed(headers: String) {
        let stream = scene(.any).ask(
            "OPTIONS", Paths.get,
            [
                ("origin", "https://x.example"), ("access-control-request-method", "POST"),
                ("access-control-request-headers", headers),
            ])
        #expect(stream.head[.status] == "400")
    }

    @Test("OPTIONS that asks nothing is no call")
    func plainOptions() {
        #expect(scene(.any).ask("OPTIONS", Paths.get).head[.status] == "405")
    }

    @Test(
        "a setting lists origins as browsers write them",
        arguments: [
            ("*", CrossOrigin.Origins.any as CrossOrigin.Origins?), ("", CrossOrigin.Origins.none),
            ("https://a.example, http://b:8080", .listed(["https://a.example", "http://b:8080"])),
            ("https://a.example/", nil), ("a.example", nil), ("https://A.example", nil), ("*,https://a.example", nil),
        ])
    func setting(text: String, origins: CrossOrigin.Origins?) {
        #expect((try? CrossOrigin.Origins(text)) == origins)
    }
}
