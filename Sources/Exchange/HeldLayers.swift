import Timebase

/// A layer that let a call go on, and is to hear how the call ended.
struct HeldLayer {
    /// Uncounted: the driver itself keeps the stacks that it is in.
    var stack: Unmanaged<Stack>
    var token: UInt64
    var admittedAt: Instant
    /// The deadline outside this layer; the distant future where there was none.
    var deadline: Instant
    /// How many stacks lie around that one.
    var depth: Int32
    var layer: Int32
}

/// The layers that a call is in, innermost last.
///
/// As many as our stacks have lie in the call's own object, which saves an allocation; more go to an array.
struct HeldLayers: ~Copyable {
    /// Default stacks have five layers that hear endings; each topic of policy adds one or two.
    private static let usual = 8

    private var first = InlineArray<8, HeldLayer?>(repeating: nil)
    private var rest: [HeldLayer] = []
    private(set) var count = 0

    mutating func append(_ layer: HeldLayer) {
        if count < Self.usual { first[count] = layer } else { rest.append(layer) }
        count += 1
    }

    mutating func popLast() -> HeldLayer? {
        guard count > 0 else { return nil }
        count -= 1
        return count < Self.usual ? first[count] : rest.removeLast()
    }
}
