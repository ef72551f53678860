/// Comparison across CEL's kinds of numbers: by value, whatever the kinds, and exactly where they are integers.
public protocol EvalNumber: Sendable {
    var evalNumber: Eval.Number { get }
}

extension Int64: EvalNumber {
    @inlinable public var evalNumber: Eval.Number { .int(self) }
}
extension UInt64: EvalNumber {
    @inlinable public var evalNumber: Eval.Number { .uint(self) }
}
extension Double: EvalNumber {
    @inlinable public var evalNumber: Eval.Number { .double(self) }
}

extension Eval {
    /// A number of any kind.
    public enum Number: Sendable {
        case int(Int64)
        case uint(UInt64)
        case double(Double)

        /// -1, 0 or 1; nil if one is NaN.
        public func order(to other: Number) -> Int? {
            switch (self, other) {
            case (.int(let left), .int(let right)): Eval.order(left, right)
            case (.uint(let left), .uint(let right)): Eval.order(left, right)
            case (.int(let left), .uint(let right)): left < 0 ? -1 : Eval.order(UInt64(left), right)
            case (.uint(let left), .int(let right)): right < 0 ? 1 : Eval.order(left, UInt64(right))
            case (.double(let left), .double(let right)): Number.order(left, right)
            case (.int(let left), .double(let right)): Number.order(Double(left), right)
            case (.uint(let left), .double(let right)): Number.order(Double(left), right)
            case (.double(let left), .int(let right)): Number.order(left, Double(right))
            case (.double(let left), .uint(let right)): Number.order(left, Double(right))
            }
        }

        private static func order(_ left: Double, _ right: Double) -> Int? {
            left.isNaN || right.isNaN ? nil : Eval.order(left, right)
        }
    }

    private static func order<Value: Comparable>(_ left: Value, _ right: Value) -> Int {
        left < right ? -1 : left == right ? 0 : 1
    }

    public static func equal(_ left: some EvalNumber, _ right: some EvalNumber) -> Bool {
        left.evalNumber.order(to: right.evalNumber) == 0
    }

    public static func less(_ left: some EvalNumber, _ right: some EvalNumber) -> Bool {
        left.evalNumber.order(to: right.evalNumber) == -1
    }

    public static func lessOrEqual(_ left: some EvalNumber, _ right: some EvalNumber) -> Bool {
        left.evalNumber.order(to: right.evalNumber).map { $0 <= 0 } ?? false
    }

    /// By code points, which UTF-8 keeps in order.
    public static func less(_ left: String, _ right: String) -> Bool {
        left.utf8.lexicographicallyPrecedes(right.utf8)
    }

    public static func lessOrEqual(_ left: String, _ right: String) -> Bool { !less(right, left) }

    public static func less(_ left: [UInt8], _ right: [UInt8]) -> Bool { left.lexicographicallyPrecedes(right) }

    public static func lessOrEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool { !less(right, left) }

    /// False comes before true.
    @inlinable
    public static func less(_ left: Bool, _ right: Bool) -> Bool { !left && right }

    @inlinable
    public static func lessOrEqual(_ left: Bool, _ right: Bool) -> Bool { !left || right }

    @inlinable
    public static func equal(_ left: Bool, _ right: Bool) -> Bool { left == right }

    /// Both texts are the same code points.
    public static func equal(_ left: String, _ right: String) -> Bool { Rules.equal(left, right) }

    @inlinable
    public static func equal(_ left: [UInt8], _ right: [UInt8]) -> Bool { left == right }

    public static func equal(_ left: [String], _ right: [String]) -> Bool {
        left.elementsEqual(right, by: Rules.equal)
    }

    public static func equal<Left: EvalNumber, Right: EvalNumber>(_ left: [Left], _ right: [Right]) -> Bool {
        left.elementsEqual(right) { equal($0, $1) }
    }
}
