import ArgumentParser
import Descriptors
import Foundation
import MeshAPI
import RPC
import Timebase
import Yams

/// `weft get policies`: what is in force, as `weft apply` takes it.
struct GetCommand: WaitingCommand {
    static let configuration = CommandConfiguration(
        commandName: "get", abstract: "Print what is in force in a running mesh.",
        discussion: "'weft get policies' prints what 'weft apply -f' takes; its hash goes to standard error.")

    enum Kind: String, CaseIterable, ExpressibleByArgument {
        case policies
    }

    enum Form: String, CaseIterable, ExpressibleByArgument {
        case yaml, json
    }

    @Argument(help: "What to print: policies.")
    var kind: Kind

    @Option(name: .shortAndLong, help: "How: \(Form.allCases.map(\.rawValue).joined(separator: ", ")).")
    var output = Form.yaml

    @OptionGroup var control: ControlOptions

    @Option(help: "Give up after this long: 500ms, 5s, 1m.")
    var timeout = "10s"

    func run() async throws {
        let timeout = try WaitTime.parse(timeout, "--timeout")
        let channel = try await control.open(timeout: timeout)
        let found: WeftControlV1.GetResponse
        do {
            found = try await WeftControlV1.ConfigurationClient(channel).get(
                .init(), options: CallOptions(timeout: timeout))
        } catch let error as RPCError {
            throw Fault.call(
                "the control plane does not tell its policies: \(error.code): \(error.message)",
                code: error.code.rawValue)
        }
        FileHandle.standardError.write(Data("hash: \(found.hash)\n".utf8))
        print(try Self.text(found.policy ?? WeftPolicyV1.MeshPolicy(), as: output))
    }

    static func text(_ policy: WeftPolicyV1.MeshPolicy, as form: Form) throws -> String {
        var options = JSONTranscoder.PrintOptions()
        options.usesOriginalNames = true
        options.indentation = form == .json ? 2 : 0
        let json = try policy.jsonString(options)
        guard let node = try Yams.compose(yaml: json.isEmpty ? "{}" : json) else { return "{}" }
        switch form {
        case .json: return json
        case .yaml: return try Yams.serialize(node: block(node)).trimmingCharacters(in: .newlines)
        }
    }

    /// The same in YAML's own style: JSON is all braces.
    private static func block(_ node: Node) -> Node {
        switch node {
        case .mapping(let mapping):
            let pairs = mapping.map { (plain($0.key), block($0.value)) }
            return Node(pairs, .implicit, pairs.isEmpty ? .flow : .block)
        case .sequence(let items): return Node(items.map(block), .implicit, items.isEmpty ? .flow : .block)
        case .scalar: return plain(node)
        case .alias: return node
        }
    }

    /// A text without quotes, unless it would be something else then.
    private static func plain(_ node: Node) -> Node {
        guard let text = node.scalar?.string, node.tag == Tag(.str), !text.isEmpty else { return node }
        let bare = Node(text, .implicit, .plain)
        let isSafe = (try? Yams.compose(yaml: text))?.map { $0.tag == Tag(.str) && $0.scalar?.string == text } ?? false
        return isSafe ? bare : node
    }
}
