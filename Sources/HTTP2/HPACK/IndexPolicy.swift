import Bytes

/// Which fields are worth a place in the table of the peer.
///
/// What repeats from call to call is: it costs a byte from then on. What differs in each call is not: it would cost its
/// bytes all the same and push out the others. Names that the mesh knows are told apart by what they mean. Of others it is
/// found out: a name whose entries leave the table unused, some times in a row, is sent as a literal for a while.
struct IndexPolicy: ~Copyable {
    enum Advice {
        case keep, literal, secret
    }

    static func advice(_ name: Fields.Name) -> Advice? {
        switch name {
        case .other: nil
        // Each call has its own.
        case .contentLength, .grpcTimeout, .grpcMessage, .grpcStatusDetails, .grpcRetryPushback, .grpcPreviousAttempts,
            .requestID, .traceParent, .weftWhy, .weftRetries:
            .literal
        // A compressor's table must not help to guess it (RFC 7541 §7.1).
        case .authorization: .secret
        default: .keep
        }
    }

    /// What is known about one name, told by its hash.
    private struct Record: BitwiseCopyable {
        var hash: UInt32 = 0
        /// Entries in a row that left unused.
        var wasted: UInt8 = 0
        var literals: UInt8 = 0
    }

    private var records = OwnedRun<Record>()

    /// A table of 4 KiB with gRPC's usual fields has room for few names of an application.
    private static let recordCount = 16
    /// Four may be chance.
    private static let enough: UInt8 = 4
    /// Then one entry more is tried.
    private static let patience: UInt8 = 100

    var heldBytes: Int { records.count * MemoryLayout<Record>.stride }

    /// Whether a name that the mesh does not know is worth it.
    mutating func advice(_ nameHash: UInt32) -> Advice {
        guard !records.isEmpty else { return .keep }
        let place = Int(nameHash) & (Self.recordCount - 1)
        guard records[place].hash == nameHash, records[place].wasted >= Self.enough else { return .keep }
        records[place].literals += 1
        guard records[place].literals >= Self.patience else { return .literal }
        records[place].literals = 0
        records[place].wasted -= 1
        return .keep
    }

    /// An entry with such a name left the table.
    mutating func noteRemoval(_ nameHash: UInt32, wasUsed: Bool) {
        let place = Int(nameHash) & (Self.recordCount - 1)
        if wasUsed {
            if !records.isEmpty, records[place].hash == nameHash { records[place].wasted = 0 }
            return
        }
        if records.isEmpty { records = OwnedRun(repeating: Record(), count: Self.recordCount) }
        if records[place].hash != nameHash { records[place] = Record(hash: nameHash) }
        records[place].wasted = min(records[place].wasted + 1, Self.enough)
    }
}
