import Bytes

/// How streams begin and end (RFC 9113 §5.1, §5.4.2).
extension NativeCore {
    mutating func insertStream(_ id: Int32) -> NativeStream.Pointer {
        let stream = streams.insert(id)
        stream.pointee.sendWindow = SendWindow(peer.initialWindow)
        stream.pointee.receiveWindow = ReceiveWindow(size: streamWindow, known: streamWindow)
        return stream
    }

    /// A request of ours of which the peer knows nothing: for it the stream is idle.
    func isUnsent(_ stream: NativeStream.Pointer) -> Bool {
        isClient && !stream.pointee.marks.contains(.sentHead)
    }

    /// What a stream is that the table does not have, or that the peer cannot know.
    func absent(_ id: Int32) -> AbsentStream {
        let isOurs = id & 1 == (isClient ? 1 : 0)
        guard isOurs == isClient, isClient ? Int64(id) < nextStream : id <= highestSeen else { return .idle }
        if streams.find(id) != nil { return .idle }
        if !isClient, id > ownLastStream || discarded.mayHave(id) { return .discarded }
        if isClient { return discarded.mayHave(id) ? .discarded : .ended }
        return ended.mayHave(id) ? .ended : .skipped
    }

    /// The peer's half of a stream ended.
    mutating func endRemote(_ stream: NativeStream.Pointer) throws(Violation) {
        stream.pointee.state.endRemote()
        if stream.pointee.state == .closed { try emit(close(stream)) }
    }

    /// Our half of a stream ended: the last frame of it was written.
    mutating func endLocal(_ stream: NativeStream.Pointer) {
        let isDeaf = stream.pointee.marks.contains(.isDeaf)
        stream.pointee.state.endLocal()
        if stream.pointee.state == .closed {
            note(close(stream))
        } else if isDeaf {
            let id = stream.pointee.id
            ResetFrame.write(id, code: ErrorCode.noError, to: &control)
            discarded.insert(id)
            forget(stream)
            note(.reset(id, code: ErrorCode.noError, byPeer: false))
        }
    }

    /// Forgets a stream both halves of which ended; answers the event that says so.
    private mutating func close(_ stream: NativeStream.Pointer) -> HTTP2Event {
        let id = stream.pointee.id
        let isDeaf = stream.pointee.marks.contains(.isDeaf)
        if !isDeaf { floods.countGoodEnd(limits) }
        ended.insert(id)
        forget(stream)
        return isDeaf ? .reset(id, code: ErrorCode.noError, byPeer: false) : .closed(id)
    }

    /// Resets a stream from our side, and says so at once.
    mutating func abandon(_ stream: NativeStream.Pointer, code: UInt32) {
        note(reset(stream, code))
    }

    /// The peer broke a rule on a stream.
    mutating func resetFaulty(_ stream: NativeStream.Pointer, _ code: UInt32) throws(Violation) {
        try emit(reset(stream, code))
        try floods.countFault(limits)
    }

    private mutating func reset(_ stream: NativeStream.Pointer, _ code: UInt32) -> HTTP2Event {
        let id = stream.pointee.id
        if !isUnsent(stream) {
            ResetFrame.write(id, code: code, to: &control)
            if stream.pointee.state.isRemoteOpen { discarded.insert(id) } else { ended.insert(id) }
        }
        forget(stream)
        return .reset(id, code: code, byPeer: false)
    }

    mutating func heardReset(_ id: Int32, code: UInt32) throws(Violation) {
        guard let stream = streams.find(id), !isUnsent(stream) else {
            guard absent(id) != .idle else {
                throw .connection(ErrorCode.protocolError, "RST_STREAM on an idle stream")
            }
            return
        }
        ended.insert(id)
        forget(stream)
        try emit(.reset(id, code: code, byPeer: true))
        if !isClient { try floods.countReset() }
    }

    /// Forgets a stream; its id is stale from here on.
    mutating func forget(_ stream: NativeStream.Pointer) {
        switch stream.pointee.place {
        case .nowhere: break
        case .ready: ready.remove(stream)
        case .stalled: stalled.remove(stream)
        }
        if stream.pointee.unconsumed > 0 { release(stream) }
        streams.remove(stream)
    }
}
