package import Descriptors

/// A message type with its place and what its syntax or edition implies.
package struct ContractMessage: Sendable {
    package let proto: DescriptorProto
    package let name: String
    /// With the names of the messages around it, without the package: `Outer.Inner`.
    package let nestedName: String
    package let fullName: String
    package let file: String
    package let place: ElementPlace
    package let traits: Traits
    package let fields: [ContractField]
    package let oneofs: [ContractOneof]
    /// Extensions that are declared within the message, of whatever type.
    package let extensions: [ContractField]

    package var isMapEntry: Bool { proto.options?.mapEntry == true }

    package func field(number: Int32) -> ContractField? {
        fields.first { $0.number == number }
    }
}

/// A field of a message, or an extension.
package struct ContractField: Sendable {
    /// How often the field may stand, and whether it knows that it was set.
    package enum Cardinality: String, Sendable {
        case explicit = "optional with explicit presence"
        case implicit = "optional with implicit presence"
        case required
        case repeated
        case map
    }

    package let proto: FieldDescriptorProto
    package let name: String
    /// Of an extension: its scope's name and its own.
    package let fullName: String
    package let nestedName: String
    package let number: Int32
    /// The field's type on the wire: a message with delimited encoding is a group.
    package let kind: FieldKind
    package let cardinality: Cardinality
    package let place: ElementPlace
    package let traits: Traits
    /// The name of the message that it belongs to; an extension's extendee, as a full name.
    package let message: String
    package let isExtension: Bool
    package let isInMapEntry: Bool
    /// The oneof that the author wrote around it; that of a proto3 `optional` is not one.
    package let oneof: String?

    /// The full name of its message or enum; empty for scalars.
    package var typeName: String { Contract.unqualified(proto.typeName ?? "") }
    package var jsonName: String { proto.jsonName ?? "" }

    /// "field 3 `video_url` of `Course`", for messages.
    package var phrase: String {
        isExtension ? "extension \(number) `\(fullName)` of `\(message)`" : "field \(number) `\(name)` of `\(message)`"
    }
}

package struct ContractOneof: Sendable {
    package let proto: OneofDescriptorProto
    package let name: String
    package let place: ElementPlace
    /// Made by the compiler for a proto3 `optional` field.
    package let isSynthetic: Bool
    package let memberCount: Int
}

package struct ContractEnum: Sendable {
    package let proto: EnumDescriptorProto
    package let name: String
    package let nestedName: String
    package let fullName: String
    package let file: String
    package let place: ElementPlace
    package let traits: Traits

    package var values: [ContractEnumValue] {
        proto.value.enumerated().map { index, value in
            ContractEnumValue(
                proto: value, name: value.name ?? "", number: value.number ?? 0, place: place.part(2, Int32(index)))
        }
    }
}

package struct ContractEnumValue: Sendable {
    package let proto: EnumValueDescriptorProto
    package let name: String
    package let number: Int32
    package let place: ElementPlace
}

package struct ContractService: Sendable {
    package let proto: ServiceDescriptorProto
    package let name: String
    package let fullName: String
    package let file: String
    package let place: ElementPlace

    package var methods: [ContractMethod] {
        proto.method.enumerated().map { index, method in
            ContractMethod(proto: method, name: method.name ?? "", service: name, place: place.part(2, Int32(index)))
        }
    }
}

package struct ContractMethod: Sendable {
    package let proto: MethodDescriptorProto
    package let name: String
    package let service: String
    package let place: ElementPlace

    package var input: String { Contract.unqualified(proto.inputType ?? "") }
    package var output: String { Contract.unqualified(proto.outputType ?? "") }
    package var isClientStreaming: Bool { proto.clientStreaming ?? false }
    package var isServerStreaming: Bool { proto.serverStreaming ?? false }
}
