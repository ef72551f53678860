import ArgumentParser
import Descriptors
import Foundation
import Generate
import ProtoResolve
import ProtoSyntax
import ProtoWire

/// Which message bytes or text are: its name, and where its contract is.
struct MessageSchema: ParsableArguments {
    @Option(help: "The message's full name: pkg.Message.")
    var type: String?

    @Option(help: "A contract that declares it, or imports who does; repeat for more.")
    var proto: [String] = []

    @Option(
        name: [.customShort("I"), .customLong("import-path")], help: "Where imports of --proto files are looked for.")
    var importPaths: [String] = ["proto", "."]

    @Option(help: "Read the contracts from this FileDescriptorSet instead.")
    var descriptorSet: String?

    /// The message's table, in a pool of all that was read.
    func find() throws -> (table: MessageTable, pool: DescriptorPool) {
        guard let type else { throw Fault.usage("say with --type which message it is") }
        let pool = try MessageSchema.pool(of: files())
        let name = type.hasPrefix(".") ? String(type.dropFirst()) : type
        guard let table = pool.message(name) else {
            throw Fault.usage("there is no message '\(name)' in the contracts\(hint(name, pool))")
        }
        return (table, pool)
    }

    /// A message without fields: whatever comes is unknown to it.
    static func empty() throws -> (table: MessageTable, pool: DescriptorPool) {
        let pool = try pool(of: Compiler { _ in nil }.compile(["google/protobuf/empty.proto"]).files)
        guard let table = pool.message("google.protobuf.Empty") else {
            preconditionFailure("the built-in contract has the message that it is named for")
        }
        return (table, pool)
    }

    private static func pool(of files: [FileDescriptorProto]) throws -> DescriptorPool {
        do {
            return try DescriptorPool(files)
        } catch {
            throw Fault.failed("the descriptors do not fit together: \(error)")
        }
    }

    private func files() throws -> [FileDescriptorProto] {
        guard let path = descriptorSet else {
            guard !proto.isEmpty else {
                throw Fault.usage("name its contract with --proto, or a set with --descriptor-set")
            }
            return try ProtoFiles.compile(proto, importPaths: importPaths)
        }
        guard proto.isEmpty else { throw Fault.usage("--proto and --descriptor-set do not go together") }
        do {
            return try FileDescriptorSet(decoding: [UInt8](Data(contentsOf: URL(filePath: path)))).file
        } catch let error as DecodeError {
            throw Fault.failed("\(path) is not a FileDescriptorSet: \(error)")
        } catch {
            throw Fault.failed("cannot read \(path): \(systemReason(error))")
        }
    }

    private func hint(_ name: String, _ pool: DescriptorPool) -> String {
        let index = ContractIndex(pool.files)
        let near = index.suggestions(for: name)
        return near.isEmpty ? "" : "; did you mean \(near.joined(separator: ", "))?"
    }
}

/// The two forms for people.
enum TextForm: String, CaseIterable, ExpressibleByArgument {
    case json
    /// The text format of protobuf (.txtpb).
    case text
}

/// A file or standard input, whole.
enum WholeInput {
    static func read(_ path: String?) throws -> [UInt8] {
        guard let path, path != "-" else { return Array(FileHandle.standardInput.readDataToEndOfFile()) }
        do {
            return Array(try Data(contentsOf: URL(filePath: path)))
        } catch {
            throw Fault.failed("cannot read \(path): \(systemReason(error))")
        }
    }
}
