import Descriptors
import Foundation
import RuleEmit
import Testing

/// Rules that cannot be are found when code is generated, at their place in the contract.
@Suite struct FaultTests {
    private static let contract = "wrong.proto"

    private static func faults() throws -> (files: [FileDescriptorProto], faults: [RuleFault]) {
        let files = try Contract.compile([contract])
        return (files, try RuleEmitter().check(files, only: [contract]))
    }

    /// `UPDATE=1 swift test` rewrites the golden; the diff is what is reviewed.
    @Test func faultsSayWhatTheGoldenSays() throws {
        let (files, faults) = try FaultTests.faults()
        let text = faults.map { $0.shown(with: files) + "\n" }.joined()
        let golden = Contract.folder.appending(path: "Contracts/wrong.txt")
        if ProcessInfo.processInfo.environment["UPDATE"] == "1" { try Data(text.utf8).write(to: golden) }
        #expect(text == (try String(contentsOf: golden, encoding: .utf8)))
    }

    @Test func rulesThatExcludeEachOtherAreTold() throws {
        let files = try Contract.compile(["contradictory.proto"])
        let found = try RuleEmitter().contradictions(files, only: ["contradictory.proto"])
        #expect(
            found.map { "\($0.element.split(separator: ".").last ?? "") \($0.rule): \($0.message)" } == [
                "choice enum.in: 1 is in `in` and in `not_in`",
                "count int32.const: `const` is 3, which `in` does not have",
                "items repeated.items.string.min_len: `min_len` is 3 and `max_len` 2: no value keeps both",
                "items repeated.min_items: `min_items` is 2 and `max_items` 1: no value keeps both",
                "text string.min_bytes: `min_bytes` is 9 and `max_bytes` 8: no value keeps both",
            ])
        #expect(try RuleEmitter().check(files, only: ["contradictory.proto"]) == [])
    }

    @Test func eachMessageHasItsFault() throws {
        let (files, faults) = try FaultTests.faults()
        let file = try #require(files.first { $0.name == FaultTests.contract })
        for message in file.messageType {
            let name = "rules.wrong." + (message.name ?? "")
            let own = faults.filter { $0.element == name || $0.element.hasPrefix(name + ".") }
            #expect(own.count == 1, "\(name) has \(own.count) faults")
        }
    }

    /// What we refuse when code is generated, protovalidate refuses when the first message comes: wrong rules as such, and
    /// expressions, which have no types there before they run, as they are evaluated.
    @Test(.enabled(if: Oracle.isThere, "the Python environment is made by `make setup`"))
    func protovalidateRefusesThemToo() throws {
        let (files, _) = try FaultTests.faults()
        let oracle = try Oracle(knowing: files)
        let file = try #require(files.first { $0.name == FaultTests.contract })
        for message in file.messageType {
            let answer = try oracle.check("rules.wrong." + (message.name ?? ""), [])
            if case .violations = answer { Issue.record("\(message.name ?? ""): protovalidate says \(answer)") }
        }
    }
}
