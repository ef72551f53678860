import ArgumentParser
import Foundation
import MeshAPI
import RPC
import Reactor
import Timebase

/// `weft status`: each member, what it goes by, and what it lacks.
struct StatusCommand: WaitingCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Show each member of the mesh: what it goes by, until when it has an identity, what it lacks.",
        discussion: """
            SYNC says whether a member goes by the policies in force; a member that refuses them tells why. Members that
            cannot be asked at their admin listener show '-'.
            Exit codes: 0 all members are in sync and ready, 1 some are not.
            """)

    @OptionGroup var control: ControlOptions

    @Option(help: "Give up after this long: 500ms, 5s, 1m.")
    var timeout = "10s"

    func run() async throws {
        let timeout = try WaitTime.parse(timeout, "--timeout")
        let channel = try await control.open(timeout: timeout)
        let rollout = try await Rollouts.now(channel, timeout: timeout)
        let answers = await Self.ask(rollout.members)
        let report = StatusReport(rollout, answers, now: SystemClock.wall)
        print(report.lines.joined(separator: "\n"))
        if !report.isWell { throw ExitCode(1) }
    }

    /// A member that hangs must not hold up the others' rows.
    private static let patience = Duration.seconds(2)

    /// What the members say of themselves, by their admin listeners; those that cannot be asked are left out.
    private static func ask(_ members: [WeftControlV1.RolloutMember]) async -> [String: WeftAdminV1.GetStatusResponse] {
        guard let loop = try? Loop.start(name: "status") else { return [:] }
        return await withTaskGroup(of: (String, WeftAdminV1.GetStatusResponse?).self) { group in
            for member in members where !member.admin.isEmpty {
                group.addTask {
                    let client = try? AdminMember(at: member.admin, loop: loop).client
                    let status = try? await client?.getStatus(.init(), options: CallOptions(timeout: patience))
                    return (member.admin, status)
                }
            }
            return await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
        }
    }
}

/// The rows of `weft status`.
struct StatusReport {
    let lines: [String]
    /// Every member goes by the policies in force, and lacks nothing.
    let isWell: Bool

    init(
        _ rollout: WeftControlV1.Rollout, _ answers: [String: WeftAdminV1.GetStatusResponse], now: WallTime
    ) {
        var rows = [["SERVICE", "INSTANCE", "VERSION", "SYNC", "IDENTITY ENDS", "READY"]]
        var notes: [String] = []
        var isWell = true
        for member in rollout.members {
            let status = answers[member.admin]
            let sync = Self.sync(member, rollout.hash)
            let ready = status.map { $0.missing.isEmpty ? "yes" : "no: \($0.missing.joined(separator: ", "))" } ?? "-"
            rows.append([
                member.service, member.instance, member.version.isEmpty ? "none" : member.version, sync,
                status.map { Self.remaining($0.identityEnds, now) } ?? "-", ready,
            ])
            if sync != "yes" || status?.missing.isEmpty == false { isWell = false }
            notes += member.faults.map { "\(member.instance) refuses \(member.refusedVersion): \($0)" }
        }
        let followers = rollout.members.count { $0.hash == rollout.hash }
        self.isWell = isWell
        lines =
            TextTable.lines(rows) + notes + [
                "\(followers) of \(rollout.members.count) members go by the policies in force, \(rollout.hash)"
            ]
    }

    private static func sync(_ member: WeftControlV1.RolloutMember, _ hash: String) -> String {
        if member.hash == hash { return "yes" }
        if !member.refusedVersion.isEmpty { return "refused" }
        return member.watching ? "not yet" : "not connected"
    }

    private static func remaining(_ end: Int64, _ now: WallTime) -> String {
        guard end > 0 else { return "none" }
        let left = end - now.seconds
        guard left > 0 else { return "over since \(-left) s" }
        return left >= 120 ? "in \(left / 60) min" : "in \(left) s"
    }
}
