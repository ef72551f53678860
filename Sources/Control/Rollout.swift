internal import MeshAPI

/// Which member goes by which version of the configuration.
///
///     unknown ──registers, or watches──▶ member ──neither any more──▶ forgotten
///                                         │ watches with version v: goes by v
///                                         │ reports v, no faults:   goes by v
///                                         └ reports v, faults:      refused v, goes by what it did
///
/// A member counts while it is registered or watches: one that left takes part in no rollout, and one that only calls (an
/// edge's sidecar) is in no registry but goes by policies like any other.
struct Rollout {
    struct Key: Hashable {
        var service: String
        var instance: String
    }

    struct Member: Equatable {
        var spiffeID: String
        var admin = ""
        var isRegistered = false
        /// Streams that it watches with: two for a moment while it reconnects.
        var watches = 0
        var version = ""
        /// Of the policies in that version.
        var hash = ""
        var refusedVersion = ""
        var refusedHash = ""
        var faults: [String] = []
    }

    /// As many as the registry takes, and as many again that only call.
    static let mostMembers = 2 * Registry.maxEntries
    /// Versions that a member may still report, of the last minutes: each registration makes one.
    static let mostVersions = 1024
    /// A policy with more faults than this is told well enough by the first of them.
    static let mostFaults = 20
    /// Longer names are nobody's.
    static let longestName = 256

    private(set) var members: [Key: Member] = [:]
    /// The policies in each of the last versions, the newest last.
    private var versions: [(version: String, hash: String)] = []
    /// Counts changes, for those who wait for the next.
    private(set) var revision = 0

    /// A new snapshot is out.
    mutating func published(_ version: String, policies hash: String) {
        versions.removeAll { $0.version == version }
        versions.append((version, hash))
        if versions.count > Self.mostVersions { versions.removeFirst() }
        revision += 1
    }

    private func hash(of version: String) -> String {
        versions.last { $0.version == version }?.hash ?? ""
    }

    // MARK: Who takes part

    mutating func registered(_ key: Key, spiffeID: String, admin: String) {
        change(key, spiffeID) { member in
            member.isRegistered = true
            member.admin = admin
        }
    }

    /// Its lease ended, or it said that it leaves.
    mutating func left(_ key: Key) {
        members[key]?.isRegistered = false
        forgetIfGone(key)
    }

    /// It shows which version it goes by; empty if none yet. Answers false if there are too many members.
    mutating func watchBegan(_ key: Key, spiffeID: String, admin: String, version: String) -> Bool {
        guard members[key] != nil || members.count < Self.mostMembers else { return false }
        let hash = hash(of: version)
        change(key, spiffeID) { member in
            member.watches += 1
            if !admin.isEmpty { member.admin = admin }
            member.version = version
            member.hash = hash
        }
        return true
    }

    mutating func watchEnded(_ key: Key) {
        members[key]?.watches -= 1
        forgetIfGone(key)
    }

    private mutating func change(_ key: Key, _ spiffeID: String, _ change: (inout Member) -> Void) {
        guard members[key] != nil || members.count < Self.mostMembers else { return }
        change(&members[key, default: Member(spiffeID: spiffeID)])
        revision += 1
    }

    private mutating func forgetIfGone(_ key: Key) {
        if let member = members[key], !member.isRegistered, member.watches <= 0 { members[key] = nil }
        revision += 1
    }

    // MARK: What they say

    /// Answers false for who takes no part.
    mutating func reported(_ key: Key, version: String, faults: [String]) -> Bool {
        guard members[key] != nil else { return false }
        let hash = hash(of: version)
        if faults.isEmpty {
            members[key]?.version = version
            members[key]?.hash = hash
            members[key]?.refusedVersion = ""
            members[key]?.refusedHash = ""
            members[key]?.faults = []
        } else {
            members[key]?.refusedVersion = version
            members[key]?.refusedHash = hash
            members[key]?.faults = Array(faults.prefix(Self.mostFaults))
        }
        revision += 1
        return true
    }

    /// Everybody goes by these policies, or has said why not.
    func isComplete(policies hash: String) -> Bool {
        members.values.allSatisfy { $0.hash == hash || $0.refusedHash == hash }
    }
}

extension WeftControlV1.Rollout {
    /// What is shown: members in the order of their names.
    init(_ rollout: Rollout, version: String, hash: String) {
        self.init()
        self.version = version
        self.hash = hash
        members = rollout.members.sorted { ($0.key.service, $0.key.instance) < ($1.key.service, $1.key.instance) }
            .map { key, member in
                var row = WeftControlV1.RolloutMember()
                row.service = key.service
                row.instance = key.instance
                row.version = member.version
                row.hash = member.hash
                row.refusedVersion = member.refusedVersion
                row.faults = member.faults
                row.admin = member.admin
                row.spiffeId = member.spiffeID
                row.watching = member.watches > 0
                return row
            }
    }
}
