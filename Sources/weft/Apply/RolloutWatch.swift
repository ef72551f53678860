import ArgumentParser
import Foundation
import MeshAPI
import RPC
import Synchronization

/// Waits until every member has said whether it goes by the policies with a hash.
struct RolloutWatch {
    let hash: String
    let timeout: Duration

    /// Ends with an exit code other than 0 if not everybody goes by them.
    func run(_ control: Channel) async throws {
        let client = WeftControlV1.ConfigurationClient(control)
        var request = WeftControlV1.WatchRolloutRequest()
        request.hash = hash
        let last = Mutex<WeftControlV1.Rollout?>(nil)
        do {
            try await client.watchRollout(request, options: CallOptions(timeout: timeout)) { rollouts in
                for try await rollout in rollouts { last.withLock { $0 = rollout } }
            }
        } catch let error as RPCError where error.code == .deadlineExceeded {
            // Told below by who has not answered.
        } catch let error as RPCError {
            throw Fault.call(
                "the rollout cannot be watched: \(error.code): \(error.message)", code: error.code.rawValue)
        }
        try Self.tell(last.withLock { $0 } ?? WeftControlV1.Rollout(), hash: hash, timeout: timeout)
    }

    static func tell(_ rollout: WeftControlV1.Rollout, hash: String, timeout: Duration) throws {
        let (lines, isDone) = lines(rollout, hash: hash)
        guard isDone else { throw Fault.failed(lines.joined(separator: "\n")) }
        print(lines.joined(separator: "\n"))
    }

    /// What is said of it, and whether everybody goes by it.
    static func lines(_ rollout: WeftControlV1.Rollout, hash: String) -> (lines: [String], isDone: Bool) {
        let followers = rollout.members.count { $0.hash == hash }
        var lines = ["\(followers) of \(rollout.members.count) members go by it"]
        for member in rollout.members where member.hash != hash {
            if member.refusedVersion.isEmpty {
                let why = member.watching ? "has not answered" : "is not connected to the control plane"
                lines.append("  \(member.instance) \(why)")
            } else {
                lines.append("  \(member.instance) refuses it, and goes by what it had:")
                lines += member.faults.map { "    \($0)" }
            }
        }
        return (lines, followers == rollout.members.count)
    }
}
