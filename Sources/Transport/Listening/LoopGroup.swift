public import Exchange
public import Reactor
import Synchronization

/// The loops of a process that uses several cores, a thread each.
///
///     let group = try LoopGroup.start(count: 4)
///     let listeners = try group.listen(on: address, security: .plaintext) { loop in
///         let router = Router(timers: loop)
///         router.add(EchoService())
///         return router
///     }
///
/// Each loop has a listener of its own on the same port, and the kernel spreads connections over them (SO_REUSEPORT). What
/// serves a connection is made for its loop, so that nothing on a call's path is shared between two of them: no lock, no
/// counter, no buffer. What the loops do share, a store or a cache, is the handlers' own affair.
public final class LoopGroup: Sendable {
    /// More threads than any machine of ours has cores; a number above it is a mistake in a configuration.
    public static let maximum = 256

    public let loops: [Loop]

    private init(_ loops: [Loop]) {
        self.loops = loops
    }

    /// Starts `count` loops on threads of their own.
    public static func start(count: Int, name: String = "loop") throws(ReactorError) -> LoopGroup {
        precondition((1...maximum).contains(count), "a process has from 1 to \(maximum) loops")
        var loops: [Loop] = []
        for index in 0..<count {
            do throws(ReactorError) {
                loops.append(try Loop.start(name: count == 1 ? name : "\(name)-\(index)"))
            } catch {
                for loop in loops { loop.stop() }
                throw error
            }
        }
        return LoopGroup(loops)
    }

    /// Listens on every loop at one address; `acceptor` is asked once for each loop. A port of 0 is chosen once.
    public func listen(
        on address: SocketAddress, security: ServerSecurity, limits: ConnectionLimits = .init(),
        events: ConnectionEvents = .none, protocols: Listener.MakeHandler? = nil,
        acceptor: (Loop) -> any Acceptor
    ) throws(ListenError) -> ListenerGroup {
        var listeners: [Listener] = []
        for loop in loops {
            do throws(ListenError) {
                listeners.append(
                    try Listener.listen(
                        on: listeners.first?.localAddress ?? address, loop: loop, security: security, limits: limits,
                        acceptor: acceptor(loop), events: events, sharesPort: loops.count > 1, protocols: protocols))
            } catch {
                for listener in listeners { listener.close() }
                throw error
            }
        }
        return ListenerGroup(listeners)
    }

    /// Ends the loops, after what was asked of them before.
    public func stop() {
        for loop in loops { loop.stop() }
    }
}

/// One address that several loops listen at.
public final class ListenerGroup: Sendable {
    public let listeners: [Listener]
    public var localAddress: SocketAddress { listeners[0].localAddress }

    init(_ listeners: [Listener]) {
        self.listeners = listeners
    }

    /// Drains all of them, as `Listener.drain` does; `done` is called once, on the loop of the last one.
    public func drain(grace: Duration, done: @escaping @Sendable () -> Void) {
        let left = Countdown(listeners.count)
        for listener in listeners {
            listener.drain(grace: grace) { if left.isLast() { done() } }
        }
    }

    public func close() {
        for listener in listeners { listener.close() }
    }
}

/// Counts down from several threads.
private final class Countdown: Sendable {
    private let left: Atomic<Int>

    init(_ count: Int) { left = Atomic(count) }

    func isLast() -> Bool { left.subtract(1, ordering: .acquiringAndReleasing).newValue == 0 }
}
