import Foundation
import MeshPolicy
import Yams

/// Reads YAML (JSON is YAML too) as a document whose values know their places.
enum YAMLDocument {
    struct Fault: Error {
        let line: String
    }

    /// A file of policies larger than this is an accident.
    private static let mostBytes = 8 << 20

    static func read(file: String) throws -> DocumentNode {
        let bytes = try WholeInput.read(file)
        guard bytes.count <= mostBytes else { throw Command.usage("\(file) is larger than \(mostBytes) bytes") }
        do {
            return try read(String(decoding: bytes, as: UTF8.self), file: file == "-" ? "stdin" : file)
        } catch let fault as Fault {
            throw Command.usage(fault.line)
        }
    }

    private typealias Command = weft.Fault

    static func read(_ text: String, file: String) throws -> DocumentNode {
        let node: Node?
        do {
            node = try Yams.compose(yaml: text)
        } catch let error as YamlError {
            throw Fault(line: "\(file):\(NodeReader.describe(error))")
        }
        guard let node else { throw Fault(line: "\(file): the file is empty") }
        return DocumentNode(node)
    }
}

extension DocumentNode {
    /// Aliases unfold as they are read: the reader of the document bounds how much comes of them.
    init(_ node: Node) {
        let place = Place(node)
        switch node {
        case .scalar(let scalar):
            switch node.tag {
            case Tag(.null): self.init(.null, at: place)
            case Tag(.bool): self.init(.bool(node.bool ?? false), at: place)
            case Tag(.int): self.init(.number(node.int.map(String.init) ?? scalar.string), at: place)
            case Tag(.float): self.init(.number(node.float.map { "\($0)" } ?? scalar.string), at: place)
            default: self.init(.text(scalar.string), at: place)
            }
        case .sequence(let items):
            self.init(.list(items.map { DocumentNode($0) }), at: place)
        case .mapping(let mapping):
            let members = mapping.map { key, value in
                Member(name: key.scalar?.string ?? "", place: Place(key), value: DocumentNode(value))
            }
            self.init(.object(members), at: place)
        case .alias:
            self.init(.null, at: place)
        }
    }
}

extension DocumentNode.Place {
    fileprivate init(_ node: Node) {
        self.init(line: node.mark?.line ?? 0, column: node.mark?.column ?? 0)
    }
}
