public import Bytes
public import Exchange
public import ProtoWire
public import RPC

/// Stands in front of a router and answers gRPC-Web and Connect beside gRPC, on the same port.
///
///     application/grpc            ─────────────────────────────▶ the router
///     application/grpc-web...     ──▶ GRPCWebBridge      ──gRPC──▶ the router
///     application/proto, json     ──▶ ConnectUnary       ──gRPC──▶ the router          (GET too)
///     application/connect+...     ──▶ ConnectStreaming   ──gRPC──▶ the router
///
/// A foreign request becomes a call of gRPC on an exchange of its own, so deadlines, limits, interceptors and handlers are
/// those of every call, and the router knows nothing of it. A request of gRPC pays one look at its content type.
///
/// Loop-bound, like the router. Give the acceptor to the listener in the router's place, and `HTTP1Connection` to its
/// `protocols`, since browsers speak HTTP/1.1 where there is no TLS:
///
///     let web = WebAcceptor(router, timers: loop)
///     let listener = try Listener.listen(
///         on: address, loop: loop, security: .plaintext, acceptor: web, protocols: HTTP1Connection.serving(web))
public final class WebAcceptor: Acceptor, @unchecked Sendable {  // touched on its loop alone
    private let router: any Acceptor
    private let services: [ServiceDescriptor]
    /// Made when the first foreign request comes: most ports of a mesh never see one.
    private var table: WebMethods?
    let timers: any CallTimers
    let settings: WebSettings
    /// Shared by the unary replies of the loop; each holds 260 KiB, once it is used.
    let codings: ContentCodings

    /// - Parameter router: it has its services already.
    public convenience init(_ router: Router, timers: any CallTimers, settings: WebSettings = WebSettings()) {
        self.init(router, services: router.services, timers: timers, settings: settings)
    }

    /// The same before anything that takes calls of gRPC.
    public init(
        _ acceptor: any Acceptor, services: [ServiceDescriptor], timers: any CallTimers,
        settings: WebSettings = WebSettings()
    ) {
        router = acceptor
        self.services = services
        self.timers = timers
        self.settings = settings
        codings = ContentCodings(threshold: settings.compressionThreshold)
    }

    public func accept(
        _ head: Fields, end: Bool, from peer: Peer, on stream: any ExchangeStream
    ) -> any ExchangeHandler {
        if head.withValue(.contentType, { WebContent.isGRPC($0) }) ?? false {
            return router.accept(head, end: end, from: peer, on: stream)
        }
        return acceptForeign(WebRequest(head: head, hasEnded: end, peer: peer, stream: stream))
    }

    private func acceptForeign(_ request: WebRequest) -> any ExchangeHandler {
        if let answer = settings.crossOrigin.answer(toPreflight: request.head) {
            return refuse(request, answer, says: nil)
        }
        let content = request.head[.contentType].flatMap { WebContent($0) }
        switch request.head[.method] {
        case "POST":
            guard let content else { return refuseContent(request) }
            switch content.form {
            case .grpcWeb, .grpcWebText: return begin(GRPCWebBridge(request, content, self), request)
            case .connectUnary, .connectStreaming: return acceptConnect(request, content)
            }
        case "GET": return acceptGet(request)
        default:
            return refuse(request, [":status": "405", "allow": "GET, POST"], says: "calls are made with POST")
        }
    }

    private func acceptConnect(_ request: WebRequest, _ content: WebContent) -> any ExchangeHandler {
        guard let method = methods.find(request.path) else { return refuseUnknown(request) }
        guard method.isStreaming == (content.form == .connectStreaming) else { return refuseContent(request) }
        return content.form == .connectUnary
            ? begin(ConnectUnary(request, content.codec, method, self), request)
            : begin(ConnectStreaming(request, content.codec, method, self), request)
    }

    private func acceptGet(_ request: WebRequest) -> any ExchangeHandler {
        guard let method = methods.find(request.path) else { return refuseUnknown(request) }
        guard method.takesGet else {
            return refuse(
                request, [":status": "405", "allow": "POST"],
                says: "\(request.path) may have effects, so it is called with POST")
        }
        do {
            let query = try ConnectQuery(request.query)
            return begin(ConnectUnary(request, query, method, self), request)
        } catch {
            return refuse(request, status: "400", .init(.invalidArgument, error.problem))
        }
    }

    private func begin(_ bridge: Bridge, _ request: WebRequest) -> any ExchangeHandler {
        bridge.start(request)
        return bridge
    }

    /// Opens the call of gRPC that a foreign request asks for.
    func call(_ head: Fields, from peer: Peer, on bridge: Bridge) -> any ExchangeHandler {
        router.accept(head, end: false, from: peer, on: bridge)
    }

    private var methods: WebMethods {
        if let table { return table }
        let made = WebMethods(services)
        table = made
        return made
    }

    // MARK: Answers without a call

    private func refuseUnknown(_ request: WebRequest) -> any ExchangeHandler {
        refuse(request, status: "404", .init(.unimplemented, "no service here has the method \(request.path)"))
    }

    private func refuseContent(_ request: WebRequest) -> any ExchangeHandler {
        guard let method = methods.find(request.path) else { return refuseUnknown(request) }
        let own =
            method.isStreaming
            ? "application/connect+proto, application/connect+json" : "application/proto, application/json"
        let accepted = "application/grpc, application/grpc-web, application/grpc-web-text, \(own)"
        return refuse(
            request, [":status": "415", "accept-post": accepted], says: "\(request.path) takes \(accepted)")
    }

    private func refuse(_ request: WebRequest, status: String, _ error: RPCError) -> any ExchangeHandler {
        refuse(
            request, [":status": status, "content-type": "application/json"],
            body: ConnectError(error).json)
    }

    private func refuse(_ request: WebRequest, _ head: Fields, says text: String?) -> any ExchangeHandler {
        guard let text else { return refuse(request, head, body: []) }
        var head = head
        head.append(.contentType, "text/plain; charset=utf-8")
        return refuse(request, head, body: Array((text + "\n").utf8))
    }

    private func refuse(_ request: WebRequest, _ head: Fields, body: [UInt8]) -> any ExchangeHandler {
        var head = head
        if head["access-control-allow-methods"] == nil {
            settings.crossOrigin.expose(&head, to: request.head["origin"])
        }
        if !body.isEmpty { head.append(.contentLength, String(body.count)) }
        request.stream.send(head: head, end: body.isEmpty)
        if !body.isEmpty { request.stream.send(Chunk(body), end: true) }
        return AnsweredRequest(
            request.stream, timers: timers, lingering: settings.lingering, end: request.hasEnded)
    }
}

/// A foreign request as it begins.
struct WebRequest {
    let head: Fields
    /// Nothing follows the head.
    let hasEnded: Bool
    let peer: Peer
    let stream: any ExchangeStream
    /// `/learn.course.v1.CourseService/GetCourse`
    let path: String
    let query: Substring

    init(head: Fields, hasEnded: Bool, peer: Peer, stream: any ExchangeStream) {
        self.head = head
        self.hasEnded = hasEnded
        self.peer = peer
        self.stream = stream
        let target = head[.path] ?? ""
        path = String(target.prefix { $0 != "?" })
        query = target.dropFirst(path.count).dropFirst()
    }
}
