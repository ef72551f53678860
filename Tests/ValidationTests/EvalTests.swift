import ProtoWire
import Testing
import WellKnown

@testable import Validation

/// The functions that CEL expressions become say what the reference implementation says.
struct EvalTests {
    typealias D = Eval.Dynamic

    /// An expression, and what generated code would compute for it.
    struct Row: Sendable {
        let expression: String
        let value: @Sendable () throws -> String

        init(_ expression: String, _ value: @escaping @Sendable () throws -> String) {
            self.expression = expression
            self.value = value
        }
    }

    @Test("each function has the oracle's value, or fails where the oracle fails")
    func agrees() throws {
        let rows = EvalTable.numbers + EvalTable.texts + EvalTable.times + EvalTable.formats
        let answers = try Oracle.ask("cel", rows.map { Oracle.hex($0.expression) })
        for (row, answer) in zip(rows, answers) {
            let expected = answer.hasPrefix("V") ? Oracle.text(answer.dropFirst()) : nil
            let found = try? row.value()
            #expect(found == expected, "\(row.expression): oracle \(expected ?? Oracle.text(answer.dropFirst()))")
        }
    }

    @Test("numbers of different kinds compare by value")
    func order() {
        #expect(
            Eval.less(UInt64.max, 1e300) && Eval.less(-1 as Int64, 0 as UInt64) && !Eval.less(0 as UInt64, -1 as Int64))
        #expect(Eval.equal(1 as Int64, 1.0) && Eval.equal(1 as UInt64, 1 as Int64) && !Eval.equal(1 as Int64, 1.5))
        #expect(!Eval.equal(Double.nan, 1 as Int64) && !Eval.lessOrEqual(Double.nan, 1 as Int64))
        #expect(!Eval.equal(Int64.max, UInt64.max) && Eval.isIn(1 as UInt64, [1.0]) && !Eval.isIn(2 as Int64, [1.0]))
        #expect(Eval.equal(D.list([.int(1), .uint(2)]), D.list([.double(1), .int(2)])))
        #expect(Eval.equal(D.map([(.string("a"), .int(1))]), D.map([(.string("a"), .double(1))])))
        #expect(!Eval.equal(D.string("1"), D.int(1)) && !Eval.equal(D.list([]), D.map([])))
        #expect(throws: EvalError.noSuchOverload("string < int")) { try Eval.less(D.string("a"), D.int(1)) }
    }

    @Test("texts compare by code points, not by what they look like")
    func texts() {
        #expect(!Eval.equal("é", "e\u{301}") && !Eval.isIn("é", ["e\u{301}"]) && Eval.size("e\u{301}") == 2)
        #expect(Eval.less("\u{FFFD}", "\u{10000}") && Eval.less("a", "aa") && !Eval.less("b", "aa"))
    }

    @Test("an error on one side of logic does not matter if the other side decides")
    func logic() throws {
        func fails() throws(EvalError) -> Bool { throw .divisionByZero }
        func yes() throws(EvalError) -> Bool { true }
        func no() throws(EvalError) -> Bool { false }
        #expect(try Eval.or(fails, yes) && Eval.or(yes, fails))
        #expect(try !Eval.and(fails, no) && !Eval.and(no, fails))
        #expect(throws: EvalError.divisionByZero) { try Eval.or(fails, no) }
        #expect(throws: EvalError.divisionByZero) { try Eval.or(no, fails) }
        #expect(throws: EvalError.divisionByZero) { try Eval.and(fails, yes) }
        #expect(throws: EvalError.divisionByZero) { try Eval.and(yes, fails) }
        func inverse(_ value: Int64) throws(EvalError) -> Bool { try Eval.divide(1, value) > 0 }
        #expect(try Eval.exists([0, 1], inverse) && !Eval.all([0, -1], inverse))
        #expect(throws: EvalError.divisionByZero) { try Eval.all([1, 0], inverse) }
        #expect(throws: EvalError.divisionByZero) { try Eval.exists([-1, 0], inverse) }
        #expect(throws: EvalError.divisionByZero) { try Eval.existsOne([1, 0], inverse) }
        #expect(try Eval.existsOne([1, -1], inverse) && !Eval.existsOne([1, 1], inverse))
    }

    @Test("lists and maps")
    func lists() throws {
        #expect(try Eval.element(["a", "b"], 1) == "b")
        #expect(throws: EvalError.indexOutOfRange(-1)) { try Eval.element([1], -1) }
        #expect(throws: EvalError.indexOutOfRange(.max)) { try Eval.element([1], .max) }
        let map: ProtoMap<String, Int32> = ["a": 1]
        #expect(try Eval.value(map, "a") == 1 && Eval.isIn("a", map) && !Eval.isIn("b", map) && Eval.size(map) == 1)
        #expect(throws: EvalError.noSuchKey("b")) { try Eval.value(map, "b") }
    }

    @Test("what one expression makes is bounded")
    func bounded() {
        let long = String(repeating: "a", count: 1 << 16)
        #expect(throws: EvalError.tooLarge(limit: Eval.textLimit)) { try Eval.replace(long, "a", long) }
        #expect(throws: EvalError.tooLarge(limit: Eval.textLimit)) { try Eval.replace(long, "", long) }
        #expect(throws: EvalError.tooLarge(limit: Eval.textLimit)) {
            try Eval.join(Array(repeating: long, count: 1000))
        }
    }
}
