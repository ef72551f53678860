import Descriptors
import ProtoWire
import Testing
import Validation

/// Thousands of messages, asked here and there: ids, messages, field paths, rule paths and their order must be the same.
@Suite(.enabled(if: Oracle.isThere, "the Python environment is made by `make setup`"))
struct OracleTests {
    private static let messagesPerType: UInt64 = 250

    private static let types: [any ValidatedMessage.Type] = [
        RulesStandard.Signed.self, RulesStandard.Unsigned.self, RulesStandard.Floats.self, RulesStandard.Texts.self,
        RulesStandard.Formats.self, RulesStandard.Blobs.self, RulesStandard.Choices.self, RulesStandard.Item.self,
        RulesStandard.Box.self, RulesStandard.Lists.self, RulesStandard.Maps.self, RulesStandard.Known.self,
        RulesStandard.Wrappers.self, RulesStandard.Presence.self, RulesStandard.Oneofs.self, RulesStandard.Groups.self,
        RulesStandard.Names.self, RulesCustom.Whole.self, RulesCustom.Values.self, RulesCustom.Collections.self,
        RulesCustom.Presence.self, RulesCustom.Errors.self, RulesPredefined.Slugs.self, RulesPredefined.Legacy.self,
        RulesEdition.Fields.self, RulesServices.Request.self, RulesLibrary.Times.self, RulesLibrary.Texts.self,
        RulesLibrary.Maps.self,
    ]

    @Test(arguments: types.indices)
    func bothSidesSayTheSame(_ index: Int) throws {
        let files = try Contract.compile(Contract.names)
        let oracle = try Oracle(knowing: files)
        let type = OracleTests.types[index]
        let name = type.descriptor.fullName
        var findings = 0
        for seed in 0..<OracleTests.messagesPerType {
            var random = RandomMessage(seed: seed &* 7919 &+ UInt64(index), files)
            let bytes = seed == 0 ? [] : random.bytes(of: "." + name)
            let theirs = try oracle.check(name, bytes)
            let ours = OracleTests.answer(type, bytes)
            if case .violations(let lines) = theirs { findings += lines.count }
            guard !OracleTests.agree(ours, theirs) else { continue }
            Issue.record("\(name), seed \(seed), \(Base64.encode(bytes)):\nwe say \(ours)\nthey say \(theirs)")
            return
        }
        #expect(findings > 50, "messages of \(name) break too few rules to tell")
    }

    /// Why a rule has no value is said in each side's own words.
    private static func agree(_ ours: Oracle.Answer, _ theirs: Oracle.Answer) -> Bool {
        if case .evaluation = ours, case .evaluation = theirs { return true }
        return ours == theirs
    }

    private static func answer(_ type: any ValidatedMessage.Type, _ bytes: [UInt8]) -> Oracle.Answer {
        func check<Value: ValidatedMessage>(_ type: Value.Type) -> Oracle.Answer {
            do {
                return .violations(try Value(decoding: bytes).violations().map(Shape.text))
            } catch {
                return .evaluation("\(error)")
            }
        }
        return check(type)
    }
}
