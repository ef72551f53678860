import ProtoWire
import RPC
import Testing
import Validation

/// What generated checks do that no other implementation can be asked about.
@Suite struct GeneratedCodeTests {
    @Test func macrosWithTwoNamesSeeBoth() throws {
        var pairs = RulesLibrary.Pairs()
        pairs.list = [1, 2, 3]
        pairs.map = ["b": 4]
        #expect(try pairs.violations() == [])
        pairs.list = [1, 1]
        pairs.map = ["a": 4]
        #expect(try pairs.violations().map(\.ruleID) == ["rising", "pairs"])
    }

    @Test func theFirstViolationIsEnoughToRefuse() throws {
        var item = RulesStandard.Texts()
        item.all = "xx"
        #expect(try item.violations(mode: .first).count == 1)
        #expect(try item.violations().count > 3)
    }

    @Test func aRefusalNamesTheField() {
        do {
            try RulesServices.Request().requireValid()
            Issue.record("a request without a name was taken")
        } catch {
            #expect(error.code == .invalidArgument && error.message.contains("name: must be at least 2 characters"))
        }
    }
}
