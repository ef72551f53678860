import Synchronization

/// Where a client's state is read from any thread, and watched.
final class StateBoard: Sendable {
    /// Changes that a watcher may be behind.
    private static let backlog = 16

    private struct Board {
        var state = ChannelState.idle
        var watchers: [Int: AsyncStream<ChannelState>.Continuation] = [:]
        var next = 0
    }

    private let board = Mutex(Board())

    var state: ChannelState { board.withLock { $0.state } }

    func publish(_ state: ChannelState) {
        let watchers = board.withLock { board in
            board.state = state
            return Array(board.watchers.values)
        }
        for watcher in watchers {
            watcher.yield(state)
            if state == .shutdown { watcher.finish() }
        }
    }

    func states() -> AsyncStream<ChannelState> {
        AsyncStream(bufferingPolicy: .bufferingNewest(Self.backlog)) { continuation in
            let number: Int? = board.withLock { board in
                // Within the lock, so that no change overtakes it.
                continuation.yield(board.state)
                if board.state == .shutdown { return nil }
                board.next += 1
                board.watchers[board.next] = continuation
                return board.next
            }
            guard let number else { return continuation.finish() }
            continuation.onTermination = { [weak self] _ in
                self?.board.withLock { $0.watchers[number] = nil }
            }
        }
    }
}
