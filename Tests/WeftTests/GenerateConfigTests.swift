import Generate
import SwiftEmit
import Testing

@testable import weft

/// The configuration file of `weft generate`: what it says, and that every slip in it is named with its line.
@Suite struct GenerateConfigTests {
    private static let whole = """
        root: ..
        importPaths: [proto, third_party/]
        visibility: package
        modules:
          money: Money
          money/v2/rate.proto: Rates
        targets:
          - module: API
            output: Sources/API
            contracts: [learn]
          - module: Mesh
            output: /elsewhere
            contracts:
              - weft/why
        """

    @Test func theWholeFileBecomesAPlan() throws {
        let plan = try GenerateConfig.plan(GenerateConfigTests.whole, at: "codegen/weft.gen.yaml")
        #expect(plan.importPaths == ["proto", "third_party"])
        #expect(plan.targets.map(\.outputDirectory) == ["Sources/API", "/elsewhere"])
        #expect(plan.targets.map(\.inputs) == [["learn"], ["weft/why"]])
        #expect(plan.visibility == .package && plan.layout == .whole)
        // A file before its folder, and both before what Weft brings along.
        #expect(plan.modules.prefix(2).map(\.module) == ["Rates", "Money"])
        #expect(Array(plan.modules.dropFirst(2)) == EmitOptions.sharedContracts)
        let rules = plan.emitOptions(for: plan.targets[0]).modules
        #expect(rules.prefix(2).map(\.module) == ["Mesh", "API"])
    }

    @Test func jsonIsReadToo() throws {
        let json = #"{"targets": [{"module": "API", "output": "out", "contracts": ["learn"]}]}"#
        let plan = try GenerateConfig.plan(json, at: "weft.gen.json")
        #expect(plan.importPaths == ["."] && plan.targets[0].outputDirectory == "out")
    }

    @Test(arguments: [
        ("target: []", "f.yaml:1:9: unknown key 'target'; did you mean 'targets'?"),
        (
            "color: red\ntargets: []",
            "f.yaml:1:8: unknown key 'color'; known are root, importPaths, visibility, modules, targets"
        ),
        ("root: .", "f.yaml:1:1: 'targets' is missing"),
        ("targets: []", "f.yaml:1:10: there are no targets"),
        ("targets:\n  - module: A\n    output: o", "f.yaml:2:5: 'contracts' of the target is missing"),
        ("importPaths: proto\ntargets: []", "f.yaml:1:14: 'importPaths' is not a list"),
        ("root: 7\ntargets: []", "f.yaml:1:7: 'root' is not a text"),
        (
            "targets:\n  - module: A\n    output: o\n    contracts: [a, true]",
            "f.yaml:4:20: 'targets[0].contracts[1]' is not a text"
        ),
        (
            "visibility: open\ntargets: [{module: A, output: o, contracts: [a]}]",
            "f.yaml:1:13: visibility 'open' is not public, package or internal"
        ),
        (
            "targets: [{module: A, output: o, contracts: [a]}, {module: B, output: o/, contracts: [b]}]",
            "f.yaml:1:51: two targets have the output 'o'"
        ),
        ("- a", "f.yaml:1:1: this is not an object with the keys root, importPaths, visibility, modules, targets"),
        ("", "f.yaml: the file is empty"),
    ])
    func aSlipIsNamedWithItsPlace(text: String, complaint: String) {
        #expect(throws: YAMLNode.Fault.self) { try GenerateConfig.plan(text, at: "f.yaml") }
        do {
            _ = try GenerateConfig.plan(text, at: "f.yaml")
        } catch {
            #expect(error.description == complaint)
        }
    }

    @Test(arguments: ["targets: [", "a: b: c", "a: 1\na: 2"])
    func whatIsNoYAMLIsNamedWithItsLine(text: String) {
        do {
            _ = try GenerateConfig.plan(text, at: "f.yaml")
            Issue.record("it was read")
        } catch {
            #expect(error.description.hasPrefix("f.yaml: line "), "\(error)")
        }
    }
}
