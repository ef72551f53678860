import CLinux
import Glibc

/// Signals as events of a loop, by signalfd: a handler that may do anything, on the loop's thread.
///
/// A signal comes here only while every thread blocks it, so `block` must be called in `main` before threads start;
/// threads inherit the mask.
public final class SignalSource: ReadySource {
    private let descriptor: Int32
    private let loop: Loop
    private let received: (Int32) -> Void

    /// Blocks `signals` for this thread and those that it starts.
    public static func block(_ signals: [Int32]) {
        var set = SignalSource.set(signals)
        pthread_sigmask(SIG_BLOCK, &set, nil)
    }

    /// Calls `received` with each of `signals` that comes. Blocks them for this thread as well.
    public init(_ signals: [Int32], on loop: Loop, _ received: @escaping (Int32) -> Void) throws(ReactorError) {
        SignalSource.block(signals)
        var set = SignalSource.set(signals)
        descriptor = signalfd(-1, &set, Int32(SFD_NONBLOCK | SFD_CLOEXEC))
        guard descriptor >= 0 else { throw ReactorError(call: "signalfd", code: errno) }
        self.loop = loop
        self.received = received
        try loop.watch(descriptor, .read, self)
    }

    /// Stops listening. The signals stay blocked.
    public func cancel() {
        loop.forget(descriptor)
        close(descriptor)
    }

    public func ready(_ events: Readiness) {
        var info = signalfd_siginfo()
        while read(descriptor, &info, MemoryLayout<signalfd_siginfo>.size) == MemoryLayout<signalfd_siginfo>.size {
            received(Int32(info.ssi_signo))
        }
    }

    private static func set(_ signals: [Int32]) -> sigset_t {
        var set = sigset_t()
        sigemptyset(&set)
        for signal in signals { sigaddset(&set, signal) }
        return set
    }
}
