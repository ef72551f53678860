import Bytes
import Exchange
import Timebase

/// Hears a request that was answered by its head alone, until the client has said everything or has talked too long.
final class AnsweredRequest: ExchangeHandler {
    private let stream: any ExchangeStream
    private var timer: (any CancellableTimer)?

    init(_ stream: any ExchangeStream, timers: any CallTimers, lingering: Duration, end: Bool) {
        self.stream = stream
        if !end {
            timer = timers.timer(at: timers.now.advanced(by: lingering)) { stream.reset(.noError) }
        }
    }

    func heard(head: Fields, end: Bool) {}
    func heard(_ chunk: Chunk, end: Bool) { stream.consume(chunk.count) }
    func heard(trailers: Fields) {}
    func hasRoom() {}
    func ended(_ ending: Ending) { timer?.cancel() }
}
