import Bytes
import HTTP2
import Testing
import Timebase

/// Both engines make the same of the same bytes and commands, but for what `Deviation` names.
struct DifferentialTests {
    static let settings: HTTP2Settings = {
        var settings = HTTP2Settings()
        settings.maxConcurrentStreams = 6
        settings.initialWindow = 70_000
        settings.connectionWindow = 200_000
        return settings
    }()

    static func hello(to role: HTTP2Session.Role) -> [UInt8] {
        (role == .server ? preface : []) + Frame.settings().bytes + Frame.settingsAck.bytes
            // Which stream gets the connection's window is each engine's own affair: let there be enough.
            + Frame.window(0, 1 << 28).bytes
    }

    @Test("random traffic and commands, and octets of it changed, are the same to both", arguments: 0..<600)
    func traffic(_ seed: UInt64) {
        var chance = Chance(seed: seed)
        let role: HTTP2Session.Role = seed % 2 == 0 ? .server : .client
        let changes = seed % 4 < 2
        let twins = Twins(role, settings: Self.settings, limits: FuzzTests.limits)
        var traffic = Traffic(for: role)
        #expect(twins.receive(Self.hello(to: role)) == nil)
        for round in 0..<300 where twins.native.error == nil && !twins.native.session.wantsClose {
            var bytes = traffic.next(&chance, mayOpen: twins.open.count < Self.settings.maxConcurrentStreams)
            if changes, Int.random(in: 0..<80, using: &chance) == 0, !bytes.isEmpty {
                bytes[Int.random(in: 0..<bytes.count, using: &chance)] = UInt8.random(in: 0...255, using: &chance)
            }
            if let difference = twins.receive(bytes) {
                return judge(twins.cuts, difference, "seed \(seed), round \(round), \(bytes.prefix(60))")
            }
            if let action = twins.act(&chance), let difference = twins.step(action) {
                return judge(FrameCuts(), difference, "seed \(seed), round \(round), a command")
            }
            for stream in twins.takeOpened() { traffic.opened(stream) }
            for stream in twins.takeEnded() { traffic.ended(stream) }
        }
    }

    /// A difference that is by design ends the comparison, because the sessions are in different states from there on.
    private func judge(_ cuts: FrameCuts, _ difference: (native: Outcome, library: Outcome), _ place: String) {
        let reasons = Deviation.allCases.filter { $0.explains(cuts, difference.native, difference.library) }
        #expect(
            !reasons.isEmpty, "\(place)\n native: \(difference.native)\nnghttp2: \(difference.library)")
    }

    /// For each deviation something that shows it: frames, behind a request on stream 1 that has not ended.
    static let shown: [(Deviation, [Frame])] = [
        (.costsOneStream, [.window(1, 0)]),
        (.costsOneStream, (1...6).map { .headers(2 * $0 + 1, end: false) }),
        (.costsOneStream, [.data(1, end: true), .data(1, "x")]),
        (.costsOneStream, [Frame(2, on: 1, [0])]),
        (.closedStream, [.reset(1), .data(1, "x")]),
        (.closedStream, [.headers(7), .headers(3)]),
        (.clientsNotice, [Frame(7, on: 0, big(0x7FFF_FFFF) + big(0))]),
        (.pushIsRefused, [Frame(5, 4, on: 1, [1])]),
        (.judgedWhole, [Frame(1, 0, on: 3, [0xFF, 0xFF, 0xFF, 0x7F])]),
        (.largeContinuation, [Frame(1, 1, on: 3, hpack(Frame.goodHead)), Frame(9, 4, on: 3, hpack(large))]),
    ]

    private static let large = [("x", String(repeating: "y", count: 20_000))]

    @Test("every deviation that is named is there", arguments: shown.indices)
    func deviates(_ index: Int) throws {
        let (deviation, frames) = Self.shown[index]
        let twins = Twins(.server, settings: Self.settings, limits: FuzzTests.limits)
        #expect(twins.receive(Self.hello(to: .server) + Frame.headers(1, end: false).bytes) == nil)
        for (place, frame) in frames.enumerated() {
            guard let difference = twins.receive(frame.bytes) else { continue }
            #expect(place == frames.count - 1, "\(difference)")
            #expect(
                deviation.explains(twins.cuts, difference.native, difference.library),
                "\(difference.native)\n\(difference.library)")
            return
        }
        Issue.record("both engines do the same: strike \(deviation.rawValue) off the list")
    }

    @Test("an end needs no window")
    func endWithoutWindow() {
        let twins = Twins(.server, settings: Self.settings, limits: FuzzTests.limits)
        let hello = Self.hello(to: .server) + Frame.settings([(4, 10)]).bytes + Frame.headers(1).bytes
        #expect(twins.receive(hello) == nil)
        let full = twins.step {
            $0.session.send(head: response, on: 1, end: false)
            $0.session.send(Chunk("0123456789"), on: 1, end: false)
        }
        #expect(full == nil)
        let ended = twins.step { $0.session.send(trailers: trailers, on: 1) }
        #expect(ended.map { Deviation.endWithoutWindow.explains(FrameCuts(), $0.native, $0.library) } == true)
    }
}
