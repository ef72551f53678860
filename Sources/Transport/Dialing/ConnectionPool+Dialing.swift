import Exchange
import HTTP2
import Reactor
import Timebase

// MARK: - Dialling

extension ConnectionPool {
    func dialIfUseful() {
        guard dial == nil, retry == nil, !isDraining, ready.count < limits.maxConnectionsPerPool else { return }
        startDial()
    }

    func startDial() {
        let dial = Dial(for: self, network: network)
        self.dial = dial
        dial.start(timeout: limits.dialTimeout)
    }

    /// A connection on a socket that a dial has begun.
    func connection(on socket: any StreamSocket, to address: SocketAddress) -> WireConnection {
        WireConnection(
            socket, peer: address.description, isConnecting: true, owner: self, events: events,
            writeTimeout: limits.writeTimeout, on: loop)
    }

    func start(_ wire: WireConnection) {
        switch security {
        case .plaintext:
            wire.start(timeout: nil, nil)
        case .tls(let context):
            wire.start(timeout: nil) { (output, time) throws(CertificateError) in
                try context.session(with: output, at: time)
            }
        }
    }

    func dialFailed(_ reason: Failure) {
        var failure = reason
        failure.reach = .neverSent  // exchanges begin after the peer's SETTINGS
        if failure.phase == .receive {
            failure.phase = .connect
            if failure.cause == .peerClosed {
                failure.cause = .connectFailed
                failure.detail += " before it spoke HTTP/2"
            }
        }
        dial = nil
        lastFailure = failure
        dialsFailed += 1
        let delay = backoff.nextDelay()
        events.report?(.dialFailed(address: address.description, failure, retryAfter: delay))
        if ready.isEmpty { failWaiting(failure) { !$0.marks.contains(.waitsForReady) } }
        retry = loop.schedule(after: delay) { [self] in
            retry = nil
            if waitingCount > 0 { dialIfUseful() }
            updateState()
        }
        updateState()
    }
}

extension ConnectionPool: WireOwner {
    func handler(for connection: WireConnection) -> any WireHandler {
        HTTP2Connection(connection, role: .client, limits: sharedLimits, acceptor: nil, observer: self)
    }

    func ended(_ connection: WireConnection, _ failure: Failure?) {
        dial?.connectionEnded(connection, failure)
    }
}

extension ConnectionPool: HTTP2Observer {
    func becameReady(_ connection: HTTP2Connection) {
        dial?.succeeded(with: connection.wire)
        dial = nil
        lastFailure = nil
        backoff.reset()
        ready.append(connection)
        if isDraining {
            connection.beginDrain()
        } else {
            serveWaiting()
            shrinkLater()
        }
        updateState()
    }

    func beganDraining(_ connection: HTTP2Connection) {
        guard let index = ready.firstIndex(where: { $0 === connection }) else { return }
        ready.remove(at: index)
        draining.append(connection)
        // Where there is traffic the next exchange comes soon: it shall not wait for a dial.
        if waitingCount > 0 || connection.activeStreams > 0 { dialIfUseful() }
        updateState()
    }

    /// The peer's word holds for the connections to come as well.
    func heardTooManyPings() {
        guard let old = keepalive else { return }
        keepalive = old * 2
        events.report?(.keepaliveSlowed(address: address.description, to: old * 2))
    }

    func streamEnded(on connection: HTTP2Connection) {
        if waitingCount > 0 { serveWaiting() }
    }

    func ended(_ connection: HTTP2Connection, _ failure: Failure?) {
        endedStreams.add(connection.counts)
        ready.removeAll { $0 === connection }
        draining.removeAll { $0 === connection }
        if waitingCount > 0 { dialIfUseful() }
        updateState()
    }
}

// MARK: - Fewer connections

extension ConnectionPool {
    /// While there are several connections, looks now and then whether the younger ones are still needed.
    private func shrinkLater() {
        guard ready.count > 1, shrink == nil, let limit = limits.extraConnectionIdle else { return }
        shrink = loop.schedule(after: limit) { [self] in
            shrink = nil
            for connection in ready.dropFirst() where connection.activeStreams == 0 {
                if connection.lastActivity.duration(to: loop.now) >= limit { connection.beginDrain() }
            }
            shrinkLater()
        }
    }
}
