internal import Bytes
internal import Exchange
internal import RPC
internal import Reactor
internal import Timebase

/// Hears what the service answers to one `EdgeCall`, and turns it into JSON.
///
/// A unary reply is kept until its trailers say that it is good; a stream goes out message by message, one JSON object a line
/// (NDJSON), and says at its end in-band if it failed: `{"error":{...}}`.
final class UpstreamReply: ExchangeHandler {
    private unowned let call: EdgeCall  // the call owns the reply and cancels it before it goes
    private let method: EdgeMethod
    private var upstream: (any ExchangeStream)?
    private var deframer: MessageDeframer
    private var message: [UInt8]?
    /// Bytes that the client has not taken yet: the service gets its window back when there is room.
    private var owed = 0
    private var hasLines = false
    private(set) var isOpen = true

    init(call: EdgeCall, method: EdgeMethod) {
        self.call = call
        self.method = method
        deframer = MessageDeframer(maxMessageBytes: call.acceptor.config.maxBodyBytes)
    }

    func start(_ message: [UInt8], on exchanger: any Exchanger, timeout: Duration) {
        let deadline = call.acceptor.loop.now.advanced(by: timeout)
        let stream = exchanger.open(CallIntent(destination: method.service, deadline: deadline), handler: self)
        upstream = stream
        // A stream lives as long as its client, so its timeout is the edge's own affair.
        var head = OutgoingHead.fields(
            path: "/" + method.fullName, authority: method.service, timeout: method.isServerStreaming ? nil : timeout)
        head.append(.requestID, call.requestID)
        head.append(contentsOf: call.traceFields)
        stream.send(head: head, end: false)
        stream.send(MessageFramer.frame(Chunk(message)), end: true)
    }

    func cancel() {
        guard isOpen else { return }
        isOpen = false
        upstream?.reset(.cancel)
    }

    /// The client has room again.
    func resume() {
        guard owed > 0 else { return }
        upstream?.consume(owed)
        owed = 0
    }

    // MARK: What the service says

    func heard(head: Fields, end: Bool) {
        // A reply that is trailers only has its status in the head (PROTOCOL-HTTP2, "Trailers-Only").
        if end { return close(head) }
        // A stream that begins is told at once: its first message may be long in coming.
        if method.isServerStreaming, head[.status] == "200" { openStream() }
    }

    private func openStream() {
        guard !hasLines else { return }
        hasLines = true
        call.openStream()
    }

    func heard(_ chunk: Chunk, end: Bool) {
        guard isOpen else { return }
        owed += chunk.count
        deframer.append(chunk)
        do {
            while let next = try deframer.next() {
                if method.isServerStreaming {
                    try sendLine(next.array)
                } else {
                    message = next.array
                }
            }
        } catch {
            return failed(EdgeFault(502, code: 13, "the service's reply cannot be read: \(error)"))
        }
        if !method.isServerStreaming || call.stream.room > 0 { resume() }
        if end { failed(EdgeFault(502, code: 13, "the service ended its reply without a status")) }
    }

    func heard(trailers: Fields) {
        close(trailers)
    }

    func hasRoom() {}

    func ended(_ ending: Ending) {
        guard isOpen else { return }
        if case .failed(let failure) = ending {
            call.why = Why(failure, reporter: "edge", requestID: call.requestID)
            failed(EdgeFault(failure))
        } else {
            failed(EdgeFault(502, code: 13, "the service ended its reply without a status"))
        }
    }

    private func close(_ fields: Fields) {
        guard isOpen else { return }
        let status = StatusTrailers(fields)
        guard status.code == .ok else {
            call.why = Why(in: fields)
            return failed(EdgeFault(status, call.why))
        }
        isOpen = false
        if method.isServerStreaming {
            openStream()
            call.stream.send(.empty, end: true)
            return call.finish(status: 200)
        }
        guard let message else {
            return call.fail(EdgeFault(502, code: 13, "the service answered OK without a message"))
        }
        do {
            call.respond(200, contentType: "application/json", try method.reply(message))
        } catch {
            call.fail(error)
        }
    }

    private func sendLine(_ bytes: [UInt8]) throws(EdgeFault) {
        let line = try method.reply(bytes) + [0x0A]
        openStream()
        call.stream.send(Chunk(line), end: false)
    }

    private func failed(_ fault: EdgeFault) {
        guard isOpen else { return }
        isOpen = false
        upstream?.reset(.cancel)
        guard hasLines else { return call.fail(fault) }
        let line = Array("{\"error\":".utf8) + fault.body(requestID: call.requestID) + Array("}\n".utf8)
        call.stream.send(Chunk(line), end: true)
        call.note(fault)
        call.finish(status: fault.httpStatus)
    }
}
