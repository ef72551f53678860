public import Reactor
import Timebase

/// What is notified on one channel, from a connection of its own that listens for it.
///
/// Postgres keeps no notification for who is not there: after `.lost` something may have been missed, and who keeps state from
/// notifications must read it afresh at the next `.listening`. The feed itself reconnects for as long as it runs.
public final class NotificationFeed: @unchecked Sendable {  // touched on its loop alone
    public enum Event: Sendable, Equatable {
        /// From now on every notification comes.
        case listening
        case notified(payload: String)
        case lost(PostgresFailure)
    }

    private let config: PostgresConfig
    private let channel: String
    private let loop: Loop
    private let hear: (Event) -> Void
    private var connection: Connection?
    private var dial: Dial?
    private var pause: DialPause
    private var chance = Entropy.chance()
    private var timer: LoopTimer?
    private var isRunning = false

    /// `channel` is an SQL identifier: lower-case letters, digits and underscores. `hear` is called on the loop.
    public init(_ config: PostgresConfig, channel: String, on loop: Loop, hear: @escaping (Event) -> Void) {
        precondition(
            !channel.isEmpty
                && channel.utf8.allSatisfy { $0 == 0x5f || (0x61...0x7a).contains($0) || (0x30...0x39).contains($0) },
            "a channel is a plain identifier: it becomes part of the statement")
        self.config = config
        self.channel = channel
        self.loop = loop
        self.hear = hear
        pause = DialPause(config.limits)
    }

    /// Any thread.
    public func start() {
        loop.perform {
            guard !self.isRunning else { return }
            self.isRunning = true
            self.connect()
        }
    }

    /// Nothing is heard after. Any thread.
    public func stop() {
        loop.perform {
            self.isRunning = false
            self.timer?.cancel()
            self.dial?.cancel()
            self.dial = nil
            self.connection?.onClose = nil
            self.connection?.close()
            self.connection = nil
        }
    }

    private func connect() {
        let dial = Dial(config, on: loop) { [self] result in
            self.dial = nil
            switch result {
            case .success(let connection): opened(connection)
            case .failure(let failure): lost(failure)
            }
        }
        self.dial = dial
        dial.start()
    }

    private func opened(_ connection: Connection) {
        self.connection = connection
        connection.onClose = { [self] failure in lost(failure) }
        connection.onNotification = { [self] _, payload in hear(.notified(payload: payload)) }
        connection.run(.queries([EncodedQuery(own: "LISTEN \(channel)")])) { [self] result in
            switch result {
            case .success:
                pause.reset()
                hear(.listening)
            case .failure(let failure):
                connection.close(failure)
            }
        }
    }

    private func lost(_ failure: PostgresFailure) {
        connection = nil
        guard isRunning else { return }
        hear(.lost(failure))
        timer = loop.schedule(after: pause.afterFailure(&chance)) { [self] in connect() }
    }
}
