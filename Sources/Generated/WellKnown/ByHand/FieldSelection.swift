public import ProtoWire

/// Why a mask does not fit a message type.
public struct FieldMaskError: Error, Equatable, CustomStringConvertible {
    public let path: String
    public let type: String
    public let problem: String

    public var description: String { "the path '\(path)' does not fit \(type): \(problem)" }
}

/// A field mask that was looked up in a message type: paths became numbers.
///
/// It works on the messages' bytes, so it needs no code in their types: a field that is not selected is copied and never
/// decoded. The names come from the descriptors that generated code carries.
public struct FieldSelection<Value: Message>: Sendable {
    private let root: Node

    /// Looks every path up; one that names no field is an error.
    public init(_ mask: GoogleProtobuf.FieldMask) throws {
        var root = Node()
        let types = try ContractTypes(of: Value.descriptor.file)
        for path in mask.normalized().paths {
            try root.add(path, Value.descriptor.fullName, types)
        }
        self.root = root
    }

    /// Sets the selected fields of `destination` to what `source` has; those that it does not have are cleared.
    public func merge(from source: Value, into destination: inout Value) throws(DecodeError) {
        var bytes = try keep(root, in: destination.encoded(), isSelected: false, depth: WireReader.maximumDepth)
        // Fields of a message that both have merge when they are decoded one after the other.
        bytes += try keep(root, in: source.encoded(), isSelected: true, depth: WireReader.maximumDepth)
        destination = try Value(decoding: bytes, options: DecodeOptions(allowsPartial: true))
    }

    /// The message with the selected fields alone.
    public func keeping(_ message: Value) throws(DecodeError) -> Value {
        let bytes = try keep(root, in: message.encoded(), isSelected: true, depth: WireReader.maximumDepth)
        return try Value(decoding: bytes, options: DecodeOptions(allowsPartial: true))
    }
}

/// The fields of one message that are selected.
private struct Node: Sendable {
    /// By number; a node without children selects the whole field.
    var children: [UInt32: Node] = [:]

    mutating func add(_ path: String, _ type: String, _ types: ContractTypes) throws(FieldMaskError) {
        func fault(_ problem: String) -> FieldMaskError { FieldMaskError(path: path, type: type, problem: problem) }
        let name = path.prefix { $0 != "." }
        guard let field = types.field(String(name), of: type) else { throw fault("there is no field '\(name)'") }
        let number = UInt32(bitPattern: field.number ?? 0)
        let rest = path.dropFirst(name.count + 1)
        guard path.count > name.count else {
            children[number] = Node()
            return
        }
        guard !rest.isEmpty else { throw fault("it ends in a point") }
        guard field.type == .message || field.type == .group, field.label != .repeated, let inner = field.typeName
        else {
            throw fault("'\(name)' is no singular message, so nothing lies below it")
        }
        try children[number, default: Node()].add(String(rest), String(inner.dropFirst()), types)
    }
}

/// The fields that are selected, or those that are not, in the order of the bytes.
private func keep(
    _ node: Node, in bytes: [UInt8], isSelected: Bool, depth: Int
) throws(DecodeError) -> [UInt8] {
    guard depth > 0 else { throw DecodeError(.tooDeep, at: 0) }
    var kept: [UInt8] = []
    var offset = 0
    while offset < bytes.count {
        let field = try WireField(bytes, at: offset)
        offset = field.end
        guard let child = node.children[field.tag >> 3] else {
            if !isSelected { kept += bytes[field.start..<field.end] }
            continue
        }
        guard !child.children.isEmpty else {
            if isSelected { kept += bytes[field.start..<field.end] }
            continue
        }
        let inner = try keep(child, in: Array(bytes[field.value]), isSelected: isSelected, depth: depth - 1)
        field.write(inner, like: bytes, into: &kept)
    }
    return kept
}

/// One field in a message's bytes.
private struct WireField {
    let tag: UInt32
    let start: Int
    let end: Int
    /// The bytes of a message, without its length or its end.
    let value: Range<Int>

    init(_ bytes: [UInt8], at start: Int) throws(DecodeError) {
        (tag, end, value) = try bytes.withUnsafeBufferPointer {
            (bytes) throws(DecodeError) -> (UInt32, Int, Range<Int>) in
            var reader = WireReader(UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(bytes)[start...]))
            guard let tag = try reader.nextTag() else { throw DecodeError(.truncated, at: start) }
            let first = reader.offset
            let count: Int
            switch tag & 7 {
            case 2: count = try reader.rawBytes().count
            case 3: count = try reader.groupBytes(tag).count
            default:
                try reader.skip(tag)
                count = reader.offset - first
            }
            let end = start + reader.offset
            let value = tag & 7 == 3 ? start + first..<start + first + count : end - count..<end
            return (tag, end, value)
        }
        self.start = start
    }

    /// Writes a message in this field's form around new contents.
    func write(_ inner: [UInt8], like bytes: [UInt8], into kept: inout [UInt8]) {
        var writer = WireWriter()
        if tag & 7 == 3 { writer.tag(tag & ~7 | 4) }
        inner.withUnsafeBytes { writer.prepend($0) }
        if tag & 7 == 2 { writer.varint(UInt64(inner.count)) }
        writer.tag(tag)
        kept += writer.array()
    }
}

/// The message types of a file and of all that it imports.
private struct ContractTypes {
    private var messages: [String: GoogleProtobuf.DescriptorProto] = [:]

    init(of file: GeneratedFile) throws(DecodeError) {
        var seen: Set<String> = []
        var waiting = [file]
        while let next = waiting.popLast() {
            guard seen.insert(next.name).inserted else { continue }
            let proto = try GoogleProtobuf.FileDescriptorProto(decoding: next.descriptorBytes())
            for message in proto.messageType { add(message, under: proto.package ?? "") }
            waiting += next.dependencies
        }
    }

    private mutating func add(_ message: GoogleProtobuf.DescriptorProto, under scope: String) {
        let name = (scope.isEmpty ? "" : scope + ".") + (message.name ?? "")
        messages[name] = message
        for nested in message.nestedType { add(nested, under: name) }
    }

    func field(_ name: String, of type: String) -> GoogleProtobuf.FieldDescriptorProto? {
        messages[type]?.field.first { $0.name == name }
    }
}
