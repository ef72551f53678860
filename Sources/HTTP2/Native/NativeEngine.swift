import Bytes
import Timebase

/// Our own HTTP/2 engine: frames, HPACK, streams and windows in Swift (RFC 9113, RFC 7541).
///
/// All state is a `NativeCore` behind a pointer; this class gives it a lifetime, and looks streams up. See
/// `HTTP2.docc/0001-why-our-own-engine.md` for why it is here, and for where it differs from the library.
final class NativeEngine: HTTP2Engine {
    private let core: UnsafeMutablePointer<NativeCore>

    init(role: HTTP2Session.Role, settings: HTTP2Settings, limits: HTTP2Limits) {
        core = .allocate(capacity: 1)
        core.initialize(to: NativeCore(role: role, settings: settings, limits: limits))
    }

    deinit {
        core.deinitialize(count: 1)
        core.deallocate()
    }

    // MARK: Receiving

    func receive(_ bytes: UnsafeRawBufferPointer) throws(HTTP2ConnectionError) {
        if core.pointee.isOver { return }
        if core.pointee.failure == nil { core.pointee.receive(bytes) }
        try throwFailure()
    }

    func receive(_ chunk: Chunk) throws(HTTP2ConnectionError) {
        if core.pointee.isOver { return }
        if core.pointee.failure == nil {
            core.pointee.source = chunk
            chunk.withUnsafeBytes { core.pointee.receive($0) }
            core.pointee.source = nil
        }
        try throwFailure()
    }

    private func throwFailure() throws(HTTP2ConnectionError) {
        guard let failure = core.pointee.failure else { return }
        core.pointee.giveUp(failure)
        throw failure
    }

    func nextEvent() -> HTTP2Event? { core.pointee.events.popFirst() }

    func reach(_ now: Instant) { core.pointee.floods.reach(now, core.pointee.limits) }

    // MARK: Streams

    func openStream(_ head: Fields, end: Bool) throws(HTTP2StreamError) -> Int32 {
        try core.pointee.openStream(head, end: end)
    }

    func send(head: Fields, on id: Int32, end: Bool) {
        guard let stream = core.pointee.streams.find(id) else { return }
        core.pointee.send(head: head, on: stream, end: end)
    }

    func send(_ chunk: Chunk, on id: Int32, end: Bool) {
        guard let stream = core.pointee.streams.find(id) else { return }
        core.pointee.send(chunk, on: stream, end: end)
    }

    func send(trailers: Fields, on id: Int32) {
        guard let stream = core.pointee.streams.find(id) else { return }
        core.pointee.send(trailers: trailers, on: stream)
    }

    func reset(_ id: Int32, code: UInt32) {
        guard let stream = core.pointee.streams.find(id) else { return }
        core.pointee.reset(stream, code: code)
    }

    func consume(_ count: Int, on id: Int32) {
        guard count > 0, let stream = core.pointee.streams.find(id) else { return }
        core.pointee.consume(count, on: stream)
    }

    func queuedBytes(on id: Int32) -> Int { core.pointee.streams.find(id)?.pointee.outbound.count ?? 0 }

    func room(on id: Int32) -> Int {
        guard let stream = core.pointee.streams.find(id) else { return 0 }
        return core.pointee.limits.highMark - stream.pointee.outbound.count
    }

    // MARK: Connection

    func ping(_ opaque: UInt64) {
        if !core.pointee.isOver { core.pointee.ping(opaque) }
    }

    func shutdownNotice() {
        if !core.pointee.isOver { core.pointee.shutdownNotice() }
    }

    func goAway(code: UInt32, debug: String) {
        if !core.pointee.isOver { core.pointee.goAway(code: code, debug: debug) }
    }

    func takeOutput(_ limit: Int, into chain: OutputChain) -> Bool {
        core.pointee.takeOutput(limit, into: chain)
    }

    func takeOutput(_ limit: Int, _ write: (UnsafeRawBufferPointer) -> Void) -> Bool {
        let chain = OutputChain(blocks: HeapBlocks())
        let isMore = core.pointee.takeOutput(limit, into: chain)
        chain.withRuns { run in
            write(run)
            return true
        }
        return isMore
    }

    func trim() {
        core.pointee.streams.trim()
        core.pointee.events.trim()
    }

    var hasOutput: Bool { core.pointee.hasOutput }
    var wantsClose: Bool { core.pointee.wantsClose }
    var activeStreams: Int { core.pointee.streams.count }
    var peerMaxConcurrentStreams: Int { core.pointee.peer.maxConcurrentStreams }
    var lastPeerStream: Int32 { core.pointee.lastTaken }
}
