/// How much may be sent under flow control (RFC 9113 §6.9): of a stream, or of the connection.
///
/// It may be negative: SETTINGS can take back what was spent (§6.9.2).
struct SendWindow {
    private(set) var available: Int32

    static let initial: Int32 = 65_535

    init(_ available: Int32 = SendWindow.initial) {
        self.available = available
    }

    /// Counts bytes that were sent; the window had them.
    @inline(__always)
    mutating func spend(_ count: Int) {
        available -= Int32(truncatingIfNeeded: count)
    }

    /// Adds what a WINDOW_UPDATE or a change of settings says; false if that is more than a window can be (§6.9.1).
    mutating func change(by difference: Int64) -> Bool {
        let (sum, overflow) = Int64(available).addingReportingOverflow(difference)
        guard !overflow, let value = Int32(exactly: sum) else { return false }
        available = value
        return true
    }
}

/// How much the peer may send us, and what is due back to it.
///
/// What is given back waits until it is half of the window, and then goes as one WINDOW_UPDATE: a unary call causes none.
struct ReceiveWindow {
    /// What the peer may have under way when nothing is held.
    private(set) var size: Int32
    /// What it may still send.
    private(set) var available: Int32
    /// What was given back and not told yet. Negative while a window that was made smaller is being taken in.
    private var due: Int32

    /// The window as the peer knows it, on its way to `size`.
    init(size: Int32, known: Int32) {
        self.size = size
        available = known
        due = min(0, size - known)
    }

    /// Opens a fresh window to its size; answers the increment that the peer must be told of.
    mutating func open() -> Int32? {
        guard size > available else { return nil }
        defer { available = size }
        return size - available
    }

    /// Counts bytes that came; false if the peer had no right to send them.
    @inline(__always)
    mutating func take(_ count: Int) -> Bool {
        guard count <= Int(available) else { return false }
        available -= Int32(truncatingIfNeeded: count)
        return true
    }

    /// Gives `count` bytes back that were taken; answers the increment that the peer must be told of now.
    @inline(__always)
    mutating func giveBack(_ count: Int) -> Int32? {
        due += Int32(truncatingIfNeeded: count)
        guard due > 0, due >= size / 2 else { return nil }
        defer { due = 0 }
        available += due
        return due
    }

    /// The peer acknowledged a setting that makes the window so much larger or smaller (RFC 9113 §6.9.2).
    mutating func resize(by difference: Int32) {
        size += difference
        available += difference
    }
}
