import Bytes
import CNghttp2
@testable import HTTP2
import Testing
import Timebase

/// The parts of the native engine by themselves.
struct NativePartsTests {
    @Test("a frame's header is read as it is written, and its reserved bit is not looked at")
    func header() {
        var bytes = [UInt8](repeating: 0, count: 9)
        bytes.withUnsafeMutableBytes {
            FrameHeader(length: 0x01_0203, type: 7, flags: 0x24, stream: 0x7FFF_FFFE).write(to: $0.baseAddress!)
        }
        #expect(bytes == [1, 2, 3, 7, 0x24, 0x7F, 0xFF, 0xFF, 0xFE])
        bytes[5] |= 0x80
        let header = bytes.withUnsafeBytes { FrameHeader($0.baseAddress!) }
        #expect(header.length == 0x01_0203 && header.type == 7 && header.flags == 0x24)
        #expect(header.stream == 0x7FFF_FFFE && header.has(0x20) && !header.has(0x01))
    }

    @Test("a window for sending may be negative, and never more than 31 bits")
    func sendWindow() {
        var window = SendWindow(100)
        window.spend(100)
        #expect(window.change(by: -50) && window.available == -50)
        #expect(window.change(by: 0x7FFF_FFFF) && window.available == 0x7FFF_FFFF - 50)
        #expect(!window.change(by: 51) && window.available == 0x7FFF_FFFF - 50)
        #expect(window.change(by: 50) && window.available == Int32.max)
        #expect(!window.change(by: Int64.max - 10) && !window.change(by: -0x1_0000_0000))
    }

    @Test("a window for receiving is given back by halves, and what is more than it has is refused")
    func receiveWindow() {
        var window = ReceiveWindow(size: 100, known: 100)
        #expect(window.take(100) && !window.take(1) && window.take(0))
        #expect(window.giveBack(49) == nil && window.giveBack(1) == 50 && window.available == 50)
        window.resize(by: -80)
        #expect(window.available == -30 && !window.take(1))
        #expect(window.giveBack(50) == 50 && window.available == 20 && window.size == 20)
    }

    @Test("a window that begins above its size shrinks by giving less back")
    func shrinkingWindow() {
        var window = ReceiveWindow(size: 10, known: 100)
        #expect(window.open() == nil && window.take(100))
        #expect(window.giveBack(90) == nil && window.giveBack(4) == nil && window.giveBack(1) == 5)
        var larger = ReceiveWindow(size: 1000, known: 100)
        #expect(larger.open() == 900 && larger.available == 1000 && larger.open() == nil)
    }

    @Test("ends of streams are remembered, and forgotten ones are not taken for unknown")
    func recentStreams() {
        var recent = RecentStreams(capacity: 3)
        #expect(!recent.has(1) && !recent.mayHave(1))
        for id: Int32 in [1, 9, 5, 7] { recent.insert(id) }
        #expect(!recent.has(1) && recent.has(9) && recent.has(5) && recent.has(7))
        #expect(recent.mayHave(1) && !recent.mayHave(3))
        recent.insert(11)
        #expect(recent.mayHave(9) && recent.mayHave(3) && !recent.mayHave(13))
    }

    @Test("states follow the RFC's diagram")
    func states() {
        var state = StreamState.open
        #expect(state.isLocalOpen && state.isRemoteOpen)
        state.endRemote()
        #expect(state == .halfClosedRemote && state.isLocalOpen && !state.isRemoteOpen)
        state.endLocal()
        #expect(state == .closed && !state.isLocalOpen && !state.isRemoteOpen)
        state = .open
        state.endLocal()
        #expect(state == .halfClosedLocal && !state.isLocalOpen && state.isRemoteOpen)
        state.endRemote()
        #expect(state == .closed)
    }

    @Test("streams are served in the order in which they lined up, and leave from anywhere")
    func sendList() {
        var table = StreamTable<NativeStream>()
        var list = SendList(.ready)
        let streams = (0..<4).map { table.insert(Int32(2 * $0 + 1)) }
        for stream in streams { list.append(stream) }
        list.remove(streams[1])
        list.remove(streams[3])
        #expect(streams[1].pointee.place == .nowhere && streams[0].pointee.place == .ready)
        list.append(streams[1])
        #expect(list.popFirst() == streams[0] && list.popFirst() == streams[2] && list.popFirst() == streams[1])
        #expect(list.isEmpty && list.popFirst() == nil)
        list.append(streams[3])
        #expect(list.popFirst() == streams[3])
    }

    // MARK: Octets

    /// Texts with each octet first, in the middle and last, short and longer than a machine word.
    static let texts: [[UInt8]] =
        (0...255).flatMap { octet -> [[UInt8]] in
            let octet = UInt8(octet)
            let word = Array("abcdefgh".utf8)
            return [[octet], word + [octet], [octet] + word, word + [octet] + word, [0x61, octet, 0x61]]
        } + [[], Array("content-type".utf8), Array(":path".utf8), Array(" a".utf8), Array("a\t".utf8)]

    @Test("names, values, methods, paths and authorities have the octets that nghttp2 lets them have")
    func octets() {
        for text in Self.texts {
            text.withUnsafeBufferPointer { bytes in
                let base = bytes.baseAddress
                let isPseudo = bytes.first == UInt8(ascii: ":")
                #expect(
                    FieldRules.isName(bytes) == (nghttp2_check_header_name(base, bytes.count) != 0 && !isPseudo),
                    "name \(text)")
                #expect(
                    FieldRules.isValue(bytes) == (nghttp2_check_header_value_rfc9113(base, bytes.count) != 0),
                    "value \(text)")
                #expect(FieldRules.isMethod(bytes) == (nghttp2_check_method(base, bytes.count) != 0), "method \(text)")
                #expect(FieldRules.isPath(bytes) == (nghttp2_check_path(base, bytes.count) != 0), "path \(text)")
                #expect(
                    FieldRules.isAuthority(bytes) == (nghttp2_check_authority(base, bytes.count) != 0),
                    "authority \(text)")
            }
        }
    }

    @Test(
        "a scheme begins with a letter",
        arguments: [("http", true), ("h2+x-y.z", true), ("2h", false), ("", false), ("ht tp", false), ("h_", false)])
    func scheme(_ text: String, _ isValid: Bool) {
        Array(text.utf8).withUnsafeBufferPointer { #expect(FieldRules.isScheme($0) == isValid) }
    }

    // MARK: Budgets

    static let limits: HTTP2Limits = {
        var limits = HTTP2Limits()
        limits.resetBurst = 4
        limits.resetsPerSecond = 2
        return limits
    }()

    private func resets(_ budget: inout FloodGuard) -> Int {
        for count in 0..<100 where (try? budget.countReset()) == nil { return count }
        return 100
    }

    @Test("time refills the budget of resets at its rate, up to the burst, and never by going back")
    func resetsByTime() {
        var budget = FloodGuard(Self.limits)
        var now = Instant(nanoseconds: 5_000_000_000)
        budget.reach(now, Self.limits)
        #expect(resets(&budget) == 4)
        for _ in 0..<10 {
            now = now.advanced(by: .milliseconds(49))
            budget.reach(now, Self.limits)
        }
        #expect(resets(&budget) == 0)
        now = now.advanced(by: .milliseconds(10))
        budget.reach(now, Self.limits)
        #expect(resets(&budget) == 1)
        budget.reach(Instant(nanoseconds: 0), Self.limits)
        #expect(resets(&budget) == 0)
        budget.reach(.distantFuture, Self.limits)
        #expect(resets(&budget) == 4)
    }

    @Test("without a clock streams that end well refill it")
    func resetsByGoodEnds() {
        var budget = FloodGuard(Self.limits)
        #expect(resets(&budget) == 4)
        for _ in 0..<10 { budget.countGoodEnd(Self.limits) }
        #expect(resets(&budget) == 4)
    }
}
