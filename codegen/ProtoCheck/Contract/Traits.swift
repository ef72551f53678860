package import Descriptors
import ProtoWire

/// The features of an element, resolved: what its syntax or edition implies, overridden from the file inwards.
/// Source: protobuf.dev, "Feature Settings for Editions"; descriptor.proto, `FeatureSet`.
package struct Traits: Equatable, Sendable {
    package enum StringType: Int32, Sendable {
        case view = 1
        case cord = 2
        case string = 3
    }

    package var presence: FeatureSet.FieldPresence
    package var enumType: FeatureSet.EnumType
    package var isPacked: Bool
    package var utf8Validation: FeatureSet.Utf8Validation
    package var isDelimited = false
    package var jsonFormat: FeatureSet.JsonFormat
    /// `(pb.java).utf8_validation`: true if Java verifies whatever the common feature says.
    package var javaVerifies = false
    /// `(pb.cpp).string_type`.
    package var stringType: StringType

    init(of file: FileDescriptorProto) {
        let edition = Traits.edition(of: file)
        let isLegacy = edition == .proto2
        presence = edition == .proto3 ? .implicit : .explicit
        enumType = isLegacy ? .closed : .open
        isPacked = !isLegacy
        utf8Validation = isLegacy ? .none : .verify
        jsonFormat = isLegacy ? .legacyBestEffort : .allow
        stringType = edition.rawValue >= Edition.edition2024.rawValue ? .view : .string
        self = overridden(by: file.options?.features)
    }

    /// The edition that a file is written in; proto2 and proto3 are editions of their own.
    package static func edition(of file: FileDescriptorProto) -> Edition {
        switch file.syntax {
        case "proto3": .proto3
        case "editions": file.edition ?? .edition2023
        default: .proto2
        }
    }

    func overridden(by set: FeatureSet?) -> Traits {
        guard let set else { return self }
        var traits = self
        traits.presence = set.fieldPresence ?? presence
        traits.enumType = set.enumType ?? enumType
        traits.isPacked = set.repeatedFieldEncoding.map { $0 == .packed } ?? isPacked
        traits.utf8Validation = set.utf8Validation ?? utf8Validation
        traits.isDelimited = set.messageEncoding.map { $0 == .delimited } ?? isDelimited
        traits.jsonFormat = set.jsonFormat ?? jsonFormat
        // JavaFeatures.Utf8Validation: 1 is DEFAULT, 2 is VERIFY.
        if let value = Traits.custom(1001, 2, of: set) { traits.javaVerifies = value == 2 }
        if let type = Traits.custom(1000, 2, of: set).flatMap(StringType.init) { traits.stringType = type }
        return traits
    }

    /// A field of a language's own features, which are extensions of `FeatureSet`: all are enums or booleans.
    private static func custom(_ language: UInt32, _ field: UInt32, of set: FeatureSet) -> Int32? {
        lengthDelimited(language, in: set.unknownFields.bytes).flatMap { varint(field, in: $0) }
    }

    private static func lengthDelimited(_ number: UInt32, in bytes: [UInt8]) -> [UInt8]? {
        bytes.withUnsafeBytes { buffer in
            var reader = WireReader(buffer)
            var found: [UInt8]?
            while let tag = try? reader.nextTag() {
                if tag == number << 3 | 2, let value = try? reader.bytes() {
                    // Parts of a message merge, and merging is joining.
                    found = (found ?? []) + value
                } else if (try? reader.skip(tag)) == nil {
                    return nil
                }
            }
            return found
        }
    }

    private static func varint(_ number: UInt32, in bytes: [UInt8]) -> Int32? {
        bytes.withUnsafeBytes { buffer in
            var reader = WireReader(buffer)
            var found: Int32?
            while let tag = try? reader.nextTag() {
                if tag == number << 3, let value = try? reader.int32() {
                    found = value
                } else if (try? reader.skip(tag)) == nil {
                    return nil
                }
            }
            return found
        }
    }
}
