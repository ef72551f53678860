import ProtoWire
import RPC
import RulesAPI
import Testing
public import Validation
import WellKnown

// Messages of contracts without rules stand in for generated ones: their checks are written as the generator writes them.

extension GoogleRpc.ErrorInfo: ValidatedMessage {
    func validate(_ check: inout RuleCheck) {
        if !Rules.length(reason, atLeast: 1) {
            check.violation(
                "string.min_len", "must be at least 1 characters", at: .field(1, "reason", .string),
                rule: .rule("string", 14, "min_len", 2, .uint64))
        }
        for entry in metadata where check.goesOn {
            if !Rules.length(entry.key, atMost: 3) {
                check.violation(
                    "string.max_len", "must be at most 3 characters",
                    at: .entry(3, "metadata", .string, .string, key: entry.key),
                    rule: [
                        .field(19, "map", .message), .field(4, "keys", .message), .field(14, "string", .message),
                        .field(3, "max_len", .uint64),
                    ], forKey: true)
            }
        }
        if domain == "overflow" { check.failure(.overflow("addition"), "info.sum") }
    }
}

extension GoogleRpc.BadRequest.FieldViolation: ValidatedMessage {
    func validate(_ check: inout RuleCheck) {
        if !Rules.isHostname(field) {
            check.violation(
                "string.hostname", "must be a valid hostname", at: .field(1, "field", .string),
                rule: .rule("string", 14, "hostname", 13, .bool))
        }
    }
}

extension GoogleRpc.BadRequest: ValidatedMessage {
    func validate(_ check: inout RuleCheck) {
        for (index, item) in fieldViolations.enumerated() where check.goesOn {
            check.nested(.element(1, "field_violations", .message, index)) { check in item.validate(&check) }
        }
        if fieldViolations.isEmpty { check.violation("bad_request.some", "must say something") }
    }
}

extension GoogleProtobuf.ListValue: ValidatedMessage {
    func validate(_ check: inout RuleCheck) {
        for (index, value) in values.enumerated() where check.goesOn {
            guard case .listValue(let list)? = value.kind else { continue }
            check.nested(.element(1, "values", .message, index)) { check in list.validate(&check) }
        }
        if values.isEmpty { check.violation("list.some", "must hold something") }
    }
}

/// What a check collects, and what a caller gets to see of it.
struct RuleCheckTests {
    @Test("violations come in order, with the way to their field")
    func paths() throws {
        var request = GoogleRpc.BadRequest()
        request.fieldViolations = ["a.b", "-", "c", "1"].map { field in
            var item = GoogleRpc.BadRequest.FieldViolation()
            item.field = field
            return item
        }
        let found = try request.violations()
        #expect(found.map(\.field.description) == ["field_violations[1].field", "field_violations[3].field"])
        #expect(found.first?.rule.description == "string.hostname")
        #expect(found.first?.description == "field_violations[1].field: must be a valid hostname")
        #expect(try request.violations(mode: .first).count == 1)
        #expect(!request.isValid())
        request.fieldViolations.removeLast(3)
        #expect(try request.violations().isEmpty && request.isValid())
        #expect(try GoogleRpc.BadRequest().violations().map(\.description) == ["must say something"])
    }

    @Test("a map's key stands in the path, escaped where it must be")
    func keys() throws {
        var info = GoogleRpc.ErrorInfo()
        info.reason = "x"
        info.metadata = ["a\"\n\\b\u{1}é": "", "ok": ""]
        let found = try info.violations()
        #expect(found.map(\.field.description) == [#"metadata["a\"\n\\b\x01é"]"#])
        #expect(found[0].forKey && found[0].rule.description == "map.keys.string.max_len")
        let message = BufValidate.Violation(found[0])
        #expect(message.forKey == true && message.field?.elements.first?.subscript == .stringKey("a\"\n\\b\u{1}é"))
        #expect(message.field?.elements.first?.keyType?.rawValue == 9)
    }

    @Test("a rule that cannot be evaluated is an error, and the caller's fault")
    func failure() {
        var info = GoogleRpc.ErrorInfo()
        info.domain = "overflow"
        #expect(throws: EvaluationError(ruleID: "info.sum", reason: .overflow("addition"))) { try info.violations() }
        let error = #expect(throws: RPCError.self) { try info.requireValid() }
        #expect(error?.code == .invalidArgument && error?.message.contains("'info.sum'") == true)
        #expect(!info.isValid())
    }

    @Test("a refused message tells its caller what is wrong, in words and in details")
    func refusal() throws {
        var info = GoogleRpc.ErrorInfo()
        info.metadata = ["long": ""]
        let thrown = #expect(throws: RPCError.self) { try info.requireValid() }
        let error = try #require(thrown)
        #expect(error.code == .invalidArgument)
        #expect(
            error.message
                == "google.rpc.ErrorInfo is not valid in 2 places, the first: reason: must be at least 1 characters")
        let status = try GoogleRpc.Status(decoding: error.details)
        #expect(status.code == 3 && status.details.count == 2)
        #expect(status.details[0].typeUrl == "type.googleapis.com/google.rpc.BadRequest")
        let request = try GoogleRpc.BadRequest(decoding: status.details[0].value)
        #expect(request.fieldViolations.map(\.field) == ["reason", "metadata[\"long\"]"])
        #expect(request.fieldViolations.map(\.reason) == ["string.min_len", "string.max_len"])
        let violations = try BufValidate.Violations(decoding: status.details[1].value)
        #expect(violations.violations.map(\.ruleId) == ["string.min_len", "string.max_len"])
        info = GoogleRpc.ErrorInfo()
        info.reason = "x"
        try info.requireValid()
    }

    @Test("details stay small enough for trailers, whatever was sent")
    func boundedDetails() throws {
        var info = GoogleRpc.ErrorInfo()
        for number in 0..<5000 { info.metadata["\(number)" + String(repeating: "k", count: number)] = "" }
        let error = try #require(#expect(throws: RPCError.self) { try info.requireValid() })
        #expect(error.details.count < 6000 && error.message.utf8.count < 2048)
        #expect(error.message.contains("in 1000 places"))
        let status = try GoogleRpc.Status(decoding: error.details)
        #expect(try !GoogleRpc.BadRequest(decoding: status.details[0].value).fieldViolations.isEmpty)
    }

    @Test("messages deeper than a decoder takes end the check, not the process")
    func depth() {
        var list = GoogleProtobuf.ListValue()
        for _ in 0..<150 {
            var value = GoogleProtobuf.Value()
            value.kind = .listValue(list)
            var outer = GoogleProtobuf.ListValue()
            outer.values = [value]
            list = outer
        }
        #expect(throws: EvaluationError(ruleID: "", reason: .tooDeep(limit: 100))) { try list.violations() }
    }

    @Test("all rules of one message see one time")
    func now() {
        var check = RuleCheck()
        let first = check.now
        #expect(check.now == first && first.seconds > 1_700_000_000)
        var fixed = RuleCheck(now: "2024-01-01T00:00:00Z")
        #expect(fixed.now == "2024-01-01T00:00:00Z")
        #expect(Rules.isWithin("2024-01-01T00:00:01Z", "1s", of: fixed.now))
        #expect(Rules.isWithin("2023-12-31T23:59:59Z", "1s", of: fixed.now))
        #expect(!Rules.isWithin("2024-01-01T00:00:01.000000001Z", "1s", of: fixed.now))
    }
}
