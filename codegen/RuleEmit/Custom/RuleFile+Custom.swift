import CEL
import Descriptors
import RulesAPI
import SwiftEmit
import Validation

extension RuleFile {
    /// Expressions of a message or of a field: those without an id first.
    mutating func writeCustom(
        _ expressions: [String], _ rules: [BufValidate.Rule], _ this: RuledValue, _ scope: RuleScope, _ owner: Owner,
        to printer: inout Printer
    ) {
        for (index, expression) in expressions.enumerated() {
            let step = StandardCheck.Step(number: 29, name: "cel_expression", kind: "string", index: index)
            var rule = BufValidate.Rule()
            rule.id = expression
            rule.expression = expression
            write(rule, CustomValues(this, schema), scope, [step], owner, to: &printer)
        }
        for (index, rule) in rules.enumerated() {
            let step = StandardCheck.Step(number: 23, name: "cel", kind: "message", index: index)
            write(rule, CustomValues(this, schema), scope, [step], owner, to: &printer)
        }
    }

    /// One expression; `steps` is the way to it.
    mutating func write(
        _ rule: BufValidate.Rule, _ values: CustomValues, _ scope: RuleScope, _ steps: [StandardCheck.Step],
        _ owner: Owner, to printer: inout Printer
    ) {
        let place = steps.map(\.shown).joined(separator: ".")
        let text = rule.expression ?? ""
        let typed: Typed
        let lowered: Lowered
        do {
            typed = try Checker.check(
                try Parser.parse(text), in: ContractTypes(schema: schema, variables: values.types))
            var lowering = Lowering(
                schema: schema, variables: values.texts, thisField: values.thisField, patterns: patterns)
            lowered = try lowering.present(typed)
            patterns = lowering.patterns
        } catch let error as CELError {
            return fault(owner, place, "\(error)", expression: text)
        } catch let error as LoweringError {
            return fault(owner, place, "\(CELError(error.message, at: error.offset))", expression: text)
        } catch {
            return fault(owner, place, "\(error)", expression: text)
        }
        let id = rule.id ?? ""
        var body = Printer()
        let arguments = scope.arguments(steps)
        let said = (rule.message ?? "").isEmpty ? nil : rule.message
        switch typed.type.present {
        case .bool:
            let message = said ?? "\"\(text)\" returned false"
            body.block("if \(lowered.not.statement) {") { printer in
                printer.put("check.violation(\(Literal.text(id)), \(Literal.text(message))\(arguments))")
            }
        case .string:
            body.block("do {") { printer in
                printer.put("let text = \(lowered.statement)")
                let message = said.map(Literal.text) ?? "text"
                printer.put("if !text.isEmpty { check.violation(\(Literal.text(id)), \(message)\(arguments)) }")
            }
        default:
            return fault(owner, place, "it gives \(typed.type), not bool or string", expression: text)
        }
        guard lowered.canThrow else { return printer.paste(body) }
        printer.put("do throws(EvalError) {")
        printer.indented { $0.paste(body) }
        printer.put("} catch {")
        printer.indented { $0.put("check.failure(error, \(Literal.text(id)))") }
        printer.put("}")
    }

    private mutating func fault(_ owner: Owner, _ rule: String, _ message: String, expression: String) {
        fault(owner.message, at: owner.path, owner.element, rule, "`\(expression)`: \(message)")
    }
}

extension RuleScope {
    /// What stands behind a violation's id and message.
    func arguments(_ steps: [StandardCheck.Step]) -> String {
        switch self {
        case .message: ""
        case .field(let site): ", " + site.arguments(steps)
        }
    }
}

/// What the variables of an expression are.
struct CustomValues {
    var types: [String: CELType] = ["now": .timestamp]
    var texts: [String: String] = ["now": "check.now"]
    let thisField: Schema.Field?

    init(_ this: RuledValue, _ schema: Schema) {
        thisField = this.container
        if let field = this.container {
            types["this"] = ContractTypes.type(field)
            let item = Widening.element("$0", field.proto)
            texts["this"] = field.isMap || item == "$0" ? this.text : "\(this.text).map({ \(item) })"
            return
        }
        if let message = this.messageType {
            types["this"] = ContractTypes.type(ofMessage: message).present
            let wrapped = Family.wrapped(message)
            texts["this"] = wrapped.map { Widening.widened(this.text + ".value", $0) } ?? this.text
        } else {
            types["this"] = ContractTypes.type(this.kind, this.enumType.map { "." + $0 })
            texts["this"] = Widening.widened(this.text, this.kind)
        }
    }
}
