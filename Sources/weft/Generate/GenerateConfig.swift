import Foundation
import Generate
import SwiftEmit

/// The configuration file of `weft generate`: which folder of contracts goes to which module.
///
///     root: ..
///     importPaths: [proto]
///     visibility: public
///     modules:
///       money: MoneyContracts
///     targets:
///       - module: API
///         output: Sources/Generated/API
///         contracts: [learn]
///         views: true
///         validation: true
struct GenerateConfig {
    /// Where it lies if nobody says otherwise; the second is read if the first is not there.
    static let defaultPaths = ["codegen/weft.gen.yaml", "weft.gen.yaml", "codegen/weft.gen.json", "weft.gen.json"]

    /// Reads a configuration file and makes the plan that it describes.
    static func plan(at path: String) throws(YAMLNode.Fault) -> GeneratePlan {
        let text: String
        do {
            text = String(decoding: try Data(contentsOf: URL(filePath: path)), as: UTF8.self)
        } catch {
            throw YAMLNode.Fault(description: "cannot read \(path): \(systemReason(error))")
        }
        return try plan(text, at: path)
    }

    /// The plan that the text describes, were it in a file of that path.
    static func plan(_ text: String, at path: String) throws(YAMLNode.Fault) -> GeneratePlan {
        let top = try YAMLNode.read(text, file: path)
        let values = try top.object(["root", "importPaths", "visibility", "modules", "targets"])
        let folder = Folder(of: path, root: try values["root"]?.string())
        let importPaths = try values["importPaths"]?.strings() ?? ["."]
        guard let list = values["targets"] else { throw top.fault("'targets' is missing") }
        var targets: [GeneratePlan.Target] = []
        for node in try list.list() {
            let target = try target(node, folder)
            // Two targets in one folder would each remove the other's files.
            guard !targets.contains(where: { $0.outputDirectory == target.outputDirectory }) else {
                throw node.fault("two targets have the output '\(target.outputDirectory)'")
            }
            targets.append(target)
        }
        guard !targets.isEmpty else { throw list.fault("there are no targets") }
        var plan = GeneratePlan(importPaths: importPaths.map(folder.placed), targets: targets, layout: .whole)
        if let node = values["visibility"] { plan.visibility = try visibility(node) }
        if let node = values["modules"] { plan.modules = try modules(node) + plan.modules }
        return plan
    }

    private static func target(_ node: YAMLNode, _ folder: Folder) throws(YAMLNode.Fault) -> GeneratePlan.Target {
        let values = try node.object(["module", "output", "contracts", "views", "validation"])
        for key in ["module", "output", "contracts"] where values[key] == nil {
            throw node.fault("'\(key)' of the target is missing")
        }
        var features = GeneratePlan.Features()
        if let node = values["views"] { features.views = try node.bool() }
        if let node = values["validation"] { features.validation = try node.bool() }
        return GeneratePlan.Target(
            module: try values["module"]?.string(),
            outputDirectory: folder.placed(try values["output"]?.string() ?? ""),
            inputs: try values["contracts"]?.strings() ?? [], features: features)
    }

    private static func visibility(_ node: YAMLNode) throws(YAMLNode.Fault) -> Visibility {
        let word = try node.string()
        guard let visibility = Visibility(rawValue: word) else {
            throw node.fault("visibility '\(word)' is not public, package or internal")
        }
        return visibility
    }

    private static func modules(_ node: YAMLNode) throws(YAMLNode.Fault) -> [EmitOptions.ModuleRule] {
        var rules: [EmitOptions.ModuleRule] = []
        for (path, value) in try node.pairs("an object of paths and modules") {
            rules.append(EmitOptions.ModuleRule(path: path, module: try value.string()))
        }
        // The rule that says most comes first: a file before its folder.
        return rules.sorted { $0.path.count > $1.path.count }
    }

    /// What relative paths of the file are relative to.
    private struct Folder {
        private let base: String

        init(of path: String, root: String?) {
            let folder = (path as NSString).deletingLastPathComponent
            base = root.map { folder.isEmpty ? $0 : folder + "/" + $0 } ?? folder
        }

        func placed(_ relative: String) -> String {
            shortened(base.isEmpty || relative.hasPrefix("/") ? relative : base + "/" + relative)
        }

        /// `codegen/../proto` as `proto`: messages show these paths.
        private func shortened(_ path: String) -> String {
            var parts: [Substring] = []
            for part in path.split(separator: "/") where part != "." {
                if part == "..", let last = parts.last, last != ".." {
                    parts.removeLast()
                } else {
                    parts.append(part)
                }
            }
            let joined = (path.hasPrefix("/") ? "/" : "") + parts.joined(separator: "/")
            return joined.isEmpty ? "." : joined
        }
    }
}
