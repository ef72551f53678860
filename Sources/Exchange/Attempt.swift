import Bytes

/// One try of a call: hears the endpoint for the driver, until the driver has no more use for it.
final class Attempt: ExchangeHandler {
    /// nil once the try is over for the driver: what comes later is nobody's.
    @exclusivity(unchecked) var driver: CallDriver?
    /// What the endpoint was sent on, for a try that was given up before the endpoint ended it.
    @exclusivity(unchecked) var stream: (any ExchangeStream)?

    init(of driver: CallDriver) {
        self.driver = driver
    }

    func heard(head: Fields, end: Bool) { driver?.attemptHeard(head: head, end: end) }

    func heard(_ chunk: Chunk, end: Bool) {
        guard let driver else {
            stream?.consume(chunk.count)
            return
        }
        driver.attemptHeard(chunk, end: end)
    }

    func heard(trailers: Fields) { driver?.attemptHeard(trailers: trailers) }

    func hasRoom() { driver?.pump() }

    func ended(_ ending: Ending) {
        driver?.attemptEnded(ending)
        driver = nil
        stream = nil
    }
}

/// The stream of an attempt: called without counting a reference, as a value that cannot be copied is borrowed.
///
/// So nobody may empty the slot while the stream is called, and within such a call the attempt may end, or another begin:
/// the driver leaves the stream in its slot, and when another takes it puts it aside until the call itself is gone.
struct StreamSlot: ~Copyable {
    private let stream: (any ExchangeStream)?

    init() { stream = nil }
    init(_ stream: any ExchangeStream) { self.stream = stream }

    /// The stream for whoever keeps it.
    var counted: (any ExchangeStream)? { stream }

    var room: Int { stream?.room ?? 0 }
    @inline(__always) borrowing func send(head: Fields, end: Bool) { stream?.send(head: head, end: end) }
    @inline(__always) borrowing func send(_ chunk: Chunk, end: Bool) { stream?.send(chunk, end: end) }
    @inline(__always) borrowing func send(trailers: Fields) { stream?.send(trailers: trailers) }
    @inline(__always) borrowing func consume(_ count: Int) { stream?.consume(count) }
    @inline(__always) borrowing func reset(_ code: ResetCode) { stream?.reset(code) }
}
