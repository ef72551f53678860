import Descriptors
import RulesAPI
import SwiftEmit

extension RuleFile {
    mutating func writeCustom(
        _ expressions: [String], _ rules: [BufValidate.Rule], _ this: RuledValue, _ scope: RuleScope, _ owner: Owner,
        to printer: inout Printer
    ) {}

    mutating func writePredefined(
        _ type: BufValidate.FieldRules.TypeOneof, _ text: String, _ value: RuledValue, _ site: Site, _ owner: Owner,
        to printer: inout Printer
    ) {}

    mutating func checkStandard(_ type: BufValidate.FieldRules.TypeOneof, _ owner: Owner) {}

    mutating func checkUnique(_ rules: BufValidate.RepeatedRules, _ field: Schema.Field, _ owner: Owner) {}
}
