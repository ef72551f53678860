import CEL
import Descriptors
import SwiftEmit

extension Lowering {
    mutating func comprehension(_ node: Typed.Comprehension) throws(LoweringError) -> Lowered {
        let source = try self.source(node)
        let body = try lower(node.body)
        let filter = try node.filter.map { (filter) throws(LoweringError) in try present(filter) }
        var list = source
        if let filter {
            list = Lowering.apply("filter", list, source.head, filter)
        }
        let binding = source.head
        switch node.kind {
        case .all, .exists, .existsOne:
            let condition: Lowered
            if case .optional = node.body.type {
                condition = Lowered(text: "Eval.present(\(body.text))", canThrow: true)
            } else {
                condition = body
            }
            return Lowering.apply(Lowering.names[node.kind] ?? "", list, binding, condition).lowered
        case .filter:
            return Lowering.apply("filter", list, binding, body).lowered
        case .map:
            return Lowering.apply("map", list, binding, body).lowered
        }
    }

    private static let names: [Typed.Comprehension.Kind: String] = [
        .all: "all", .exists: "exists", .existsOne: "existsOne",
    ]

    /// A list that a macro runs over, and what its closures begin with.
    private struct Source {
        var text: String
        var canThrow: Bool
        let head: String

        var lowered: Lowered { Lowered(text: text, canThrow: canThrow) }
    }

    private static func apply(_ verb: String, _ source: Source, _ head: String, _ body: Lowered) -> Source {
        let canThrow = source.canThrow || body.canThrow
        let closure: String
        let text: String
        if body.canThrow {
            // The head may bind more names than one, so the whole body stands in a closure that says what it throws.
            let parts = head.split(separator: "|", maxSplits: 1).map(String.init)
            let bindings = parts.count > 1 ? parts[1] + "; return " : ""
            closure = "{ (\(parts[0])) throws(EvalError) in \(bindings)\(body.statement) }"
            text = "Eval.\(verb)(\(source.text), \(closure))"
        } else {
            let parts = head.split(separator: "|", maxSplits: 1).map(String.init)
            let bindings = parts.count > 1 ? parts[1] + "; return " : ""
            closure = "{ \(parts[0]) in \(bindings)\(body.text) }"
            switch verb {
            case "all": text = "\(source.text).allSatisfy(\(closure))"
            case "exists": text = "\(source.text).contains(where: \(closure))"
            case "existsOne": text = "(\(source.text).count(where: \(closure)) == 1)"
            default: text = "\(source.text).\(verb)(\(closure))"
            }
        }
        return Source(text: text, canThrow: canThrow, head: head)
    }

    private mutating func source(_ node: Typed.Comprehension) throws(LoweringError) -> Source {
        let source = try lower(node.source)
        let names = node.variables.map(Lowering.local)
        if case .map = node.source.type {
            let entry = mapField(node.source)?.entry
            let key = entry.map { Widening.element("entry.key", $0.key) } ?? "entry.key"
            let value = entry.map { Widening.element("entry.value", $0.value) } ?? "entry.value"
            if names.count == 2 {
                return Source(
                    text: "Array(\(source.text))", canThrow: source.canThrow,
                    head: "entry|let (\(names[0]), \(names[1])) = (\(key), \(value))")
            }
            return Source(
                text: "\(source.operand).map({ entry in \(key) })", canThrow: source.canThrow, head: names[0])
        }
        guard names.count == 2 else {
            return Source(text: source.operand, canThrow: source.canThrow, head: names[0])
        }
        return Source(
            text: "Array(\(source.operand).enumerated())", canThrow: source.canThrow,
            head: "entry|let (\(names[0]), \(names[1])) = (Int64(entry.offset), entry.element)")
    }
}
