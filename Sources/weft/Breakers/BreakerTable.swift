import Foundation
import MeshAPI

/// The breakers of one member, as it told of them last.
struct MemberBreakers {
    var member: String
    var breakers: [WeftAdminV1.Breaker]
    /// Why the member does not tell, or no longer.
    var fault: String?
}

/// Writes breakers for people and for programs.
enum BreakerTable {
    private static let columns = [
        "MEMBER", "DESTINATION", "ENDPOINT", "STATE", "MODE", "NEXT PROBE", "FAULTS", "SUCCESS", "LOAD", "IN FLIGHT",
        "CONNECTION", "EVIDENCE",
    ]
    /// The rest of a line belongs to the reason; more of it is in `--json`.
    private static let longestEvidence = 96

    static func lines(_ all: [MemberBreakers]) -> [String] {
        var rows = [columns]
        for member in all {
            if let fault = member.fault { rows.append([member.member, "-", fault]) }
            for breaker in member.breakers { rows.append(row(breaker, of: member.member)) }
        }
        let widths = columns.indices.map { column in
            rows.filter { $0.count == columns.count }.map { $0[column].count }.max() ?? 0
        }
        return rows.map { row in
            zip(row, widths).map { $0.padding(toLength: max($0.count, $1), withPad: " ", startingAt: 0) }
                .joined(separator: "  ").trimmingCharacters(in: .whitespaces)
        }
    }

    private static func row(_ breaker: WeftAdminV1.Breaker, of member: String) -> [String] {
        [
            member, breaker.destination, breaker.endpoint, state(breaker), mode(breaker),
            breaker.nextProbeMs > 0 ? time(breaker.nextProbeMs) : "-", "\(breaker.faultsInRow)",
            breaker.calls == 0 ? "-" : "\(Int((breaker.success * 100).rounded())) % of \(breaker.calls)",
            String(format: "%.1f ms", breaker.load * 1000), "\(breaker.inFlight)", breaker.connection,
            String(breaker.evidence.prefix(longestEvidence)),
        ]
    }

    private static func state(_ breaker: WeftAdminV1.Breaker) -> String {
        var state = breaker.state
        if breaker.spared { state += " (spared)" }
        if breaker.panic { state += " (panic)" }
        return state
    }

    private static func mode(_ breaker: WeftAdminV1.Breaker) -> String {
        breaker.forcedForMs > 0 ? "\(breaker.mode.words) \(time(breaker.forcedForMs))" : breaker.mode.words
    }

    /// `0.8s`, `42s`, `4m50s`, `23h59m`
    static func time(_ milliseconds: Int64) -> String {
        let seconds = milliseconds / 1000
        switch seconds {
        case ..<10: return String(format: "%.1fs", Double(milliseconds) / 1000)
        case ..<60: return "\(seconds)s"
        case ..<3600: return seconds % 60 == 0 ? "\(seconds / 60)m" : "\(seconds / 60)m\(seconds % 60)s"
        default: return seconds / 60 % 60 == 0 ? "\(seconds / 3600)h" : "\(seconds / 3600)h\(seconds / 60 % 60)m"
        }
    }

    /// One line a breaker: a JSON object with the field names of `weft.admin.v1.Breaker` and its `member`.
    static func json(_ all: [MemberBreakers]) throws -> [String] {
        try all.flatMap { member in
            var objects = member.breakers.map { object($0, of: member.member) }
            if let fault = member.fault { objects.append(["member": member.member, "error": fault]) }
            return try objects.map { object in
                let data = try JSONSerialization.data(
                    withJSONObject: object, options: [.sortedKeys, .withoutEscapingSlashes])
                return String(decoding: data, as: UTF8.self)
            }
        }
    }

    private static func object(_ breaker: WeftAdminV1.Breaker, of member: String) -> [String: Any] {
        [
            "member": member, "destination": breaker.destination, "endpoint": breaker.endpoint,
            "state": breaker.state,
            "mode": breaker.mode.words, "evidence": breaker.evidence, "next_probe_ms": breaker.nextProbeMs,
            "forced_for_ms": breaker.forcedForMs,
            "faults_in_row": breaker.faultsInRow, "calls": breaker.calls, "success": breaker.success,
            "connection": breaker.connection, "spared": breaker.spared, "panic": breaker.panic, "load": breaker.load,
            "in_flight": breaker.inFlight,
        ]
    }
}

extension WeftPolicyV1.BreakerMode {
    fileprivate var words: String {
        switch self {
        case .shadow: "shadow"
        case .forcedOpen: "forced open"
        case .forcedClosed: "forced closed"
        default: "enforce"
        }
    }
}
