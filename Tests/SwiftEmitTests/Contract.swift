import Descriptors
import Foundation
import ProtoResolve
import ProtoSyntax
import SwiftEmit

/// The contracts of these tests, as our own compiler describes them.
enum Contract {
    static let names = [
        "everything.proto", "names.proto", "legacy.proto", "extensions.proto", "edition.proto", "services.proto",
        "compact.proto", "keywords.proto",
    ]

    static let folder = URL(filePath: #filePath).deletingLastPathComponent()

    struct Faults: Error {
        let text: String
    }

    static func all() throws -> [FileDescriptorProto] {
        let compiler = Compiler { path in
            (try? Data(contentsOf: folder.appending(path: "Contracts").appending(path: path))).map(Array.init)
        }
        let (files, report) = compiler.compile(names)
        guard !report.hasErrors else { throw Faults(text: ReportRenderer().render(report)) }
        return files
    }

    static func emitted(
        _ files: [FileDescriptorProto], options: EmitOptions = EmitOptions(visibility: .internal)
    ) throws -> [GeneratedSource] {
        try SwiftEmitter(options).emit(files, only: Set(names))
    }

    /// A file of one package with nothing in it, to be filled.
    static func file(_ name: String, package: String, imports: [String] = []) -> FileDescriptorProto {
        var file = FileDescriptorProto()
        file.name = name
        file.package = package
        file.syntax = "proto3"
        file.dependency = imports
        return file
    }

    static func message(_ name: String, fields: [(String, String)] = []) -> DescriptorProto {
        var message = DescriptorProto()
        message.name = name
        message.field = fields.enumerated().map { index, field in
            var proto = FieldDescriptorProto()
            proto.name = field.0
            proto.number = Int32(index + 1)
            proto.label = .optional
            proto.type = .message
            proto.typeName = field.1
            return proto
        }
        return message
    }
}
