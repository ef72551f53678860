import Bytes

/// The frames of the connection itself: PING, GOAWAY, WINDOW_UPDATE (RFC 9113 §6.7-6.9).
extension NativeCore {
    mutating func heardPing(_ ping: PingFrame) throws(Violation) {
        guard !ping.isAcknowledgement else { return try emit(.pingAck(ping.opaque)) }
        try floods.countAcknowledgement(limits)
        PingFrame.write(ping.opaque, isAcknowledgement: true, to: &control)
        try emit(.ping(ping.opaque))
    }

    /// The peer takes no streams above the last that it names. A later GOAWAY may not take streams back in.
    mutating func heardGoAway(_ frame: GoAwayFrame) throws(Violation) {
        // It names a stream that we may open, none, or the highest number, which announces a later GOAWAY.
        let isEven = frame.lastStream & 1 == 0
        let isNameable = frame.lastStream == 0 || frame.lastStream == Int32.max || isEven != isClient
        guard isNameable, frame.lastStream <= peerLastStream ?? Int32.max else {
            throw .connection(ErrorCode.protocolError, "a GOAWAY whose last stream is not ours, or went up")
        }
        peerLastStream = frame.lastStream
        let debug = [UInt8](frame.debug.prefix(limits.maxDebugData))
        try emit(.goAway(lastStream: frame.lastStream, code: frame.code, debug: debug))
        guard isClient else { return }
        var refused: [NativeStream.Pointer] = []
        streams.forEach { stream in
            if stream.pointee.id > frame.lastStream || !stream.pointee.marks.contains(.sentHead) {
                refused.append(stream)
            }
        }
        for stream in refused.sorted(by: { $0.pointee.id < $1.pointee.id }) {
            let id = stream.pointee.id
            discarded.insert(id)
            forget(stream)
            try emit(.reset(id, code: ErrorCode.refusedStream, byPeer: true))
        }
    }

    mutating func heardWindowUpdate(_ id: Int32, by increment: Int32) throws(Violation) {
        guard id != 0 else {
            guard sendWindow.change(by: Int64(increment)) else {
                throw .connection(ErrorCode.flowControlError, "a connection's window that overflows")
            }
            while sendWindow.available > 0, let stream = stalled.popFirst() { ready.append(stream) }
            return
        }
        guard let stream = streams.find(id), !isUnsent(stream) else {
            guard absent(id) != .idle else {
                throw .connection(ErrorCode.protocolError, "WINDOW_UPDATE on an idle stream")
            }
            return
        }
        guard stream.pointee.sendWindow.change(by: Int64(increment)) else {
            return try resetFaulty(stream, ErrorCode.flowControlError)
        }
        wake(stream)
    }

    // MARK: What we say

    mutating func ping(_ opaque: UInt64) {
        PingFrame.write(opaque, isAcknowledgement: false, to: &control)
    }

    mutating func shutdownNotice() {
        guard !isClient, !didSendGoAway else { return }
        writeGoAway(lastStream: Int32.max, code: ErrorCode.noError, debug: "")
    }

    mutating func goAway(code: UInt32, debug: String) {
        // A second GOAWAY may not name a later stream than the first (RFC 9113 §6.8).
        ownLastStream = min(lastTaken, ownLastStream)
        didSendGoAway = true
        writeGoAway(lastStream: ownLastStream, code: code, debug: debug)
    }

    mutating func writeGoAway(lastStream: Int32, code: UInt32, debug: String) {
        let text = Array(debug.utf8.prefix(limits.maxDebugData))
        text.withUnsafeBytes { GoAwayFrame.write(lastStream: lastStream, code: code, debug: $0, to: &control) }
    }

    // MARK: What there is

    var hasOutput: Bool { !control.isEmpty || !isOver && !ready.isEmpty }

    var wantsClose: Bool {
        guard control.isEmpty else { return false }
        return isOver || (didSendGoAway || peerLastStream != nil) && streams.count == 0
    }
}
