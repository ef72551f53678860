import Foundation
import ProtoCheck
import Yams

/// The configuration file of `weft lint` and `weft breaking`, and the folder that its paths are relative to.
struct CheckConfig {
    static let defaultPath = "buf.yaml"

    var file = CheckFile()
    /// Empty for the folder that the command runs in.
    var folder = ""
    /// Nil if there is no file: then everything is as it is by default.
    var path: String?

    /// Reads the named file, or `buf.yaml` if there is one.
    static func load(_ path: String?) throws(ConfigurationFault) -> CheckConfig {
        guard let path = path ?? (FileManager.default.fileExists(atPath: defaultPath) ? defaultPath : nil) else {
            return CheckConfig()
        }
        guard let data = FileManager.default.contents(atPath: path) else {
            throw ConfigurationFault("cannot read the configuration \(path)")
        }
        do {
            guard let node = try Yams.compose(yaml: String(decoding: data, as: UTF8.self)) else {
                throw ConfigurationFault("it is empty")
            }
            return CheckConfig(
                file: try CheckFile(ConfigNode(node, depth: 0)), folder: (path as NSString).deletingLastPathComponent,
                path: path)
        } catch {
            throw ConfigurationFault("\(path): \(error)")
        }
    }

    /// A path of the configuration, from the folder that the command runs in.
    func placed(_ path: String) -> String {
        folder.isEmpty ? path : (path == "." ? folder : "\(folder)/\(path)")
    }
}

extension ConfigNode {
    /// No configuration nests deeper; an alias of YAML may, without end.
    private static let deepest = 16

    init(_ node: Node, depth: Int) throws(ConfigurationFault) {
        let line = node.mark?.line ?? 0
        guard depth < ConfigNode.deepest else { throw ConfigurationFault("line \(line): it nests too deep") }
        switch node {
        case .scalar(let scalar):
            self.init(node.null == nil ? .text(scalar.string) : .null, line: line)
        case .sequence(let sequence):
            var items: [ConfigNode] = []
            for item in sequence { items.append(try ConfigNode(item, depth: depth + 1)) }
            self.init(.list(items), line: line)
        case .mapping(let mapping):
            var entries: [Entry] = []
            for (key, value) in mapping {
                entries.append(Entry(key: key.string ?? "", value: try ConfigNode(value, depth: depth + 1)))
            }
            self.init(.map(entries), line: line)
        case .alias:
            throw ConfigurationFault("line \(line): an alias to something that is not there")
        }
    }
}
