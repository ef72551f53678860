/// Logic that an error on one side does not spoil if the other side decides (CEL specification, "Logical Operators"),
/// and the macros over lists, which are made of it.
extension Eval {
    @inlinable
    public static func or(
        _ left: () throws(EvalError) -> Bool, _ right: () throws(EvalError) -> Bool
    ) throws(EvalError) -> Bool {
        do {
            if try left() { return true }
        } catch {
            if try right() { return true }
            throw error
        }
        return try right()
    }

    @inlinable
    public static func and(
        _ left: () throws(EvalError) -> Bool, _ right: () throws(EvalError) -> Bool
    ) throws(EvalError) -> Bool {
        do {
            if try !left() { return false }
        } catch {
            if try !right() { return false }
            throw error
        }
        return try right()
    }

    /// Each element passes. An element that fails decides, whatever errors came before.
    @inlinable
    public static func all<Elements: Sequence>(
        _ elements: Elements, _ passes: (Elements.Element) throws(EvalError) -> Bool
    ) throws(EvalError) -> Bool {
        var first: EvalError?
        for element in elements {
            do {
                if try !passes(element) { return false }
            } catch {
                first = first ?? error
            }
        }
        if let first { throw first }
        return true
    }

    /// An element passes, which decides whatever errors came before.
    @inlinable
    public static func exists<Elements: Sequence>(
        _ elements: Elements, _ passes: (Elements.Element) throws(EvalError) -> Bool
    ) throws(EvalError) -> Bool {
        var first: EvalError?
        for element in elements {
            do {
                if try passes(element) { return true }
            } catch {
                first = first ?? error
            }
        }
        if let first { throw first }
        return false
    }

    /// Exactly one element passes. Each is looked at, and an error of any is the result's.
    @inlinable
    public static func existsOne<Elements: Sequence>(
        _ elements: Elements, _ passes: (Elements.Element) throws(EvalError) -> Bool
    ) throws(EvalError) -> Bool {
        var count = 0
        for element in elements where try passes(element) { count += 1 }
        return count == 1
    }

    @inlinable
    public static func filter<Elements: Sequence>(
        _ elements: Elements, _ passes: (Elements.Element) throws(EvalError) -> Bool
    ) throws(EvalError) -> [Elements.Element] {
        var kept: [Elements.Element] = []
        for element in elements where try passes(element) { kept.append(element) }
        return kept
    }

    @inlinable
    public static func map<Elements: Sequence, Value>(
        _ elements: Elements, _ transform: (Elements.Element) throws(EvalError) -> Value
    ) throws(EvalError) -> [Value] {
        var mapped: [Value] = []
        for element in elements { mapped.append(try transform(element)) }
        return mapped
    }

    /// `list[index]`
    @inlinable
    public static func element<Element>(_ list: [Element], _ index: Int64) throws(EvalError) -> Element {
        guard index >= 0, index < list.count else { throw .indexOutOfRange(index) }
        return list[Int(index)]
    }

    @inlinable
    public static func size(_ list: some Collection) -> Int64 { Int64(list.count) }
}
