public import Exchange
public import RPC
internal import Logging
internal import Reactor
internal import Timebase
public import Transport
public import WebProtocols

extension ProcessContext {
    /// An address out of a setting; the fault names the setting.
    public func address(_ text: String, of setting: String) throws(ProcessFault) -> SocketAddress {
        do {
            return try SocketAddress.parse(text)
        } catch {
            throw ProcessFault("--\(setting): \(error)", exitCode: 2)
        }
    }

    /// Serves RPC services until the drain: gRPC, gRPC-Web and Connect over HTTP/2 and HTTP/1.1, on one port. Answers the
    /// listener, whose address has the port that was taken.
    ///
    /// Over TLS, clients of HTTP/1.1 come in only if `security` offers them `http/1.1`.
    @discardableResult
    public func serve(
        _ services: [any RPCService], on address: String, security: ServerSecurity = .plaintext,
        web settings: WebSettings = WebSettings(), limits: RouterLimits = RouterLimits(),
        interceptors: [any ServerInterceptor] = []
    ) throws(ProcessFault) -> Listener {
        let calls = CallLog(metrics: metrics, log: log, loop: loop, tracer: tracer)
        let router = Router(timers: loop, limits: limits, interceptors: interceptors, observer: calls)
        for service in services {
            router.add(service)
        }
        let web = WebAcceptor(router, timers: loop, settings: settings)
        let listener = try listen(on: address, security: security, acceptor: web)
        listener.protocols = HTTP1Connection.serving(web)
        channelz.show(calls, of: listener)
        return listener
    }

    /// Shows a pool by channelz even while it has no connection.
    public func show(_ pool: ConnectionPool) {
        channelz.show(pool)
    }

    /// Serves exchanges over HTTP/1.1 and HTTP/2 on one port until the drain.
    @discardableResult
    public func serveHTTP(on address: String, acceptor: any Acceptor) throws(ProcessFault) -> Listener {
        let listener = try listen(on: address, security: .plaintext, acceptor: acceptor)
        listener.protocols = HTTP1Connection.serving(acceptor)
        return listener
    }

    public func listen(
        on text: String, security: ServerSecurity, acceptor: any Acceptor
    ) throws(ProcessFault) -> Listener {
        let address = try self.address(text, of: "listen")
        let listener: Listener
        do {
            listener = try Listener.listen(
                on: address, network: network, loop: loop, security: security, acceptor: acceptor,
                events: connectionEvents)
        } catch {
            throw ProcessFault("\(error)", hint: "choose another address, or stop what listens there")
        }
        keep(listener)
        onDrain("listener \(text)") { done in
            listener.drain(grace: ProcessShell.drainGrace) { done() }
        }
        return listener
    }

    /// Says in the log what the transport refused, on which side, and why.
    public var connectionEvents: ConnectionEvents {
        ConnectionEvents { [log] event in
            switch event {
            case .refused(let address, let failure):
                log.warning(
                    "a connection was refused",
                    metadata: ["peer": "\(address)", "reason": "\(failure.reason)", "detail": "\(failure.detail)"])
            case .dialFailed(let address, let failure, let pause):
                log.warning(
                    "a connection could not be made",
                    metadata: [
                        "peer": "\(address)", "reason": "\(failure.reason)", "detail": "\(failure.detail)",
                        "retry_after_s": .stringConvertible(pause.inSeconds),
                    ])
            case .keepaliveSlowed(let address, let interval):
                log.warning(
                    "a server complains about pings; they are sent less often from now on",
                    metadata: ["peer": "\(address)", "interval_s": .stringConvertible(interval.inSeconds)])
            case .acceptPaused(let why): log.error("accepting paused", metadata: ["detail": "\(why)"])
            case .opened(let peer):
                log.debug(
                    "a connection opened", metadata: ["peer": "\(peer.address)", "identity": "\(peer.identity ?? "-")"])
            case .closed(let peer, let failure):
                log.debug(
                    "a connection closed", metadata: ["peer": "\(peer.address)", "reason": "\(failure?.reason ?? "-")"])
            }
        }
    }

    /// Runs work beside the serving until the process drains: a watch, a renewal.
    public func runUntilDrain(_ name: String, _ work: @escaping @Sendable () async -> Void) {
        let task = Task(executorPreference: loop) { await work() }
        onDrain(name) { done in
            task.cancel()
            done()
        }
    }
}
