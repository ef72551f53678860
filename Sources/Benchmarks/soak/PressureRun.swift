import BenchAPI
import ProtoWire
import RPC
import Reactor
import Synchronization
import Timebase
import Transport

/// A writer that never waits by itself, and a reader that sleeps: the windows must hold the writer, whatever its size.
///
/// Both ends are in this process, each on its loop, so that its memory is what both of them hold together. What is under
/// way is counted message by message: written and not yet read.
final class PressureRun: Sendable {
    /// What both sides together may hold: the windows, the stream's buffer, and the kernel's two buffers, which grow to a
    /// few mebibytes each on loopback.
    static let bound = 16 * 1024 * 1024
    private static let messageBytes = 64 * 1024
    /// The reader sleeps so long after so many messages: then the writer has filled all that there is.
    private static let sleepEvery = 64
    private static let sleep: Duration = .milliseconds(2)
    static let up = MethodDescriptor(path: "/soak.P/Up", name: "Up", kind: .clientStreaming, isIdempotent: false)
    static let down = MethodDescriptor(path: "/soak.P/Down", name: "Down", kind: .serverStreaming, isIdempotent: false)

    private let messages: Int
    private let counts = Mutex(Counts())

    private struct Counts {
        var written = 0
        var read = 0
        var most = 0
    }

    init(mebibytes: Int) {
        messages = max(1, mebibytes * 1024 * 1024 / PressureRun.messageBytes)
    }

    func run() throws -> [String] {
        let serverLoop = try Loop.start(name: "server")
        let clientLoop = try Loop.start(name: "client")
        let router = Router(timers: serverLoop)
        router.clientStreaming(PressureRun.up) { [self] (requests: MessageReader<Bench.Msg>, _: Call) in
            try await read(requests, on: serverLoop)
            return Bench.Msg()
        }
        router.serverStreaming(PressureRun.down) { [self] (_: Bench.Msg, replies: MessageWriter<Bench.Msg>, _: Call) in
            try await write(to: replies)
        }
        let listener = try Listener.listen(
            on: .ip("127.0.0.1", port: 0), loop: serverLoop, security: .plaintext, acceptor: router)
        let pool = ConnectionPool(to: listener.localAddress, loop: clientLoop, security: .plaintext)
        let channel = Channel(pool, destination: "soak", timers: clientLoop)
        var complaints: [String] = []
        // Once small, so that pools and buffers are there before anything is measured.
        _ = measure("warm-up", clientLoop) { try await self.callUp(channel, on: clientLoop, count: 64) }
        complaints += measure("client to server", clientLoop) {
            try await self.callUp(channel, on: clientLoop, count: self.messages)
        }
        complaints += measure("server to client", clientLoop) {
            let request = Bench.Msg()
            try await channel.serverStreaming(PressureRun.down, request, call: nil, options: CallOptions()) {
                (replies: MessageReader<Bench.Msg>) in try await self.read(replies, on: clientLoop)
            }
        }
        return complaints
    }

    private func callUp(_ channel: Channel, on loop: Loop, count: Int) async throws {
        let _: Bench.Msg = try await channel.clientStreaming(PressureRun.up, call: nil, options: CallOptions()) {
            (requests: MessageWriter<Bench.Msg>) in try await self.write(to: requests, count: count)
        }
    }

    private func measure(
        _ what: String, _ loop: Loop, _ body: @escaping @Sendable () async throws -> Void
    ) -> [String] {
        counts.withLock { $0 = Counts() }
        Memory.forgetPeak()
        let before = Memory.resident
        let begun = SystemClock.now
        let outcome = Waiting<String?>()
        loop.execute {
            Task.immediate(executorPreference: loop) {
                do {
                    try await body()
                    outcome.put(nil)
                } catch {
                    outcome.put("\(error)")
                }
            }
        }
        let failure = outcome.wait()
        let growth = Memory.peak - before
        let (written, read, most) = counts.withLock { ($0.written, $0.read, $0.most) }
        let time = begun.duration(to: SystemClock.now)
        print(
            "\(what): \(read / 1_048_576) MiB in \(time), at most \(most / 1024) KiB under way, "
                + "resident memory grew by \(growth) KiB at most")
        var complaints: [String] = []
        if let failure { complaints.append("\(what): \(failure)") }
        if written != read { complaints.append("\(what): \(written) bytes were written and \(read) read") }
        if most > PressureRun.bound { complaints.append("\(what): \(most) bytes were under way at once") }
        if growth * 1024 > PressureRun.bound { complaints.append("\(what): resident memory grew by \(growth) KiB") }
        return complaints
    }

    private func write(to messages: MessageWriter<Bench.Msg>, count: Int? = nil) async throws {
        var message = Bench.Msg()
        message.payload = [UInt8](repeating: 7, count: PressureRun.messageBytes)
        for index in 0..<(count ?? self.messages) {
            message.n = Int64(index)
            try await messages.write(message)
            counts.withLock { counts in
                counts.written += PressureRun.messageBytes
                counts.most = max(counts.most, counts.written - counts.read)
            }
        }
    }

    private func read(_ messages: MessageReader<Bench.Msg>, on loop: Loop) async throws {
        var count = 0
        while let message = try await messages.next() {
            guard message.n == Int64(count), message.payload.count == PressureRun.messageBytes else {
                throw RPCError(.dataLoss, "message \(count) came as \(message.n)")
            }
            count += 1
            counts.withLock { $0.read += PressureRun.messageBytes }
            if count % PressureRun.sleepEvery == 0 { try await loop.sleep(for: PressureRun.sleep) }
        }
    }
}
