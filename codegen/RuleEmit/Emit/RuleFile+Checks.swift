import Descriptors
import RulesAPI
import SwiftEmit
import Validation

/// Rules that no value could ever be asked, found while they are written.
extension RuleFile {
    mutating func checkStandard(_ type: BufValidate.FieldRules.TypeOneof, _ owner: Owner) {
        func wrong(_ rule: String, _ message: String) {
            fault(owner.message, at: owner.path, owner.element, rule, message)
        }
        switch type {
        case .string(let rules):
            if let pattern = rules.pattern, let error = Pattern.check(pattern) {
                wrong("string.pattern", "`\(pattern)` is no RE2 expression: \(error)")
            }
        case .bytes(let rules):
            if let pattern = rules.pattern, let error = Pattern.check(pattern) {
                wrong("bytes.pattern", "`\(pattern)` is no RE2 expression: \(error)")
            }
        default: break
        }
    }

    /// Messages are not compared as a whole.
    mutating func checkUnique(_ rules: BufValidate.RepeatedRules, _ field: Schema.Field, _ owner: Owner) {
        guard rules.unique == true, let type = field.messageType, Family.wrapped(type) == nil else { return }
        fault(
            owner.message, at: owner.path, owner.element, "repeated.unique",
            "items are messages (`\(type)`), which have no order and no key to compare by")
    }
}
