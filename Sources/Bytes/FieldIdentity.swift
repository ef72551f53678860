internal import Synchronization

/// Hands out identities of fields, each once in the life of the process.
///
/// One source belongs to one owner, who takes a run of numbers at a time: threads meet once in a few hundred fields.
/// 64 bits do not run out: a billion fields a second take 500 years.
public struct FieldIdentities: Sendable {
    private var next: UInt64 = 0
    private var end: UInt64 = 0

    public init() {}

    public mutating func take() -> UInt64 {
        if next == end {
            next = Self.untaken.wrappingAdd(Self.run, ordering: .relaxed).oldValue
            end = next + Self.run
        }
        next += 1
        return next - 1
    }

    /// Small enough that a connection which keeps three fields wastes little, large enough that threads seldom meet.
    private static let run: UInt64 = 256
    /// Below are the fields of HPACK's static table, which have their index as identity.
    private static let untaken = Atomic<UInt64>(1024)
}

extension Fields {
    /// The same fields, each with an identity of its own: for a list that is made once and sent often.
    ///
    /// A compressor finds such a field by its number, where it would have to hash and compare its text in each call.
    public func identified() -> Fields {
        var identities = FieldIdentities()
        var result = self
        for index in 0..<count { result.setIdentity(identities.take(), at: index) }
        return result
    }
}
