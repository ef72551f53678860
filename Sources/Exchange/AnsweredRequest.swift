package import Bytes
import Timebase

/// Hears a request that was answered by its head alone, until the peer has said everything or has talked too long.
package final class AnsweredRequest: ExchangeHandler {
    private let stream: any ExchangeStream
    private var timer: (any CancellableTimer)?

    /// - Parameters:
    ///   - lingering: how long the peer may go on, before the rest is refused with NO_ERROR (RFC 9113 §8.1).
    ///   - end: the request was over with its head.
    package init(_ stream: any ExchangeStream, timers: any CallTimers, lingering: Duration, end: Bool) {
        self.stream = stream
        if !end {
            timer = timers.timer(at: timers.now.advanced(by: lingering)) { stream.reset(.noError) }
        }
    }

    package func heard(head: Fields, end: Bool) {}
    package func heard(_ chunk: Chunk, end: Bool) { stream.consume(chunk.count) }
    package func heard(trailers: Fields) {}
    package func hasRoom() {}
    package func ended(_ ending: Ending) { timer?.cancel() }
}
