public import ProtoWire
import Synchronization

/// The contracts of generated code, linked when JSON, text or reflection first asks for them.
///
/// A type is linked with what its file imports. `register` adds files that no import leads to: the types that an `Any`
/// may hold, and the extensions that a message may have.
public enum GeneratedTypes {
    private struct State {
        var registered: [GeneratedFile] = []
        /// Few: a pool serves every file that it was linked with.
        var pools: [DescriptorPool] = []
    }

    private static let state = Mutex(State())

    /// Makes the types and the extensions of these files, and of all that they import, known to JSON and text of every
    /// generated type. Called at the start of a process, before its first message; it costs nothing until then.
    public static func register(_ files: [GeneratedFile]) {
        state.withLock { state in
            state.registered += files
            // What was linked before stays as it is for those who have it, and is not handed out again.
            state.pools = []
        }
    }

    /// The contracts of a generated file, linked with what it imports and with all that was registered.
    public static func pool(of file: GeneratedFile) -> DescriptorPool {
        state.withLock { state in
            for pool in state.pools where pool.file(named: file.name) != nil { return pool }
            guard let pool = try? DescriptorPool(generated: [file] + state.registered) else {
                preconditionFailure("generated descriptors link: \(file.name)")
            }
            state.pools.append(pool)
            return pool
        }
    }

    /// The table of a generated type, and the contracts that it was linked with.
    public static func table(of descriptor: MessageDescriptor) -> (pool: DescriptorPool, table: MessageTable) {
        let pool = pool(of: descriptor.file)
        guard let table = pool.message(descriptor.fullName) else {
            preconditionFailure("a generated file declares its messages: \(descriptor.fullName)")
        }
        return (pool, table)
    }

    /// The same in contracts that the caller has, if the type is among them.
    static func table(
        of descriptor: MessageDescriptor, in types: DescriptorPool?
    ) -> (pool: DescriptorPool, table: MessageTable) {
        if let types, let table = types.message(descriptor.fullName) { return (types, table) }
        let own = table(of: descriptor)
        return (types ?? own.pool, own.table)
    }
}

extension Message {
    /// The table of a generated type.
    public static var table: MessageTable { GeneratedTypes.table(of: descriptor).table }

    /// Decodes foreign bytes and checks the extensions in them too.
    ///
    /// A generated decoder keeps extensions as bytes and reads one when it is asked for. This one refuses a message whose
    /// extensions are malformed, which costs a second pass over messages that have any, and nothing for others.
    ///
    /// - Parameter types: where extensions are found. Unsaid, those are the files that the type's own file imports and
    ///   those given to `GeneratedTypes.register`.
    public init(decodingWithExtensions bytes: [UInt8], types: DescriptorPool? = nil) throws(DecodeError) {
        let table = GeneratedTypes.table(of: Self.descriptor, in: types).table
        self = try Self(decoding: bytes)
        guard table.raw.pointee.hasExtensions else { return }
        _ = try DynamicMessage(table, bytes: bytes).canonicalBytes()
    }

    /// Decodes what JSON or text became, which may nest deeper than foreign bytes may.
    init(transcoded bytes: [UInt8]) throws(DecodeError) {
        var message = Self()
        try bytes.withUnsafeBufferPointer { (buffer) throws(DecodeError) in
            var reader = WireReader(UnsafeRawBufferPointer(buffer), depth: JSONTranscoder.maximumWireDepth)
            try message.merge(from: &reader)
        }
        self = message
    }
}
