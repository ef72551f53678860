public import ProtoWire

// Restated from google/protobuf/descriptor.proto (names and numbers are its).

/// Where in the source each element stands, and its comments.
public struct SourceCodeInfo: Message {
    public var location: [SourceCodeInfo.Location] = []
    public var unknownFields = UnknownFields()

    public init() {}

    public static let descriptor = MessageDescriptor(
        fullName: "google.protobuf.SourceCodeInfo", file: GeneratedFile.descriptorProto)

    public mutating func merge(from reader: inout WireReader) throws(DecodeError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 10: try reader.messages(&location, tag: 10)
            default: try reader.unknown(tag, &unknownFields)
            }
        }
    }

    public func encode(into writer: inout WireWriter) {
        writer.unknown(unknownFields)
        writer.messages(location, tag: 10)
    }

    /// One element's place: `path` says which, `span` where.
    public struct Location: Message {
        public var path: [Int32] = []
        public var span: [Int32] = []
        public var leadingComments: String?
        public var trailingComments: String?
        public var leadingDetachedComments: [String] = []
        public var unknownFields = UnknownFields()

        public init() {}

        public static let descriptor = MessageDescriptor(
            fullName: "google.protobuf.SourceCodeInfo.Location", file: GeneratedFile.descriptorProto)

        public mutating func merge(from reader: inout WireReader) throws(DecodeError) {
            while let tag = try reader.nextTag() {
                switch tag {
                case 8: try reader.repeated(&path, tag: 8, ProtoInt32.self)
                case 10: try reader.packed(&path, ProtoInt32.self)
                case 16: try reader.repeated(&span, tag: 16, ProtoInt32.self)
                case 18: try reader.packed(&span, ProtoInt32.self)
                case 26: leadingComments = try reader.string()
                case 34: trailingComments = try reader.string()
                case 50: try reader.repeated(&leadingDetachedComments, tag: 50, ProtoString.self)
                default: try reader.unknown(tag, &unknownFields)
                }
            }
        }

        public func encode(into writer: inout WireWriter) {
            writer.unknown(unknownFields)
            writer.repeated(leadingDetachedComments, tag: 50, ProtoString.self)
            if let trailingComments { writer.string(trailingComments, tag: 34) }
            if let leadingComments { writer.string(leadingComments, tag: 26) }
            writer.packed(span, tag: 18, ProtoInt32.self)
            writer.packed(path, tag: 10, ProtoInt32.self)
        }
    }
}

/// Which element each part of generated code stands for.
public struct GeneratedCodeInfo: Message {
    public var annotation: [GeneratedCodeInfo.Annotation] = []
    public var unknownFields = UnknownFields()

    public init() {}

    public static let descriptor = MessageDescriptor(
        fullName: "google.protobuf.GeneratedCodeInfo", file: GeneratedFile.descriptorProto)

    public mutating func merge(from reader: inout WireReader) throws(DecodeError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 10: try reader.messages(&annotation, tag: 10)
            default: try reader.unknown(tag, &unknownFields)
            }
        }
    }

    public func encode(into writer: inout WireWriter) {
        writer.unknown(unknownFields)
        writer.messages(annotation, tag: 10)
    }

    /// A part of generated code and its element.
    public struct Annotation: Message {
        public var path: [Int32] = []
        public var sourceFile: String?
        public var begin: Int32?
        public var end: Int32?
        public var semantic: GeneratedCodeInfo.Annotation.Semantic?
        public var unknownFields = UnknownFields()

        public init() {}

        public static let descriptor = MessageDescriptor(
            fullName: "google.protobuf.GeneratedCodeInfo.Annotation", file: GeneratedFile.descriptorProto)

        public mutating func merge(from reader: inout WireReader) throws(DecodeError) {
            while let tag = try reader.nextTag() {
                switch tag {
                case 8: try reader.repeated(&path, tag: 8, ProtoInt32.self)
                case 10: try reader.packed(&path, ProtoInt32.self)
                case 18: sourceFile = try reader.string()
                case 24: begin = try reader.int32()
                case 32: end = try reader.int32()
                case 40: semantic = try reader.enumeration() as GeneratedCodeInfo.Annotation.Semantic
                default: try reader.unknown(tag, &unknownFields)
                }
            }
        }

        public func encode(into writer: inout WireWriter) {
            writer.unknown(unknownFields)
            if let semantic { writer.enumeration(semantic, tag: 40) }
            if let end { writer.int32(end, tag: 32) }
            if let begin { writer.int32(begin, tag: 24) }
            if let sourceFile { writer.string(sourceFile, tag: 18) }
            writer.packed(path, tag: 10, ProtoInt32.self)
        }

        /// What the code does with the element.
        public struct Semantic: ProtoEnum {
            public let rawValue: Int32

            @inlinable
            public init(rawValue: Int32) {
                self.rawValue = rawValue
            }

            public static let none = Semantic(rawValue: 0)
            public static let set = Semantic(rawValue: 1)
            public static let alias = Semantic(rawValue: 2)
        }
    }
}
