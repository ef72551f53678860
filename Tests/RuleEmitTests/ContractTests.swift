import Descriptors
import Foundation
import ProtoWire
import RulesAPI
import Testing

/// Our restatement of `buf/validate/validate.proto` against the one in the Python package.
@Suite(.enabled(if: Oracle.isThere, "the Python environment is made by `make setup`"))
struct ContractTests {
    @Test func theContractHasTheSameFieldsAndNumbers() throws {
        let ours = try FileDescriptorProto(decoding: BufValidate.validateFile.descriptorBytes())
        let theirs = try FileDescriptorProto(decoding: Oracle.contract())
        #expect(lines(ours) == lines(theirs))
    }

    private func lines(_ file: FileDescriptorProto) -> [String] {
        var lines = ["\(file.package ?? "") \(file.syntax ?? "proto2")"] + file.dependency.sorted()
        for field in file.extension { lines.append(line(field, "extend " + (field.extendee ?? ""))) }
        for message in file.messageType { add(message, "", &lines) }
        for enumeration in file.enumType {
            lines += enumeration.value.map { "\(enumeration.name ?? "").\($0.name ?? "") = \($0.number ?? 0)" }
            lines += enumeration.reservedName.map { "\(enumeration.name ?? "") reserved \($0)" }
        }
        return lines.sorted()
    }

    private func add(_ message: DescriptorProto, _ scope: String, _ lines: inout [String]) {
        let name = scope + (message.name ?? "")
        lines += message.field.map { field in
            let oneof = field.oneofIndex.map { message.oneofDecl[Int($0)].name ?? "" } ?? ""
            return line(field, name) + " " + oneof
        }
        lines += message.extensionRange.map { "\(name) extensions \($0.start ?? 0) to \($0.end ?? 0)" }
        lines += message.reservedRange.map { "\(name) reserved \($0.start ?? 0) to \($0.end ?? 0)" }
        lines += message.reservedName.map { "\(name) reserved \($0)" }
        for nested in message.nestedType { add(nested, name + ".", &lines) }
    }

    private func line(_ field: FieldDescriptorProto, _ owner: String) -> String {
        "\(owner).\(field.name ?? "") = \(field.number ?? 0) \(field.type?.rawValue ?? 0) \(field.typeName ?? "") "
            + "\(field.label?.rawValue ?? 0)"
    }
}
