import Bytes
import Exchange
import Glibc
public import Reactor
import Timebase

/// What went over a socket, for channelz and for who waits for a peer.
struct Traffic {
    var bytesReceived = 0
    var bytesSent = 0
    var lastReceived: Instant?
    var lastSent: Instant?
}

// MARK: - Reading

extension WireConnection: ReadySource {
    /// A read of so many bytes makes a connection a bulk one, and one of fewer than a quarter of it ends that.
    private static let bulkRead = 48 * 1024
    /// A bulk connection's reads: four times the usual, so that a fourth of the calls to the kernel is made.
    private static let bulkBlock = 256 * 1024
    /// What one read of ciphertext can give, with a record that began before.
    private static let decryptedBlock = 96 * 1024
    /// Less than this of a large read is copied where it is kept, so that it does not pin the whole block.
    private static let keptRead = 64 * 1024

    public func ready(_ events: Readiness) {
        if state == .connecting {
            connected()
            return
        }
        if events.contains(.write) {
            isBlocked = false
            wantsFlush()
        }
        if events.contains(.read) || events.contains(.hangup) { read() }
    }

    private func read() {
        guard state != .closed else { return }
        if isBulk, state == .open, tls == nil {
            readBulk()
            return
        }
        switch socket.read(into: loop.readBuffer) {
        case .bytes(let count):
            noteReceived(count)
            isBulk = count >= WireConnection.bulkRead
            receive(UnsafeRawBufferPointer(rebasing: loop.readBuffer[..<count]))
        case let other: endRead(other)
        }
    }

    /// Reads into memory of its own, which the handler may cut up and keep.
    private func readBulk() {
        guard let memory = malloc(WireConnection.bulkBlock) else {
            isBulk = false  // the loop's own buffer still works
            return
        }
        let space = UnsafeMutableRawBufferPointer(start: memory, count: WireConnection.bulkBlock)
        switch socket.read(into: space) {
        case .bytes(let count):
            noteReceived(count)
            if count < WireConnection.bulkRead / 4 { isBulk = false }
            guard count >= WireConnection.keptRead else {
                receive(UnsafeRawBufferPointer(rebasing: space[..<count]))
                break
            }
            handler?.received(Chunk(adopting: memory, capacity: space.count, start: 0, end: count))
            return
        case let other: endRead(other)
        }
        free(memory)
    }

    private func endRead(_ result: IOResult) {
        switch result {
        case .wouldBlock, .bytes: break
        case .end: receivedEnd()
        case .failed(let code): shut(Failure.broken(code, wasOpened: wasOpened))
        }
    }

    private func noteReceived(_ count: Int) {
        traffic.bytesReceived &+= count
        traffic.lastReceived = loop.now
    }

    private func receive(_ bytes: UnsafeRawBufferPointer) {
        guard state == .open || state == .handshaking else { return }
        guard let tls else {
            if state == .handshaking { becomeOpen() }
            handler?.received(bytes)
            return
        }
        tls.lend(bytes)
        defer { tls.giveBack() }
        do throws(Failure) {
            if state == .handshaking {
                try tls.shakeHands()
                wantsFlush()
                guard tls.isOpen else { return }
                becomeOpen()
            }
            try decrypt(with: tls)
        } catch {
            refuse(error)
            return
        }
        if tls.isClosedByPeer, state == .open { receivedEnd() }
    }

    /// Hands on all the plaintext that there is: a small run in the loop's memory, a large one in memory of its own.
    private func decrypt(with tls: TLSSession) throws(Failure) {
        while state == .open {
            guard isBulk, let memory = malloc(WireConnection.decryptedBlock) else {
                let count = try tls.read(into: loop.plainBuffer)
                guard count > 0 else { return }
                handler?.received(UnsafeRawBufferPointer(rebasing: loop.plainBuffer[..<count]))
                continue
            }
            let space = UnsafeMutableRawBufferPointer(start: memory, count: WireConnection.decryptedBlock)
            let count: Int
            do throws(Failure) {
                count = try tls.read(into: space)
            } catch {
                free(memory)
                throw error
            }
            if count >= WireConnection.bulkRead {
                handler?.received(Chunk(adopting: memory, capacity: space.count, start: 0, end: count))
                continue
            }
            if count > 0 { handler?.received(UnsafeRawBufferPointer(rebasing: space[..<count])) }
            free(memory)
            if count == 0 { return }
        }
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
        tls?.journalFailure(failure, at: loop.wall)
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
    /// Runs of fewer bytes are gathered, so that a record holds many small frames; larger ones are encrypted where they lie.
    private static let gatheredBelow = 4096

    public func flush() {
        isDirty = false
        if state == .open { handler?.turnEnded() }
        guard state == .open || state == .closing || state == .handshaking, !isBlocked else { return }
        for _ in 0..<WireConnection.fillsPerFlush {
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
            var offered = 0
            let result = output.withVectors { runs in
                for run in runs { offered += run.iov_len }
                return socket.write(runs)
            }
            switch result {
            case .bytes(let count):
                traffic.bytesSent &+= count
                traffic.lastSent = loop.now
                output.consume(count)
                // The socket is full: asking it again would only tell that once more.
                guard count == offered else {
                    becomeBlocked()
                    return false
                }
            case .wouldBlock, .end:
                becomeBlocked()
                return false
            case .failed(let code):
                writeFailed(code)
                return false
            }
        }
        return true
    }

    /// A server that refuses our certificate says why by an alert and closes, and our first words, which were on their way,
    /// meet a socket that is gone. The alert is still there to be read, and is the better reason (Envoy does so).
    private func writeFailed(_ code: Int32) {
        if let tls, !tls.isJournalled, state == .open {
            output.removeAll()
            read()
        }
        shut(lastFailure ?? Failure.broken(code, wasOpened: wasOpened))
    }

    private func becomeBlocked() {
        isBlocked = true
        updateInterest(write: true)
        guard let writeTimeout, stall == nil, state == .open else { return }
        watchStall(since: loop.now, for: writeTimeout)
    }

    /// A peer that reads nothing for so long while bytes wait for it only holds memory: its connection is broken off.
    private func watchStall(since start: Instant, for limit: Duration) {
        let progress = max(start, traffic.lastSent ?? start)
        stall = loop.schedule(at: progress.advanced(by: limit)) { [unowned self] in
            stall = nil
            guard isBlocked, state == .open else { return }
            if max(start, traffic.lastSent ?? start).duration(to: loop.now) < limit {
                watchStall(since: start, for: limit)
                return
            }
            shut(
                Failure(
                    .send, .peerClosed,
                    detail: "the peer has read nothing for \(limit) while \(output.count) bytes waited"))
        }
    }

    /// Gets more from the handler. False if it has nothing.
    private func fill() -> Bool {
        guard let handler, state != .handshaking else { return false }
        guard let tls else {
            handler.produce(WireConnection.fillLimit, into: output)
            return hasOutput
        }
        let plain = loop.scratch
        handler.produce(WireConnection.fillLimit, into: plain)
        do throws(Failure) {
            try seal(plain, with: tls)
        } catch {
            refuse(error)
        }
        plain.removeAll()
        return hasOutput
    }

    /// Encrypts all of `plain` into the output, with as few records and copies as can be.
    private func seal(_ plain: OutputChain, with tls: TLSSession) throws(Failure) {
        let space = UnsafeMutableRawBufferPointer(rebasing: loop.plainBuffer[..<TLSSession.recordSize])
        while !plain.isEmpty {
            let run = plain.firstRun
            if run.count >= WireConnection.gatheredBelow || run.count == plain.count {
                plain.consume(try tls.seal(run))
            } else {
                let count = plain.copyPrefix(into: space, stoppingAt: WireConnection.gatheredBelow)
                plain.consume(try tls.seal(UnsafeRawBufferPointer(rebasing: space[..<count])))
            }
        }
    }

    /// A handler may have ended the connection while it produced: what it gave last has nowhere to go.
    private var hasOutput: Bool {
        if state == .closed { output.removeAll() }
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
