public import ProtoWire

/// Linked contracts: every message, enum, service and extension of a set of files, by full name.
///
/// A pool is immutable. Its tables live as long as the process, so a process makes few pools: one for its own
/// contracts, one for each contract that it learns at run time. That is what lets a table be a bare pointer that counts
/// no references; a pool that is dropped leaves about a quarter of its memory behind (94 KiB for descriptor.proto and
/// plugin.proto together).
public final class DescriptorPool: Sendable {
    /// The files, dependencies first, each once.
    public let files: [FileDescriptorProto]
    private let filesByName: [String: Int]
    private let symbols: [String: Symbol]
    private let extensions: [String: Extension]
    private let extensionsByNumber: [String: [UInt32: String]]

    /// What a full name stands for, and the file that declares it.
    struct Symbol: Sendable {
        enum Kind: Sendable {
            case message(MessageTable, DescriptorProto)
            case enumeration(EnumTable, EnumDescriptorProto)
            case service(ServiceDescriptorProto)
            case method(MethodDescriptorProto, service: String)
            case other
        }

        let kind: Kind
        let file: Int
    }

    /// An extension and the message that it extends.
    struct Extension: Sendable {
        let field: FieldTable
        let extendee: String
    }

    /// Links files, in any order. A file that comes twice counts once.
    public init(_ files: [FileDescriptorProto]) throws(LinkError) {
        var linker = Linker(files)
        try linker.link()
        self.files = linker.files
        filesByName = linker.filesByName
        symbols = linker.symbols
        extensions = linker.extensions
        extensionsByNumber = linker.extensionsByNumber
    }

    public convenience init(_ set: FileDescriptorSet) throws(LinkError) {
        try self.init(set.file)
    }

    /// Links files of generated code and everything that they import.
    public convenience init(generated files: [GeneratedFile]) throws(LinkError) {
        var found: [String: FileDescriptorProto] = [:]
        var order: [FileDescriptorProto] = []
        var waiting = files
        while let file = waiting.popLast() {
            guard found[file.name] == nil else { continue }
            guard let proto = try? FileDescriptorProto(decoding: file.descriptorBytes()) else {
                throw LinkError(element: file.name, problem: "the generated descriptor does not decode")
            }
            found[file.name] = proto
            order.append(proto)
            waiting += file.dependencies
        }
        try self.init(order)
    }

    public func file(named name: String) -> FileDescriptorProto? {
        filesByName[name].map { files[$0] }
    }

    /// The file that declares a message, enum, value, service, method, field, oneof or extension.
    public func file(containing symbol: String) -> FileDescriptorProto? {
        symbols[symbol].map { files[$0.file] }
    }

    /// The message type with this full name, which has no leading dot: `learn.course.v1.Course`.
    public func message(_ fullName: String) -> MessageTable? {
        guard case .message(let table, _)? = symbols[fullName]?.kind else { return nil }
        return table
    }

    public func messageProto(_ fullName: String) -> DescriptorProto? {
        guard case .message(_, let proto)? = symbols[fullName]?.kind else { return nil }
        return proto
    }

    public func enumeration(_ fullName: String) -> EnumTable? {
        guard case .enumeration(let table, _)? = symbols[fullName]?.kind else { return nil }
        return table
    }

    public func enumProto(_ fullName: String) -> EnumDescriptorProto? {
        guard case .enumeration(_, let proto)? = symbols[fullName]?.kind else { return nil }
        return proto
    }

    public func service(_ fullName: String) -> ServiceDescriptorProto? {
        guard case .service(let proto)? = symbols[fullName]?.kind else { return nil }
        return proto
    }

    /// The method with this full name: `learn.course.v1.CourseService.GetCourse`.
    public func method(_ fullName: String) -> MethodDescriptorProto? {
        guard case .method(let proto, _)? = symbols[fullName]?.kind else { return nil }
        return proto
    }

    /// The full names of all services, in the order of the files.
    public var services: [String] {
        files.flatMap { file in file.service.map { qualified($0.name ?? "", in: file.package ?? "") } }
    }

    /// The types of a method: its `input_type` and `output_type`, found.
    public func types(of method: MethodDescriptorProto) -> (input: MessageTable, output: MessageTable)? {
        guard let input = message(unqualified(method.inputType ?? "")),
            let output = message(unqualified(method.outputType ?? ""))
        else { return nil }
        return (input, output)
    }

    /// The extension with this full name.
    public func `extension`(_ fullName: String) -> FieldTable? {
        extensions[fullName]?.field
    }

    /// The full names and the numbers of all extensions of a message type.
    public func extensions(of message: String) -> [(number: UInt32, fullName: String)] {
        (extensionsByNumber[message] ?? [:]).map { ($0.key, $0.value) }.sorted { $0.number < $1.number }
    }
}

/// `package.name`, or just the name in the nameless package.
func qualified(_ name: String, in scope: String) -> String {
    scope.isEmpty ? name : "\(scope).\(name)"
}

/// A type name without the leading dot that linked descriptors have.
func unqualified(_ name: String) -> String {
    name.hasPrefix(".") ? String(name.dropFirst()) : name
}
