internal import Glibc
internal import Synchronization

/// Writes whole lines to a descriptor without ever waiting for it.
///
/// A log is read by somebody else: a pipe whose reader stands still, or a full disk, must not hold up calls. What cannot be
/// written now waits in a bounded buffer, in order, and never in parts; past the bound lines are dropped and counted, and
/// the next line that gets through is preceded by one that says how many.
///
///     passing ──no room──▶ held ──room──▶ passing        held and full: dropped, counted, told
///
/// The descriptor's own flags are left alone, since other processes may share what is behind it: a pipe or a terminal is
/// opened a second time, without waiting (`/proc/self/fd`); a socket is sent to without waiting (systemd's journal); a file
/// is written as it is.
package final class LogWriter: Sendable {
    /// Some thousand lines: what a process says in a minute of trouble.
    package static let mostHeld = 256 << 10

    package static let standardError = LogWriter(to: 2)

    private enum Kind {
        case socket
        case other
    }

    private struct State: ~Copyable {
        /// Lines, of which the first may have been written in part.
        var held: [UInt8] = []
        var dropped = 0
        /// Dropped since the last line that told of it.
        var untold = 0
        var stalled: (@Sendable () -> Void)?
    }

    private let descriptor: Int32
    private let ownsDescriptor: Bool
    private let kind: Kind
    private let limit: Int
    private let state = Mutex(State())

    package init(to descriptor: Int32, mostHeld: Int = LogWriter.mostHeld) {
        limit = mostHeld
        var facts = stat()
        let type = fstat(descriptor, &facts) == 0 ? facts.st_mode & S_IFMT : 0
        kind = type == S_IFSOCK ? .socket : .other
        let again =
            type == S_IFIFO || type == S_IFCHR
            ? open("/proc/self/fd/\(descriptor)", O_WRONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY) : -1
        self.descriptor = again >= 0 ? again : descriptor
        ownsDescriptor = again >= 0
    }

    deinit { if ownsDescriptor { close(descriptor) } }

    /// Lines that were never written.
    package var dropped: Int { state.withLock { $0.dropped } }
    package var isHolding: Bool { state.withLock { !$0.held.isEmpty } }

    /// `stalled` is called when lines begin to wait: somebody should call `flush` a while later. From any thread.
    package func whenStalled(_ stalled: @escaping @Sendable () -> Void) {
        state.withLock { $0.stalled = stalled }
    }

    /// `line` ends with a line feed.
    package func write(_ line: [UInt8]) {
        let stalled = state.withLock { state -> (@Sendable () -> Void)? in
            let wasHolding = !state.held.isEmpty
            if wasHolding { flush(&state) }
            if state.held.isEmpty {
                tellOfDropped(&state)
                let written = state.held.isEmpty ? put(line[...]) : 0
                if written == line.count { return nil }
                if written > 0 {
                    state.held += line[written...]
                } else {
                    hold(line, &state)
                }
            } else {
                hold(line, &state)
            }
            return wasHolding ? nil : state.stalled
        }
        stalled?()
    }

    /// Tries again; answers whether all is written.
    @discardableResult
    package func flush() -> Bool {
        state.withLock { state in
            flush(&state)
            if state.held.isEmpty { tellOfDropped(&state) }
            return state.held.isEmpty
        }
    }

    /// At the end of a process: waits for room, but not for long.
    package func flush(withinMilliseconds limit: Int32) {
        guard !flush(), limit > 0 else { return }
        var wish = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        _ = poll(&wish, 1, limit)
        flush()
    }

    private func hold(_ line: [UInt8], _ state: inout State) {
        guard state.held.count + line.count <= limit else {
            state.dropped += 1
            state.untold += 1
            return
        }
        state.held += line
    }

    private func flush(_ state: inout State) {
        let written = put(state.held[...])
        if written == state.held.count {
            state.held = []
        } else if written > 0 {
            state.held.removeFirst(written)
        }
    }

    private func tellOfDropped(_ state: inout State) {
        guard state.untold > 0 else { return }
        var text = JSONText()
        text.open()
        text.member("level", "warning")
        text.member("msg", "lines of this log were lost, since it could not be written")
        text.member("lost", state.untold)
        text.close()
        let line = text.bytes + [0x0A]
        let written = put(line[...])
        guard written > 0 else { return }
        state.untold = 0
        if written < line.count { state.held = Array(line[written...]) }
    }

    /// How many bytes went out: all, some, or none.
    private func put(_ bytes: ArraySlice<UInt8>) -> Int {
        var sent = 0
        bytes.withUnsafeBytes { raw in
            while sent < raw.count {
                let rest = UnsafeRawBufferPointer(rebasing: raw[sent...])
                let count =
                    switch kind {
                    case .socket:
                        send(descriptor, rest.baseAddress, rest.count, Int32(MSG_DONTWAIT) | Int32(MSG_NOSIGNAL))
                    case .other: Glibc.write(descriptor, rest.baseAddress, rest.count)
                    }
                if count > 0 {
                    sent += count
                } else if count == 0 || errno != EINTR {
                    return
                }
            }
        }
        return sent
    }
}
