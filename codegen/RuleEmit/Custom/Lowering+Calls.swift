import CEL
import Descriptors
import SwiftEmit

extension Lowering {
    mutating func call(_ name: String, _ arguments: [Typed], _ typed: Typed) throws(LoweringError) -> Lowered {
        if let text = try own(name, arguments) { return text }
        var texts: [String] = []
        var canThrow = false
        for argument in arguments {
            let value = try present(argument)
            canThrow = canThrow || value.canThrow
            texts.append(value.text)
        }
        if name == "format" { return try format(arguments, texts) }
        if let text = Lowering.predicate(name, texts, arguments) { return Lowered(text: text, canThrow: canThrow) }
        if let text = Lowering.conversion(name, texts, arguments) {
            return Lowered(text: text.text, canThrow: canThrow || text.canThrow)
        }
        if name.hasPrefix("get"), arguments[0].type.present == .duration {
            return Lowered(text: "Eval.\(name)(\(texts[0]))", canThrow: canThrow)
        }
        // Dates and the strings extension: most of them may find their arguments out of range.
        let isSafe = ["lowerAscii", "upperAscii", "trim", "split"].contains(name)
        return Lowered(text: "Eval.\(name)(\(texts.joined(separator: ", ")))", canThrow: canThrow || !isSafe)
    }

    /// Functions whose arguments are better not lowered as they stand.
    private mutating func own(_ name: String, _ arguments: [Typed]) throws(LoweringError) -> Lowered? {
        switch name {
        case "matches":
            guard case .literal(.string(let pattern)) = arguments[1].node else { return nil }
            let text = try present(arguments[0])
            return Lowered(
                text: "Rules.matches(\(text.text), \(patterns.reference(pattern)))", canThrow: text.canThrow)
        case "size", "unique":
            // The stored list has the same length and the same equal elements, whatever its width.
            guard case .field(let target, let field) = arguments[0].node, case .message(let message) = target.type,
                let stored = schema.messages[message]?.fields.first(where: { $0.name == field }),
                stored.proto.label == .repeated, stored.heldMessage == nil || name == "size"
            else { return nil }
            let base = try lower(target)
            let property = stored.names.property
            let list = base.text == "self" ? Locals.reference(property) : base.operand + "." + property
            return Lowered(
                text: name == "size" ? "Int64(\(list).count)" : "Rules.unique(\(list))", canThrow: base.canThrow)
        default: return nil
        }
    }

    private static func predicate(_ name: String, _ texts: [String], _ arguments: [Typed]) -> String? {
        let all = texts.joined(separator: ", ")
        let type = arguments[0].type.present
        switch name {
        case "startsWith": return "Rules.hasPrefix(\(all))"
        case "endsWith": return "Rules.hasSuffix(\(all))"
        case "contains": return "Rules.contains(\(all))"
        case "isEmail": return "Rules.isEmail(\(all))"
        case "isHostname": return "Rules.isHostname(\(all))"
        case "isUri": return "Rules.isURI(\(all))"
        case "isUriRef": return "Rules.isURIRef(\(all))"
        case "isHostAndPort": return "Rules.isHostAndPort(\(texts[0]), portRequired: \(texts[1]))"
        case "isIp": return texts.count > 1 ? "Rules.isIP(\(texts[0]), version: \(texts[1]))" : "Rules.isIP(\(all))"
        case "isIpPrefix":
            let strict = arguments.last?.type == .bool ? ", strict: \(texts[texts.count - 1])" : ""
            let version = arguments.count > 1 && arguments[1].type != .bool ? ", version: \(texts[1])" : ""
            return "Rules.isIPPrefix(\(texts[0])\(version)\(strict))"
        case "isNan": return "\(texts[0]).isNaN"
        case "isInf" where texts.count == 1: return "\(texts[0]).isInfinite"
        case "isInf": return "Eval.isInf(\(all))"
        case "unique": return "Rules.unique(\(all))"
        case "size": return type == .string || type == .bytes ? "Eval.size(\(all))" : "Int64((\(texts[0])).count)"
        default: return nil
        }
    }

    private static func conversion(_ name: String, _ texts: [String], _ arguments: [Typed]) -> Lowered? {
        guard ["int", "uint", "double", "bool", "string", "bytes", "duration", "timestamp"].contains(name) else {
            return nil
        }
        let from = arguments[0].type.present
        if name == from.description || name == "duration" && from == .duration
            || name == "timestamp" && from == .timestamp
        {
            return Lowered(text: texts[0])
        }
        if name == "double", from == .int || from == .uint { return Lowered(text: "Double(\(texts[0]))") }
        if name == "bytes" { return Lowered(text: "Array((\(texts[0])).utf8)") }
        // Only what is written of numbers and flags is never out of range.
        let isSafe = name == "string" && [.int, .uint, .double, .bool].contains(from)
        return Lowered(text: "Eval.\(name)(\(texts[0]))", canThrow: !isSafe)
    }

    private func format(_ arguments: [Typed], _ texts: [String]) throws(LoweringError) -> Lowered {
        var items: [String] = []
        for (argument, text) in zip(arguments, texts).dropFirst() {
            items.append(try shown(argument.type.present, text, argument.offset))
        }
        return Lowered(text: "Eval.format(\(texts[0]), \(Literal.list(items)))", canThrow: true)
    }

    /// A value as an argument of `format`, which must know its type.
    private func shown(_ type: CELType, _ text: String, _ offset: Int) throws(LoweringError) -> String {
        switch type {
        case .null: return ".null"
        case .bool: return ".bool(\(text))"
        case .int: return ".int(\(text))"
        case .uint: return ".uint(\(text))"
        case .double: return ".double(\(text))"
        case .string: return ".string(\(text))"
        case .bytes: return ".bytes(\(text))"
        case .duration: return ".duration(\(text))"
        case .timestamp: return ".timestamp(\(text))"
        case .list(let element): return ".list((\(text)).map({ \(try shown(element, "$0", offset)) }))"
        default: throw LoweringError(message: "`format` does not write a value of \(type)", offset: offset)
        }
    }
}
