import Bytes
import CNghttp2
import Timebase

/// An HTTP/2 engine around libnghttp2 (1.52, so the older API family), with HTTP messaging checks on.
///
/// What the library does: frames, HPACK, the state of streams, windows, and the checks of RFC 9113 on messages. What is
/// done here: queues of chunks, when window is given back, events, floods that the library does not see, and that ids
/// which ended are ignored.
final class NGHTTP2Engine: HTTP2Engine {
    private let core: UnsafeMutablePointer<NGHTTP2Core>
    let session: OpaquePointer
    let role: HTTP2Session.Role

    init(role: HTTP2Session.Role, settings: HTTP2Settings, limits: HTTP2Limits) {
        self.role = role
        core = .allocate(capacity: 1)
        core.initialize(to: NGHTTP2Core(limits: limits, isClient: role == .client))
        session = Self.makeSession(role, limits, core)
        core.pointee.session = session
        submit(settings)
    }

    deinit {
        nghttp2_session_del(session)
        core.deinitialize(count: 1)
        core.deallocate()
    }

    // MARK: Receiving

    func receive(_ bytes: UnsafeRawBufferPointer) throws(HTTP2ConnectionError) {
        if core.pointee.isOver { return }
        if core.pointee.failure == nil {
            core.pointee.acks = 0
            let queued = nghttp2_session_get_outbound_queue_size(session)
            let taken = nghttp2_session_mem_recv(
                session, bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), bytes.count)
            if taken < 0 {
                core.pointee.fail(Self.code(ofLibraryError: taken), String(cString: nghttp2_strerror(Int32(taken))))
            } else if nghttp2_session_get_outbound_queue_size(session) > queued + core.pointee.acks {
                collectEarly()
            }
        }
        if let failure = core.pointee.failure {
            giveUp(failure)
            throw failure
        }
    }

    func receive(_ chunk: Chunk) throws(HTTP2ConnectionError) {
        let lost: HTTP2ConnectionError? = chunk.withUnsafeBytes { failure(after: $0) }
        if let lost { throw lost }
    }

    private func failure(after bytes: UnsafeRawBufferPointer) -> HTTP2ConnectionError? {
        do throws(HTTP2ConnectionError) {
            try receive(bytes)
            return nil
        } catch {
            return error
        }
    }

    /// The library reads a clock of its own.
    func reach(_ now: Instant) {}

    func trim() {
        core.pointee.streams.trim()
        core.pointee.events.trim()
    }

    func nextEvent() -> HTTP2Event? { core.pointee.events.popFirst() }

    /// Takes the frames that the library queued while it read, but no DATA.
    ///
    /// One of them may be the GOAWAY with which it gives the connection up: it tells nobody, and goes on to swallow input,
    /// until that frame is sent. Acknowledgements alone are left where they are, so that its bound on them counts; the
    /// bound here is for a peer that mixes them with other frames and does not read.
    private func collectEarly() {
        core.pointee.isCollecting = true
        defer { core.pointee.isCollecting = false }
        var data: UnsafePointer<UInt8>?
        while core.pointee.early.count < Self.maxEarly,
            case let length = nghttp2_session_mem_send(session, &data), length > 0
        {
            core.pointee.early.append(contentsOf: UnsafeBufferPointer(start: data, count: length))
        }
    }

    private static let maxEarly = 16 << 10

    /// Ends everything: streams are forgotten without events, and the peer gets a GOAWAY if it has none yet.
    private func giveUp(_ failure: HTTP2ConnectionError) {
        if !core.pointee.didTellPeer {
            core.pointee.early += Self.goAwayFrame(failure, lastStream: lastPeerStream)
        }
        core.pointee.isOver = true
        core.pointee.streams.removeAll()
    }

    // MARK: Sending

    func openStream(_ head: Fields, end: Bool) throws(HTTP2StreamError) -> Int32 {
        guard !core.pointee.isOver, core.pointee.failure == nil, core.pointee.peerLastStream == nil,
            !core.pointee.didSendGoAway
        else { throw .goingAway }
        guard core.pointee.streams.count < peerMaxConcurrentStreams else { throw .streamLimit }
        let peerList = Int(nghttp2_session_get_remote_settings(session, NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE))
        let largest = min(peerList, core.pointee.limits.maxSentHeaderList)
        guard head.listSize <= largest else { throw .headTooLarge(limit: largest) }
        let id = head.withNameValues { pairs in
            withProvider(unless: end) {
                nghttp2_submit_request(session, nil, pairs.baseAddress, pairs.count, $0, nil)
            }
        }
        guard id > 0 else { throw id == NGHTTP2_ERR_STREAM_ID_NOT_AVAILABLE.rawValue ? .idsExhausted : .goingAway }
        let stream = core.pointee.streams.insert(id)
        stream.pointee.isAnnounced = true
        stream.pointee.didSendHead = true
        stream.pointee.didQueueEnd = end
        return id
    }

    func send(head: Fields, on id: Int32, end: Bool) {
        guard let stream = core.pointee.streams.find(id) else { return }
        precondition(!stream.pointee.didSendHead, "a response has one final head, before its bytes")
        guard head.listSize <= core.pointee.limits.maxSentHeaderList else {
            return core.pointee.abandon(stream, code: ErrorCode.internalError)
        }
        if !end, head.withValue(.status, { $0.first == UInt8(ascii: "1") }) ?? false {
            _ = head.withNameValues { pairs in
                nghttp2_submit_headers(
                    session, UInt8(NGHTTP2_FLAG_NONE.rawValue), id, nil, pairs.baseAddress, pairs.count, nil)
            }
            return
        }
        stream.pointee.didSendHead = true
        stream.pointee.didQueueEnd = end
        _ = head.withNameValues { pairs in
            withProvider(unless: end) { nghttp2_submit_response(session, id, pairs.baseAddress, pairs.count, $0) }
        }
    }

    func send(_ chunk: Chunk, on id: Int32, end: Bool) {
        guard let stream = core.pointee.streams.find(id) else { return }
        precondition(stream.pointee.didSendHead && !stream.pointee.didQueueEnd, "bytes go between the head and the end")
        stream.pointee.outbound.append(chunk)
        stream.pointee.didQueueEnd = end
        if stream.pointee.outbound.count >= core.pointee.limits.highMark { stream.pointee.isFull = true }
        resume(stream)
    }

    func send(trailers: Fields, on id: Int32) {
        guard let stream = core.pointee.streams.find(id) else { return }
        precondition(stream.pointee.didSendHead && !stream.pointee.didQueueEnd, "trailers follow the head, and end it")
        guard trailers.listSize <= core.pointee.limits.maxSentHeaderList else {
            return core.pointee.abandon(stream, code: ErrorCode.internalError)
        }
        stream.pointee.didQueueEnd = true
        if !trailers.isEmpty { stream.pointee.trailers = trailers }
        resume(stream)
    }

    func reset(_ id: Int32, code: UInt32) {
        guard let stream = core.pointee.streams.find(id), !stream.pointee.isDeaf else { return }
        guard code == ErrorCode.noError, stream.pointee.didQueueEnd, !stream.pointee.didSendEnd else {
            return core.pointee.abandon(stream, code: code)
        }
        // The library would send the reset before what is queued: wait for the end.
        stream.pointee.isDeaf = true
        if stream.pointee.unconsumed > 0 {
            core.pointee.unhold(stream.pointee.unconsumed)
            stream.pointee.unconsumed = 0
        }
    }

    func consume(_ count: Int, on id: Int32) {
        guard count > 0, let stream = core.pointee.streams.find(id) else { return }
        let used = min(count, stream.pointee.unconsumed)
        stream.pointee.unconsumed -= used
        nghttp2_session_consume_stream(session, id, used)
        core.pointee.unhold(used)
    }

    func queuedBytes(on id: Int32) -> Int { core.pointee.streams.find(id)?.pointee.outbound.count ?? 0 }

    func room(on id: Int32) -> Int {
        core.pointee.streams.find(id).map { core.pointee.limits.highMark - $0.pointee.outbound.count } ?? 0
    }

    private func resume(_ stream: UnsafeMutablePointer<NGHTTP2Stream>) {
        guard stream.pointee.isDeferred, !stream.pointee.outbound.isEmpty || stream.pointee.didQueueEnd else { return }
        stream.pointee.isDeferred = false
        nghttp2_session_resume_data(session, stream.pointee.id)
    }

    private func withProvider<Result>(
        unless end: Bool, _ body: (UnsafePointer<nghttp2_data_provider>?) -> Result
    ) -> Result {
        guard !end else { return body(nil) }
        var provider = nghttp2_data_provider(source: nghttp2_data_source(), read_callback: NGHTTP2Callbacks.read)
        return withUnsafePointer(to: &provider) { body($0) }
    }

    // MARK: Connection

    func ping(_ opaque: UInt64) {
        guard !core.pointee.isOver else { return }
        withUnsafeBytes(of: opaque.bigEndian) { bytes in
            _ = nghttp2_submit_ping(
                session, UInt8(NGHTTP2_FLAG_NONE.rawValue), bytes.baseAddress?.assumingMemoryBound(to: UInt8.self))
        }
    }

    func shutdownNotice() {
        guard !core.pointee.isOver, role == .server, !core.pointee.didSendGoAway else { return }
        if nghttp2_submit_shutdown_notice(session) == 0 { core.pointee.goAwaysUnderWay += 1 }
    }

    func goAway(code: UInt32, debug: String) {
        guard !core.pointee.isOver else { return }
        // A second GOAWAY may not name a later stream than the first (RFC 9113 §6.8).
        let last = min(lastPeerStream, core.pointee.ownLastStream)
        let result = Array(debug.utf8.prefix(core.pointee.limits.maxDebugData)).withUnsafeBufferPointer {
            nghttp2_submit_goaway(session, UInt8(NGHTTP2_FLAG_NONE.rawValue), last, code, $0.baseAddress, $0.count)
        }
        if result == 0 {
            core.pointee.goAwaysUnderWay += 1
            core.pointee.didSendGoAway = true
            core.pointee.ownLastStream = last
        }
    }

    func takeOutput(_ limit: Int, _ write: (UnsafeRawBufferPointer) -> Void) -> Bool {
        core.pointee.sunk = 0
        if !core.pointee.early.isEmpty { takeEarly(write) }
        guard !core.pointee.isOver else { return false }
        return withoutActuallyEscaping(write) { write in
            core.pointee.sink = write
            core.pointee.sinkLimit = limit
            defer { core.pointee.sink = nil }
            return drainLibrary(limit, write)
        }
    }

    func takeOutput(_ limit: Int, into chain: OutputChain) -> Bool {
        takeOutput(limit) { chain.append($0) }
    }

    private func takeEarly(_ write: (UnsafeRawBufferPointer) -> Void) {
        let bytes = core.pointee.early
        core.pointee.early = []
        core.pointee.sunk = bytes.count
        bytes.withUnsafeBytes { write($0) }
    }

    private func drainLibrary(_ limit: Int, _ write: (UnsafeRawBufferPointer) -> Void) -> Bool {
        var data: UnsafePointer<UInt8>?
        while core.pointee.sunk < limit {
            let length = nghttp2_session_mem_send(session, &data)
            if length > 0 {
                write(UnsafeRawBufferPointer(start: data, count: length))
                core.pointee.sunk += length
            } else if core.pointee.isPaused {
                core.pointee.isPaused = false
            } else {
                if length < 0 { core.pointee.fail(ErrorCode.internalError, "the library cannot send") }
                return false
            }
        }
        return hasOutput
    }

    var hasOutput: Bool {
        !core.pointee.early.isEmpty || !core.pointee.isOver && nghttp2_session_want_write(session) != 0
    }

    var wantsClose: Bool {
        guard core.pointee.early.isEmpty else { return false }
        return core.pointee.isOver
            || nghttp2_session_want_read(session) == 0 && nghttp2_session_want_write(session) == 0
    }

    var activeStreams: Int { core.pointee.streams.count }

    var peerMaxConcurrentStreams: Int {
        Int(nghttp2_session_get_remote_settings(session, NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS))
    }

    var lastPeerStream: Int32 { nghttp2_session_get_last_proc_stream_id(session) }
}
