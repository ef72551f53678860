import Exchange
public import Reactor

// MARK: - Reading

extension WireConnection: ReadySource {
    public func ready(_ events: Readiness) {
        if state == .connecting {
            connected()
            return
        }
        if events.contains(.write) { flush() }
        if events.contains(.read) || events.contains(.hangup) { read() }
    }

    private func read() {
        guard state != .closed else { return }
        switch socket.read(into: loop.readBuffer) {
        case .wouldBlock:
            break
        case .bytes(let count):
            if state == .open || state == .handshaking {
                receive(UnsafeRawBufferPointer(rebasing: loop.readBuffer[..<count]))
            }
        case .end:
            receivedEnd()
        case .failed(let code):
            shut(Failure.broken(code, wasOpened: wasOpened))
        }
    }

    private func receive(_ bytes: UnsafeRawBufferPointer) {
        guard let tls else {
            if state == .handshaking { becomeOpen() }
            handler?.received(bytes)
            return
        }
        do throws(Failure) {
            try tls.receive(bytes, into: loop.plainBuffer) { () throws(Failure) in
                becomeOpen()
            } deliver: { plain in
                if state == .open { handler?.received(plain) }
            }
        } catch {
            refuse(error)
            return
        }
        if state == .handshaking { wantsFlush() }
        if tls.isClosedByPeer, state == .open { receivedEnd() }
    }

    private func receivedEnd() {
        guard !inputEnded else { return }
        inputEnded = true
        switch state {
        case .open:
            updateInterest(write: interest.contains(.write))
            handler?.receivedEnd()
        case .closing:
            updateInterest(write: interest.contains(.write))
        case .handshaking where tls != nil:
            shut(
                Failure(
                    .tls, .tlsFailed, detail: "the peer closed the connection during the TLS handshake",
                    reach: .neverSent))
        case .connecting, .handshaking: shut(Failure.broken(0, wasOpened: false))
        case .lingering, .closed: shut(lastFailure)
        }
    }

    /// TLS failed: the alert that says why is in the output, and the peer shall have it.
    func refuse(_ failure: Failure) {
        guard state == .open || state == .handshaking else { return }
        lastFailure = failure
        handler?.closed(named(failure))
        handler = nil
        beginClosing()
    }

    func beginClosing() {
        state = .closing
        setLastTimer(after: WireConnection.closeTime)
        wantsFlush()
    }

    /// A peer that does not take our last words loses them.
    private func setLastTimer(after time: Duration) {
        timer?.cancel()
        timer = loop.schedule(after: time) { [unowned self] in shut(lastFailure) }
    }
}

// MARK: - Writing

extension WireConnection: TurnEndFlusher {
    public func flush() {
        isDirty = false
        guard state == .open || state == .closing || state == .handshaking else { return }
        for _ in 0..<WireConnection.blocksPerFlush {
            if output.isEmpty, !fill() {
                finishFlush()
                return
            }
            guard write() else { return }
        }
        wantsFlush()
    }

    /// Writes the output away. False if the socket takes no more, or is gone.
    private func write() -> Bool {
        while !output.isEmpty {
            switch socket.write(output.pending) {
            case .bytes(let count):
                output.consume(count)
            case .wouldBlock, .end:
                updateInterest(write: true)
                return false
            case .failed(let code):
                shut(Failure.broken(code, wasOpened: wasOpened))
                return false
            }
        }
        return true
    }

    /// Gets more from the handler. False if it has nothing.
    private func fill() -> Bool {
        guard let handler, state != .handshaking else { return false }
        guard let tls else {
            handler.produce(WireConnection.fillLimit) { output.append($0) }
            return hasOutput
        }
        let space = loop.plainBuffer
        var filled = 0
        var failure: Failure?
        func seal() {
            do throws(Failure) {
                if failure == nil { try tls.send(UnsafeRawBufferPointer(rebasing: space[..<filled])) }
            } catch {
                failure = error
            }
            filled = 0
        }
        handler.produce(WireConnection.fillLimit) { run in
            if run.count > space.count - filled { seal() }
            var run = run
            while run.count > space.count {  // no protocol here makes such a run
                space.copyMemory(from: UnsafeRawBufferPointer(rebasing: run[..<space.count]))
                filled = space.count
                seal()
                run = UnsafeRawBufferPointer(rebasing: run[space.count...])
            }
            UnsafeMutableRawBufferPointer(rebasing: space[filled...]).copyMemory(from: run)
            filled += run.count
        }
        if filled > 0 { seal() }
        if let failure { refuse(failure) }
        return hasOutput
    }

    /// A handler may have ended the connection while it produced: what it gave last has nowhere to go.
    private var hasOutput: Bool {
        if state == .closed { output.release() }
        return !output.isEmpty
    }

    private func finishFlush() {
        if interest.contains(.write) { updateInterest(write: false) }
        switch state {
        case .open:
            handler?.flushed()
        case .closing:
            tls?.close()
            guard write() else { return }
            linger()
        default: break
        }
    }

    private func linger() {
        handler?.closed(lastFailure.map(named))
        handler = nil
        guard !inputEnded else {
            shut(lastFailure)
            return
        }
        state = .lingering
        socket.finishWriting()
        isReadPaused = false
        updateInterest(write: false)
        setLastTimer(after: WireConnection.lingerTime)
    }
}
