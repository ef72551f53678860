/// A message type of a contract: its full name, and the file that describes it.
public struct MessageDescriptor: Sendable {
    /// As in the contract: `learn.course.v1.Course`.
    public let fullName: String
    public let file: GeneratedFile

    public init(fullName: String, file: GeneratedFile) {
        self.fullName = fullName
        self.file = file
    }
}

/// A contract's file as the generator saw it: the descriptor travels with the code.
public struct GeneratedFile: Sendable {
    /// As an import names it: `learn/course/v1/course.proto`.
    public let name: String
    /// A serialized `google.protobuf.FileDescriptorProto` in base64.
    public let descriptorBase64: StaticString
    /// The files that this one imports.
    public let dependencies: [GeneratedFile]

    public init(name: String, descriptorBase64: StaticString, dependencies: [GeneratedFile]) {
        self.name = name
        self.descriptorBase64 = descriptorBase64
        self.dependencies = dependencies
    }

    /// The serialized `google.protobuf.FileDescriptorProto`.
    public func descriptorBytes() -> [UInt8] {
        let text = UnsafeRawBufferPointer(start: descriptorBase64.utf8Start, count: descriptorBase64.utf8CodeUnitCount)
        guard let bytes = Base64.decode(text) else {
            preconditionFailure("the generated descriptor of \(name) is not base64")
        }
        return bytes
    }
}

/// A service of a contract.
public struct ServiceDescriptor: Sendable {
    /// As in the contract: `learn.course.v1.CourseService`.
    public let fullName: String
    public let file: GeneratedFile
    /// In the order of the contract.
    public let methods: [MethodDescriptor]

    public init(fullName: String, file: GeneratedFile, methods: [MethodDescriptor]) {
        self.fullName = fullName
        self.file = file
        self.methods = methods
    }
}

/// A method of a service, as calls need it.
public struct MethodDescriptor: Sendable {
    /// What a request's `:path` says: `/learn.course.v1.CourseService/GetCourse`.
    public let path: String
    /// The method's own name: `GetCourse`.
    public let name: String
    public let kind: MethodKind
    /// The contract says `NO_SIDE_EFFECTS` or `IDEMPOTENT`, so a call may be repeated.
    public let isIdempotent: Bool

    public init(path: String, name: String, kind: MethodKind, isIdempotent: Bool) {
        self.path = path
        self.name = name
        self.kind = kind
        self.isIdempotent = isIdempotent
    }
}

/// Which sides of a method stream.
public enum MethodKind: Sendable {
    case unary
    case clientStreaming
    case serverStreaming
    case bidirectional
}
