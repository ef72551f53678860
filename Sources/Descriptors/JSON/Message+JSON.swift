public import ProtoWire
import Synchronization

extension Message {
    /// The message as canonical JSON.
    public func jsonString(_ options: JSONTranscoder.PrintOptions = .init()) throws(JSONError) -> String {
        let (pool, table) = GeneratedTables.table(of: Self.descriptor)
        return try JSONTranscoder(pool: pool).binaryToJSON(table, encoded(), options)
    }

    /// Reads a message from JSON.
    public init(json: String, _ options: JSONTranscoder.ParseOptions = .init()) throws(JSONError) {
        let (pool, table) = GeneratedTables.table(of: Self.descriptor)
        let bytes = try JSONTranscoder(pool: pool).jsonToBinary(table, json, options)
        do {
            self = try Self(decoding: bytes)
        } catch {
            throw JSONError(problem: error.description)
        }
    }

    /// The table of a generated type.
    public static var table: MessageTable { GeneratedTables.table(of: descriptor).table }
}

/// The pools of generated code: one for each file that somebody asked for, made once.
private enum GeneratedTables {
    private static let pools = Mutex<[String: DescriptorPool]>([:])

    static func table(of descriptor: MessageDescriptor) -> (pool: DescriptorPool, table: MessageTable) {
        let pool = pools.withLock { pools in
            if let pool = pools[descriptor.file.name] { return pool }
            guard let pool = try? DescriptorPool(generated: [descriptor.file]) else {
                preconditionFailure("generated descriptors link: \(descriptor.file.name)")
            }
            pools[descriptor.file.name] = pool
            return pool
        }
        guard let table = pool.message(descriptor.fullName) else {
            preconditionFailure("a generated file declares its messages: \(descriptor.fullName)")
        }
        return (pool, table)
    }
}
