public import Exchange
import Synchronization
public import Timebase

/// One handshake as this side saw it.
public struct HandshakeRecord: Sendable {
    public enum Direction: String, Sendable {
        case inbound, outbound
    }

    /// When it happened last.
    public var at: WallTime
    public let direction: Direction
    public var peerAddress: String
    /// Who was expected.
    public let expected: PeerRule
    /// What the peer presented, leaf first; empty if it presented nothing.
    public let presented: [Certificate]
    /// What this side presented.
    public let own: Certificate?
    /// Which check failed; nil if all went well.
    public let check: HandshakeCheck?
    public let failure: Failure?
    /// How often the same happened.
    public var times = 1

    /// Who the peer's certificate says that it is.
    public var peerID: String? { presented.first.map { $0.uris.first ?? $0.subject } }
}

/// How the last handshakes of a process went: those that failed, and one that went well with each peer.
///
///     TLSSession ──▶ journal ──ListHandshakes──▶ weft tls why A B
///
/// The same failure again is counted and not kept twice, so that one peer which tries every second pushes nothing out.
public final class HandshakeJournal: Sendable {
    /// A mesh's services are as many; a process that has more peers forgets the oldest.
    static let mostRecords = 64
    /// Of a peer's chain: a leaf, and more signers than anybody has.
    static let mostPresented = 4

    private struct Records {
        var failed: [HandshakeRecord] = []
        var succeeded: [HandshakeRecord] = []
    }

    private let records = Mutex(Records())

    public init() {}

    /// The failed ones first, in either part the last one first.
    public var all: [HandshakeRecord] {
        records.withLock { $0.failed.reversed() + $0.succeeded.reversed() }
    }

    public var failed: [HandshakeRecord] { records.withLock { $0.failed.reversed() } }

    func add(_ record: HandshakeRecord) {
        records.withLock { records in
            if record.check == nil {
                Self.add(record, to: &records.succeeded) { $0.presented.first?.spiffeID }
            } else {
                Self.add(record, to: &records.failed) { $0.presented.first?.fingerprint }
            }
        }
    }

    private static func add(
        _ record: HandshakeRecord, to list: inout [HandshakeRecord], peer: (HandshakeRecord) -> String?
    ) {
        var record = record
        let same = list.firstIndex {
            $0.direction == record.direction && $0.check == record.check && $0.expected == record.expected
                && host(of: $0.peerAddress, $0.direction) == host(of: record.peerAddress, record.direction)
                && $0.failure?.cause == record.failure?.cause && peer($0) == peer(record)
        }
        if let same { record.times += list.remove(at: same).times }
        if list.count >= mostRecords { list.removeFirst() }
        list.append(record)
    }

    /// A client's port is another one each time.
    private static func host(of address: String, _ direction: HandshakeRecord.Direction) -> Substring {
        guard direction == .inbound, let colon = address.lastIndex(of: ":") else { return address[...] }
        return address[..<colon]
    }
}

// MARK: - What a session notes

extension TLSSession {
    private var direction: HandshakeRecord.Direction { isServer ? .inbound : .outbound }

    /// The peer sent something: it has accepted us as well.
    func journalSuccess() {
        isJournalled = true
        journal.add(
            HandshakeRecord(
                at: WallTime(seconds: time), direction: direction, peerAddress: peerAddress, expected: rule,
                presented: peerCertificate.map { [$0] } ?? [], own: ownCertificate, check: nil, failure: nil))
    }

    /// The connection ends by `failure`. What happens after the handshake is none of the journal's business, nor is an end
    /// by our own will.
    func journalFailure(_ failure: Failure, at now: WallTime) {
        guard !isJournalled, failure.phase == .tls else { return }
        isJournalled = true
        let presented = presentedChain.isEmpty ? peerCertificate.map { [$0] } ?? [] : presentedChain
        journal.add(
            HandshakeRecord(
                at: now, direction: direction, peerAddress: peerAddress, expected: rule, presented: presented,
                own: ownCertificate, check: refusal?.check ?? .brokenOff, failure: failure))
    }
}
