import RPC
import Timebase

/// The calls of one caller to one method, in figures.
package struct MeshRow: Sendable {
    package let caller: String
    package let service: String
    package let method: String
    package var calls = 0
    package var succeeded = 0
    /// Runs of handlers.
    package var runs = 0
    /// How long the calls took that succeeded, in order.
    package var times: [Duration] = []
    /// Codes and reasons of those that failed: `UNAVAILABLE PICK.all_ejected`.
    package var failures: [String: Int] = [:]

    package init(caller: String, service: String, method: String) {
        self.caller = caller
        self.service = service
        self.method = method
    }

    package var success: Double { calls == 0 ? 1 : Double(succeeded) / Double(calls) }
    package var amplification: Double { calls == 0 ? 0 : Double(runs) / Double(calls) }

    package func time(at share: Double) -> Duration? {
        times.isEmpty ? nil : times[min(times.count - 1, Int(Double(times.count) * share))]
    }
}

extension MeshLedger {
    /// Every pair of caller and method, probes left out.
    func rows(in town: Town) -> [MeshRow] {
        var rows: [String: MeshRow] = [:]
        for account in accounts where !account.isProbe {
            let key = "\(account.layer) \(account.callerService) \(account.method)"
            var row =
                rows[key]
                ?? MeshRow(
                    caller: account.callerService, service: town.find(account.method)?.service.name ?? "",
                    method: account.method)
            row.calls += 1
            row.runs += account.runs
            if account.code == .ok, let ended = account.ended {
                row.succeeded += 1
                row.times.append(account.began.duration(to: ended))
            } else {
                let reason = account.reason.isEmpty ? account.code.name : "\(account.code.name) \(account.reason)"
                row.failures[reason, default: 0] += 1
            }
            rows[key] = row
        }
        return rows.sorted { $0.key < $1.key }.map { entry in
            var row = entry.value
            row.times.sort()
            return row
        }
    }
}
