import Glibc
import Timebase

/// One direction of a connection: what was written, what is on its way, what waits to be read.
///
/// It holds a bounded number of bytes, like the buffers of two kernels together: the writer waits for the reader.
final class Pipe {
    /// How long what is lost is sent again before the writer hears of it: the transport asks kernels for so much
    /// (TCP_USER_TIMEOUT).
    static let patience: Duration = .seconds(30)
    private static let firstRepeat: Duration = .milliseconds(200)  // a kernel's least retransmission time

    /// What breaks this direction, and after how many bytes.
    struct Doom {
        enum Kind { case reset, end, silence }
        let kind: Kind
        let after: Int
    }

    private enum Segment {
        case bytes([UInt8])
        case end
        case reset
    }

    private let world: World
    let capacity: Int
    private let doom: Doom?
    private(set) weak var sender: SimulatedSocket?
    private(set) weak var receiver: SimulatedSocket?
    private var flying: [(segment: Segment, due: Instant)] = []
    private var flyingBytes = 0
    private var isPumping = false
    private var lastDue: Instant
    private var blockedSince: Instant?
    private var repeats = 0
    private var written = 0
    private var inbox = ByteQueue()
    /// The doom has come, or the connection is broken: nothing passes any more.
    private var isDead = false
    private var isSilent = false
    /// The reader has come to the end, or will after what is in the inbox.
    private(set) var hasEnd = false

    init(_ world: World, from sender: SimulatedSocket, to receiver: SimulatedSocket, doom: Doom?) {
        self.world = world
        self.sender = sender
        self.receiver = receiver
        self.doom = doom
        capacity = world.chance.pick(world.conditions.capacity)
        lastDue = world.now
    }

    var room: Int { capacity - flyingBytes - inbox.count }
    var unread: Int { inbox.count }
    /// Kernels say that a socket is writable when a third of its buffer is free.
    var isWritable: Bool { room >= max(1, capacity / 3) }

    // MARK: The writer's end

    /// Takes as much as there is room for.
    func write(_ bytes: UnsafeRawBufferPointer) -> Int {
        let taken = min(bytes.count, room)
        var rest = UnsafeRawBufferPointer(rebasing: bytes[..<taken])
        while !rest.isEmpty {
            var size = min(rest.count, max(1, world.chance.pick(world.conditions.segment)))
            if let doom, written < doom.after { size = min(size, doom.after - written) }
            written += size
            fly(.bytes(Array(rest[..<size])), size)
            rest = UnsafeRawBufferPointer(rebasing: rest[size...])
            if let doom, written == doom.after { meet(doom) }
        }
        return taken
    }

    func finish() { fly(.end, 0) }

    private func meet(_ doom: Doom) {
        if let sender { world.note(.fault, sender.host, sender.handle, written, "\(doom.kind)") }
        switch doom.kind {
        case .reset: fly(.reset, 0)
        case .end: fly(.end, 0)
        case .silence: isSilent = true
        }
    }

    private func fly(_ segment: Segment, _ size: Int) {
        guard !isDead else { return }
        var delay = delay()
        if world.chance.isHit(world.conditions.losses) { delay += Pipe.firstRepeat }
        lastDue = max(lastDue, world.now.advanced(by: delay))
        flying.append((segment, lastDue))
        flyingBytes += size
        pump()
    }

    private func delay() -> Duration {
        if let sender, let receiver, sender.host.isNear(receiver.host) { return .microseconds(10) }
        return world.chance.pick(world.conditions.latency)
    }

    // MARK: On the way

    private func pump() {
        guard !isPumping, let first = flying.first else { return }
        isPumping = true
        world.agenda.add(at: max(first.due, world.now)) { [self] in
            isPumping = false
            arrive()
        }
    }

    private func arrive() {
        guard !isDead, let (segment, _) = flying.first else { return }
        if isBlocked {
            sendAgain()
            return
        }
        blockedSince = nil
        repeats = 0
        guard let receiver, !receiver.isClosed else {
            // Nobody is there any more: the kernel of the other side says so.
            die()
            world.after(delay()) { [weak sender] in sender?.fail(ECONNRESET) }
            return
        }
        flying.removeFirst()
        switch segment {
        case .bytes(let bytes):
            flyingBytes -= bytes.count
            if hasEnd {  // past a false end, as after a middlebox that closed one side
                die()
                world.after(delay()) { [weak sender] in sender?.fail(ECONNRESET) }
                return
            }
            inbox.append(bytes)
            world.note(.deliver, receiver.host, receiver.handle, bytes.count)
        case .end:
            hasEnd = true
            world.note(.end, receiver.host, receiver.handle)
        case .reset:
            die()
            receiver.fail(ECONNRESET)
            world.after(delay()) { [weak sender] in sender?.fail(ECONNRESET) }
        }
        receiver.changed()
        pump()
    }

    private var isBlocked: Bool {
        if isSilent { return true }
        guard let sender, let receiver else { return false }
        return world.areCut(sender.host, receiver.host)
    }

    private func sendAgain() {
        let since = blockedSince ?? world.now
        blockedSince = since
        guard since.duration(to: world.now) < Pipe.patience else {
            die()
            sender?.fail(ETIMEDOUT)
            return
        }
        let delay = Pipe.firstRepeat * (1 << min(repeats, 6))
        repeats += 1
        isPumping = true
        world.after(delay) { [self] in
            isPumping = false
            arrive()
        }
    }

    // MARK: The reader's end

    func read(into place: UnsafeMutableRawBufferPointer) -> Int {
        let hadRoom = isWritable
        let count = inbox.read(into: place, atMost: max(1, world.chance.pick(world.conditions.readSize)))
        if !hadRoom, isWritable { sender?.changed() }
        return count
    }

    /// Nothing passes any more; what has arrived may still be read.
    func die() {
        isDead = true
        flying = []
        flyingBytes = 0
    }
}
