import Generate
import SwiftEmit

/// What the plugin asks for on the command line.
struct Request {
    /// What is wrong with the command line.
    struct Fault: Error {
        let text: String
    }

    let plan: GeneratePlan

    init(_ arguments: some Sequence<String>) throws(Fault) {
        var contracts: [String] = []
        var values: [String: [String]] = [:]
        var features = GeneratePlan.Features()
        var name: String?
        for argument in arguments {
            if let option = name {
                values[option, default: []].append(argument)
                name = nil
            } else if argument == "--views" {
                features.views = true
            } else if argument == "--no-validation" {
                features.validation = false
            } else if argument.hasPrefix("--") {
                guard Request.options.contains(argument) else { throw Fault(text: "unknown option '\(argument)'") }
                name = argument
            } else {
                contracts.append(argument)
            }
        }
        if let name { throw Fault(text: "\(name) needs a value") }
        guard let out = values["--out"]?.last else { throw Fault(text: "say with --out where the files go") }
        guard !contracts.isEmpty else { throw Fault(text: "name at least one contract") }
        let target = GeneratePlan.Target(
            module: values["--module"]?.last, outputDirectory: out, inputs: contracts, features: features)
        var plan = GeneratePlan(importPaths: values["--import-path"] ?? [], targets: [target], layout: .declared)
        if let word = values["--visibility"]?.last {
            guard let visibility = Visibility(rawValue: word) else {
                throw Fault(text: "visibility '\(word)' is not public, package or internal")
            }
            plan.visibility = visibility
        }
        plan.modules = try (values["--map"] ?? []).map(Request.rule) + plan.modules
        self.plan = plan
    }

    private static let options: Set = ["--out", "--import-path", "--module", "--visibility", "--map"]

    private static func rule(_ text: String) throws(Fault) -> EmitOptions.ModuleRule {
        let parts = text.split(separator: "=", omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty else {
            throw Fault(text: "--map '\(text)' is not PATH=MODULE")
        }
        return EmitOptions.ModuleRule(path: String(parts[0]), module: String(parts[1]))
    }
}
