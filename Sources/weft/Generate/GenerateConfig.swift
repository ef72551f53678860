import Foundation
import SwiftEmit

/// The configuration file of `weft generate`: which folder of contracts goes to which target.
///
///     {
///       "root": "..",
///       "importPaths": ["proto"],
///       "visibility": "public",
///       "targets": [{ "module": "API", "output": "Sources/Generated/API", "contracts": ["learn"] }]
///     }
struct GenerateConfig: Decodable {
    static let defaultPath = "codegen/weft.gen.json"

    struct Target: Decodable {
        let module: String
        let output: String
        let contracts: [String]
        /// Whether messages get views; the target that compiles them enables the feature `Lifetimes`.
        let views: Bool?
    }

    /// The folder that all other paths are relative to, itself relative to the folder of this file; that one if unsaid.
    let root: String?
    let importPaths: [String]
    let visibility: String?
    let targets: [Target]

    /// Why there is no plan; the message names the file.
    struct Fault: Error, CustomStringConvertible {
        let description: String
    }

    /// Reads a configuration file and makes the plan that it describes.
    static func plan(at path: String, mode: GeneratePlan.Mode) throws(Fault) -> GeneratePlan {
        let data: Data
        do {
            data = try Data(contentsOf: URL(filePath: path))
        } catch {
            throw Fault(description: "cannot read \(path): \(Generate.reason(error))")
        }
        do {
            let config = try JSONDecoder().decode(GenerateConfig.self, from: data)
            return try config.plan(at: path, mode: mode)
        } catch let fault as Fault {
            throw fault
        } catch {
            throw Fault(description: "\(path): \(GenerateConfig.sentence(error))")
        }
    }

    private func plan(at path: String, mode: GeneratePlan.Mode) throws(Fault) -> GeneratePlan {
        guard let visibility = Visibility(rawValue: visibility ?? "public") else {
            throw Fault(description: "\(path): visibility '\(visibility ?? "")' is not public, package or internal")
        }
        guard !targets.isEmpty else { throw Fault(description: "\(path): there are no targets") }
        var outputs: Set<String> = []
        for target in targets where !outputs.insert(target.output).inserted {
            // Two targets in one folder would each remove the other's files.
            throw Fault(description: "\(path): two targets have the output '\(target.output)'")
        }
        var base = (path as NSString).deletingLastPathComponent
        if let root { base = base.isEmpty ? root : base + "/" + root }
        func placed(_ relative: String) -> String {
            GenerateConfig.shortened(base.isEmpty || relative.hasPrefix("/") ? relative : base + "/" + relative)
        }
        return GeneratePlan(
            importPaths: importPaths.map(placed),
            targets: targets.map { target in
                GeneratePlan.Target(
                    module: target.module, outputDirectory: placed(target.output), inputs: target.contracts,
                    views: target.views ?? false)
            },
            visibility: visibility, layout: .whole, mode: mode)
    }

    /// `codegen/../proto` as `proto`: messages show these paths.
    private static func shortened(_ path: String) -> String {
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

    /// What is wrong with the JSON, and where in it.
    private static func sentence(_ error: any Error) -> String {
        func place(_ context: DecodingError.Context, _ last: (any CodingKey)? = nil) -> String {
            let keys = context.codingPath + (last.map { [$0] } ?? [])
            return keys.reduce(into: "") { path, key in
                if let index = key.intValue {
                    path += "[\(index)]"
                } else {
                    path += (path.isEmpty ? "" : ".") + key.stringValue
                }
            }
        }
        switch error as? DecodingError {
        case .keyNotFound(let key, let context)?: return "'\(place(context, key))' is missing"
        case .typeMismatch(_, let context)?, .valueNotFound(_, let context)?:
            return "'\(place(context))' is not what belongs there"
        case .dataCorrupted(let context)?:
            let detail = (context.underlyingError as NSError?)?.userInfo["NSDebugDescription"] as? String
            return "this is not JSON: \(detail ?? context.debugDescription)"
        default: return Generate.reason(error)
        }
    }
}
