internal import RPC
internal import Reactor
internal import Synchronization
internal import Timebase

/// Makes the ids that tie the log lines of one request together.
public enum RequestID {
    private static let chance = Mutex<Chance>(Entropy.chance())

    /// 128 bits as 32 hexadecimal digits: the form of a W3C trace id, so that it can serve as one.
    public static func make() -> String {
        let (high, low) = chance.withLock { ($0.next(), $0.next()) }
        return TraceParent.hex(high) + TraceParent.hex(low)
    }
}
