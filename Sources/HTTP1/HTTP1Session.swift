public import Bytes

/// The server's end of one HTTP/1 connection without its socket: bytes in, events out; responses in, bytes out (RFC 9112).
///
///     request line ─▶ fields ─▶ body ─▶ complete ──(response is out)──▶ request line
///           │            │        │                                       of the next request
///           └────────────┴────────┴──▶ over: a fault, the client's end, or a response after which the connection closes
///
/// The one law: **after every input and command, take events until there are none.** Requests come one at a time: those
/// that a client sends ahead wait unread until the response before them is out. Commands outside of an exchange are
/// ignored, so that nobody needs to ask whether the client is still there.
///
/// The session belongs to one loop and is touched there alone.
public final class HTTP1Session {
    public let limits: HTTP1Limits
    /// What `:scheme` says: `https` behind TLS.
    let scheme: String
    /// The value for `date` fields, which whoever has a clock keeps up to date; none is sent while it is empty.
    public var date = ""

    enum Stage: Equatable {
        case requestLine
        case fields
        case length(Int)
        case chunkSize
        case chunkData(Int)
        case chunkEnd
        case trailers
        /// The request was read; its response is not out.
        case complete
        case over
    }

    var stage = Stage.requestLine
    var input: [UInt8] = []
    /// Where in `input` the bytes start that were not read yet, and up to where there is no line end.
    var inputStart = 0
    var scanned = 0
    var parser: RequestParser
    /// The head of the request under way.
    var request: RequestHead?
    var writer: ResponseWriter?
    var events: [HTTP1Event] = []
    var eventsTaken = 0
    private var output = OutputBuffer()

    var didSkipEmptyLine = false
    /// Bytes of fields and of chunk extensions of this request, and of its body.
    var fieldBytes = 0
    var extensionBytes = 0
    var bodyBytes = 0
    /// Small pieces of the body that go into one chunk.
    var gathered: [UInt8] = []
    var unconsumed = 0
    /// The response did not wait for the rest of the body.
    var isDiscarding = false
    var discarded = 0
    /// The client waits for 100 Continue.
    var owesContinue = false
    private var requests = 0
    private var isDraining = false
    private var didClientEnd = false
    private var isFull = false

    public init(scheme: String = "http", limits: HTTP1Limits = HTTP1Limits()) {
        self.scheme = scheme
        self.limits = limits
        parser = RequestParser(limits: limits, scheme: scheme)
    }

    // MARK: Input

    /// Takes bytes that came from the client, all of them.
    public func receive(_ bytes: UnsafeRawBufferPointer) {
        guard stage != .over, !didClientEnd else { return }
        input.append(contentsOf: bytes)
        read()
    }

    /// The client ended its half of the connection. A request that was sent whole is still answered.
    public func receiveEnd() {
        guard stage != .over, !didClientEnd else { return }
        didClientEnd = true
        endInput()
    }

    /// No more bytes will come: what is there must be a whole request, or nothing.
    private func endInput() {
        switch stage {
        case .requestLine where inputStart == input.count: close()
        case .complete, .over: break
        default: refuse(HTTP1Fault(400, "the connection ended within a request"))
        }
    }

    /// The next thing that happened, or nil.
    public func nextEvent() -> HTTP1Event? {
        guard eventsTaken < events.count else {
            events.removeAll(keepingCapacity: true)
            eventsTaken = 0
            return nil
        }
        eventsTaken += 1
        return events[eventsTaken - 1]
    }

    /// Says that bytes of chunks were used up.
    public func consume(_ count: Int) {
        unconsumed = max(0, unconsumed - count)
    }

    /// Whether more of the client's bytes are welcome; while not, leave them in the socket.
    public var wantsRead: Bool {
        guard stage != .over, !didClientEnd, unconsumed < limits.window else { return false }
        return stage != .complete || input.count - inputStart < limits.maxPipelined
    }

    // MARK: Responses

    /// Sends the head of the response: an interim one if `:status` is 1xx, else the final one.
    public func send(head: Fields, end: Bool) {
        guard writer != nil, !isDiscarding else { return }
        if !end, head.withValue(.status, { $0.first == UInt8(ascii: "1") }) ?? false {
            if head[.status] == "100" { owesContinue = false }
            writer?.interim(head, to: &output)
            return
        }
        // A client that was not told to continue may send its body or not: nothing after it could be read for sure.
        let isLast = isDraining || didClientEnd && inputStart == input.count || requests + 1 >= limits.maxRequests
        if isLast || owesContinue { writer?.keepsAlive = false }
        writer?.head(head, end: end, date: date, to: &output)
        noteWritten()
    }

    /// Queues bytes of the body. See `room` for when to stop.
    public func send(_ chunk: Chunk, end: Bool) {
        guard writer != nil, !isDiscarding else { return }
        writer?.chunk(chunk, end: end, to: &output)
        noteWritten()
    }

    /// Sends trailers, if the body is chunked, and with them the end.
    public func send(trailers: Fields) {
        guard writer != nil, !isDiscarding else { return }
        writer?.trailers(trailers, to: &output)
        noteWritten()
    }

    /// Gives the exchange up: what was queued goes out, then the connection closes, which tells the client that the
    /// response is not whole.
    public func abort() {
        writer = nil
        close()
    }

    /// Lets the exchange under way end, and the connection with it.
    public func drain() {
        isDraining = true
        if isIdle { close() }
    }

    /// How many bytes may be queued before the high mark; at 0 or less wait for `drained`.
    public var room: Int { limits.highMark - output.count }

    /// No request is under way: the connection may be closed without loss.
    public var isIdle: Bool { stage == .requestLine && inputStart == input.count }

    /// All was said: close when the output is written.
    public var wantsClose: Bool { stage == .over && output.isEmpty }

    /// Hands bytes to be written to `write`, in runs that are valid during the call only, until there are none or `limit`
    /// bytes were handed out. Answers whether more are waiting.
    public func takeOutput(_ limit: Int = .max, _ write: (UnsafeRawBufferPointer) -> Void) -> Bool {
        if let request, owesContinue, request.expectsContinue, writer?.hasHead == false {
            owesContinue = false
            output.append("HTTP/1.1 100 Continue\r\n\r\n")
        }
        writer?.writeHead(bodyLength: nil, to: &output)
        output.take(limit, write)
        if isFull, output.count <= limits.lowMark {
            isFull = false
            events.append(.drained)
        }
        return !output.isEmpty
    }

    // MARK: Ends

    private func noteWritten() {
        if output.count >= limits.highMark { isFull = true }
        guard let writer, writer.isDone else { return }
        if stage == .complete || !writer.keepsAlive {
            finish()
        } else {
            isDiscarding = true
            gathered = []
            read()
        }
    }

    /// The exchange is over: the next request may be read, if there may be one.
    func finish() {
        let keepsAlive = writer?.keepsAlive ?? false
        events.append(.finished)
        writer = nil
        request = nil
        requests += 1
        guard keepsAlive, !isDraining else { return close() }
        isDiscarding = false
        stage = .requestLine
        parser = RequestParser(limits: limits, scheme: scheme)
        didSkipEmptyLine = false
        fieldBytes = 0
        extensionBytes = 0
        bodyBytes = 0
        discarded = 0
        unconsumed = 0
        read()
        if didClientEnd { endInput() }
    }

    /// Answers a fault, if nothing of another answer went out, and ends.
    func refuse(_ fault: HTTP1Fault) {
        let isCutOff = writer?.didWriteHead ?? false
        let wasDiscarding = isDiscarding
        writer = nil
        close()
        if !isCutOff, !wasDiscarding {
            output.append("HTTP/1.1 \(fault.status) \(ResponseWriter.reason(fault.status))\r\n")
            if !date.isEmpty { output.append("date: \(date)\r\n") }
            output.append(
                "content-type: text/plain; charset=utf-8\r\ncontent-length: \(fault.reason.utf8.count + 1)\r\n")
            output.append("connection: close\r\n\r\n")
            if !(request?.isHead ?? false) { output.append("\(fault.reason)\n") }
        }
        request = nil
        events.append(wasDiscarding ? .finished : .failed(fault))
    }

    private func close() {
        stage = .over
        input = []
        inputStart = 0
        scanned = 0
        gathered = []
    }
}
