import Descriptors
import Foundation
import ProtoResolve
import ProtoSyntax
import RuleEmit
import SwiftEmit

/// The contracts of these tests, as our own compiler describes them.
enum Contract {
    static let names = [
        "custom.proto", "edition.proto", "library.proto", "predefined.proto", "services.proto", "standard.proto",
    ]

    static let folder = URL(filePath: #filePath).deletingLastPathComponent()
    private static let roots = [folder.appending(path: "Contracts"), folder.appending(path: "../../proto")]

    struct Faults: Error {
        let text: String
    }

    static func compile(_ names: [String]) throws -> [FileDescriptorProto] {
        let compiler = Compiler { path in
            for root in roots {
                if let data = try? Data(contentsOf: root.appending(path: path)) { return Array(data) }
            }
            return nil
        }
        let (files, report) = compiler.compile(names)
        guard !report.hasErrors else { throw Faults(text: ReportRenderer().render(report)) }
        return files
    }

    /// Messages and their rules, as `weft generate` writes them.
    static func emitted(_ files: [FileDescriptorProto]) throws -> [GeneratedSource] {
        let options = EmitOptions(visibility: .internal)
        let output = try ContractEmitter(options).emit(files, only: Set(names))
        guard output.faults.isEmpty else {
            throw Faults(text: output.faults.map { $0.shown(with: files) }.joined(separator: "\n"))
        }
        return output.sources
    }
}
