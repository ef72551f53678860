import Postgres
import ProtoWire

/// Where a page of the list ended, in a form that callers pass back and cannot make up.
///
/// The token is the last id and a seal over it, in URL-safe base64. The seal keeps tokens opaque in deed: nobody can come to
/// depend on their form, and the next version may change it.
struct PageToken: Equatable {
    let last: UniqueID

    private static let version: UInt8 = 1

    init(last: UniqueID) {
        self.last = last
    }

    /// Reads a token; throws if it was not sealed with `seal`.
    init(_ text: String, seal: PageSeal) throws(CourseFailure) {
        guard text.utf8.count <= 64, let bytes = Base64.decode(text), bytes.count == 25, bytes[0] == PageToken.version
        else {
            throw PageToken.refusal
        }
        let id = UniqueID(high: PageToken.number(bytes[1..<9]), low: PageToken.number(bytes[9..<17]))
        guard PageToken.number(bytes[17..<25]) == seal.mark(bytes[..<17]) else { throw PageToken.refusal }
        last = id
    }

    func text(seal: PageSeal) -> String {
        var bytes = [PageToken.version]
        for number in [last.high, last.low] {
            withUnsafeBytes(of: number.bigEndian) { bytes.append(contentsOf: $0) }
        }
        let mark = seal.mark(bytes[...])
        withUnsafeBytes(of: mark.bigEndian) { bytes.append(contentsOf: $0) }
        return Base64.encode(bytes, padded: false, urlSafe: true)
    }

    private static var refusal: CourseFailure {
        var violations = Violations()
        violations.add("page_token", "is not a token that ListCourses gave")
        return .invalid(violations)
    }

    private static func number(_ bytes: ArraySlice<UInt8>) -> UInt64 {
        bytes.reduce(0) { $0 << 8 | UInt64($1) }
    }
}

/// SipHash-2-4 (Aumasson and Bernstein, 2012): a mark over a few bytes that only holders of the key can make.
struct PageSeal: Sendable {
    private let key: (UInt64, UInt64)

    init(key: UniqueID) {
        self.key = (key.high, key.low)
    }

    init(key: (UInt64, UInt64)) {
        self.key = key
    }

    func mark(_ bytes: ArraySlice<UInt8>) -> UInt64 {
        var state = State(
            v0: key.0 ^ 0x736f_6d65_7073_6575, v1: key.1 ^ 0x646f_7261_6e64_6f6d, v2: key.0 ^ 0x6c79_6765_6e65_7261,
            v3: key.1 ^ 0x7465_6462_7974_6573)
        var word: UInt64 = 0
        var filled: UInt64 = 0
        for byte in bytes {
            word |= UInt64(byte) << (8 * filled)
            filled += 1
            if filled == 8 {
                state.absorb(word)
                (word, filled) = (0, 0)
            }
        }
        state.absorb(word | UInt64(truncatingIfNeeded: bytes.count) << 56)
        return state.finish()
    }

    private struct State {
        var v0: UInt64
        var v1: UInt64
        var v2: UInt64
        var v3: UInt64

        mutating func absorb(_ word: UInt64) {
            v3 ^= word
            round()
            round()
            v0 ^= word
        }

        mutating func finish() -> UInt64 {
            v2 ^= 0xff
            for _ in 0..<4 { round() }
            return v0 ^ v1 ^ v2 ^ v3
        }

        private mutating func round() {
            v0 = v0 &+ v1
            v1 = State.rotate(v1, 13) ^ v0
            v0 = State.rotate(v0, 32)
            v2 = v2 &+ v3
            v3 = State.rotate(v3, 16) ^ v2
            v0 = v0 &+ v3
            v3 = State.rotate(v3, 21) ^ v0
            v2 = v2 &+ v1
            v1 = State.rotate(v1, 17) ^ v2
            v2 = State.rotate(v2, 32)
        }

        private static func rotate(_ word: UInt64, _ count: UInt64) -> UInt64 {
            word << count | word >> (64 - count)
        }
    }
}
