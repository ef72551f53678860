import Testing

@testable import Edge

/// Which route a request finds.
struct RouteTableTests {
    private static let table: RouteTable<String> = {
        var table = RouteTable<String>()
        for (method, path) in [
            ("GET", "/v1/courses/{id}"), ("GET", "/v1/courses"), ("POST", "/v1/courses"), ("GET", "/v1/courses:watch"),
            ("GET", "/v1/courses/new"), ("GET", "/v1/files/{name=**}"), ("GET", "/v1/{kind}/{id}/parts"),
            ("POST", "/v1/courses/{id}:archive"), ("DELETE", "/v1/courses/{id}"), ("*", "/any/{x}"),
            ("GET", "/v1/shelves/{s=shelves/*}"),
        ] {
            do {
                try table.add(method: method, template: PathTemplate(path), target: "\(method) \(path)", name: path)
            } catch {
                Issue.record("\(path): \(error)")
            }
        }
        return table
    }()

    private func answer(_ method: String, _ path: String) -> String {
        switch Self.table.find(method: method, path: path) {
        case .found(let match):
            match.target + match.variables.map { " \($0.fieldPath)=\($0.value)" }.joined()
        case .wrongMethod(let allowed): "405 \(allowed.joined(separator: ","))"
        case .unknown: "404"
        case .malformed: "400"
        }
    }

    @Test(
        "requests and the routes that they find",
        arguments: [
            ("GET", "/v1/courses/7", "GET /v1/courses/{id} id=7"),
            ("GET", "/v1/courses/new", "GET /v1/courses/new"),
            ("GET", "/v1/courses", "GET /v1/courses"),
            ("GET", "/v1/courses:watch", "GET /v1/courses:watch"),
            ("POST", "/v1/courses/7:archive", "POST /v1/courses/{id}:archive id=7"),
            // An escaped colon is no verb, and a verb that nobody declared is text.
            ("GET", "/v1/courses/7%3Aarchive", "GET /v1/courses/{id} id=7:archive"),
            ("GET", "/v1/courses/a:b", "GET /v1/courses/{id} id=a:b"),
            // In one segment an escaped slash is a slash; in many it stays escaped.
            ("GET", "/v1/courses/a%2Fb", "GET /v1/courses/{id} id=a/b"),
            ("GET", "/v1/files/a%2Fb/c%20d", "GET /v1/files/{name=**} name=a%2Fb/c d"),
            ("GET", "/v1/files", "GET /v1/files/{name=**} name="),
            // A literal that leads nowhere is left again.
            ("GET", "/v1/courses/7/parts", "GET /v1/{kind}/{id}/parts kind=courses id=7"),
            ("GET", "/v1/shelves/shelves/3", "GET /v1/shelves/{s=shelves/*} s=shelves/3"),
            ("PATCH", "/any/1", "* /any/{x} x=1"),
            ("HEAD", "/v1/courses/7", "GET /v1/courses/{id} id=7"),
            ("PUT", "/v1/courses", "405 GET,POST"),
            ("PUT", "/v1/courses/7", "405 DELETE,GET"),
            ("GET", "/v1/course", "404"), ("GET", "/v1/courses/", "404"), ("GET", "/v1/courses/7/x", "404"),
            ("GET", "/v1/courses/%ff", "400"), ("GET", "/v1/courses/%zz", "400"), ("GET", "/v1/courses/%2", "400"),
            ("GET", "/v1/courses/Ti%E1%BA%BFng", "GET /v1/courses/{id} id=Tiếng"),
        ])
    func finds(method: String, path: String, expected: String) {
        #expect(answer(method, path) == expected)
    }

    @Test("two bindings for the same requests are a fault")
    func conflict() throws {
        var table = RouteTable<Int>()
        try table.add(method: "GET", template: PathTemplate("/v1/{a}"), target: 1, name: "first")
        #expect(throws: RouteTable<Int>.Conflict.self) {
            try table.add(method: "GET", template: PathTemplate("/v1/{b}"), target: 2, name: "second")
        }
    }

    @Test("a path of very many segments is nobody's, at once")
    func bounded() {
        #expect(answer("GET", String(repeating: "/v1", count: 10_000)) == "404")
    }
}
