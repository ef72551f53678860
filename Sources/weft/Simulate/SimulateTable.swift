import MeshSimulation
import Timebase

/// Tells a forecast as a table: a row for each caller and method, and what refused or failed.
struct SimulateTable {
    private let plan: SimulatePlan
    private let reports: [MeshReport]
    private let other: String?

    /// Reasons of one row that are named; what is beyond them is rare.
    private static let mostReasons = 3

    init(_ plan: SimulatePlan, _ reports: [MeshReport], other: String?) {
        self.plan = plan
        self.reports = reports
        self.other = other
    }

    var text: String {
        var lines = [headline, ""]
        for (index, report) in reports.enumerated() {
            if reports.count > 1 { lines.append("With the policies of \(index == 0 ? plan.file : other ?? ""):") }
            lines += TextTable.lines(rows(of: report)).map { reports.count > 1 ? "  " + $0 : $0 }
            let trips = report.trips.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
            let breakers = trips.isEmpty ? "no breaker opened" : "breakers opened: \(trips.joined(separator: ", "))"
            lines += ["", reports.count > 1 ? "  " + breakers : breakers, ""]
        }
        if reports.count == 2 { lines += comparison(reports[0], reports[1]) }
        while lines.last == "" { lines.removeLast() }
        return lines.joined(separator: "\n") + "\n"
    }

    private var headline: String {
        var parts = plan.failing.sorted { $0.key < $1.key }.map { "\($0.key) fails \(Self.percent($0.value))" }
        parts += plan.slow.sorted { $0.key < $1.key }.map { "\($0.key) takes \(Self.time($0.value)) more" }
        parts += plan.kills.map { "\($0.instance) dies at \(Self.time($0.at)) for \(Self.time($0.down))" }
        let what = parts.isEmpty ? "nothing breaks" : parts.joined(separator: ", ")
        return "\(plan.file), \(Self.time(plan.spread)) at \(plan.callsPerSecond) calls/s, seed \(plan.seed): \(what)."
    }

    private func rows(of report: MeshReport) -> [[String]] {
        var rows = [
            ["CALLER", "CALLEE", "METHOD", "CALLS", "SUCCESS", "P50", "P99", "RUNS/CALL", "RETRIES", "FAILED WITH"]
        ]
        for row in report.rows {
            rows.append([
                row.caller, row.service, Self.short(row.method), "\(row.calls)", Self.percent(row.success),
                row.time(at: 0.5).map(Self.time) ?? "-", row.time(at: 0.99).map(Self.time) ?? "-",
                Self.decimals(row.amplification), "\(report.retries["\(row.caller) \(row.method)"] ?? 0)",
                reasons(of: row),
            ])
        }
        return rows
    }

    /// `UNAVAILABLE PICK.all_ejected 12.1 %, DEADLINE_EXCEEDED 0.2 %`, as shares of the calls.
    private func reasons(of row: MeshRow) -> String {
        let ordered = row.failures.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
        var parts = ordered.prefix(Self.mostReasons).map { reason, count in
            "\(reason) \(Self.percent(Double(count) / Double(row.calls)))"
        }
        if ordered.count > Self.mostReasons { parts.append("and \(ordered.count - Self.mostReasons) more") }
        return parts.isEmpty ? "-" : parts.joined(separator: ", ")
    }

    /// What the edge sees of each, side by side.
    private func comparison(_ first: MeshReport, _ second: MeshReport) -> [String] {
        var rows = [["", plan.file, other ?? ""]]
        func add(_ name: String, _ figure: (MeshReport) -> String) {
            rows.append([name, figure(first), figure(second)])
        }
        add("success at the edge") { Self.percent(Self.edge($0).success) }
        add("p50 at the edge") { Self.edge($0).time(at: 0.5).map(Self.time) ?? "-" }
        add("p99 at the edge") { Self.edge($0).time(at: 0.99).map(Self.time) ?? "-" }
        add("runs of handlers") { "\($0.handlers)" }
        add("retries") { "\($0.retries.values.reduce(0, +))" }
        add("breakers opened") { "\($0.trips.values.reduce(0, +))" }
        return TextTable.lines(rows)
    }

    /// All calls of the edge as one row.
    private static func edge(_ report: MeshReport) -> MeshRow {
        var all = MeshRow(caller: "edge", service: "", method: "")
        for row in report.rows where row.caller == "edge" {
            all.calls += row.calls
            all.succeeded += row.succeeded
            all.times += row.times
        }
        all.times.sort()
        return all
    }

    // MARK: Figures

    /// `learn.course.v1.CourseService/GetCourse` is `CourseService/GetCourse` to people.
    private static func short(_ method: String) -> String {
        let parts = method.split(separator: "/", maxSplits: 1)
        let service = parts.first?.split(separator: ".").last ?? ""
        return parts.count == 2 ? "\(service)/\(parts[1])" : method
    }

    static func percent(_ share: Double) -> String {
        // What failed is not rounded away.
        let tenths = share < 1 ? min(999, (share * 1000).rounded()) : 1000
        let whole = Int(tenths)
        return whole % 10 == 0 ? "\(whole / 10) %" : "\(whole / 10).\(whole % 10) %"
    }

    static func decimals(_ number: Double) -> String {
        let hundredths = Int((number * 100).rounded())
        let rest = hundredths % 100
        return "\(hundredths / 100).\(rest < 10 ? "0" : "")\(rest)"
    }

    static func time(_ duration: Duration) -> String {
        let micros = duration.clampedNanoseconds / 1000
        if micros >= 1_000_000 {
            let tenths = micros / 100_000
            return tenths % 10 == 0 ? "\(tenths / 10) s" : "\(tenths / 10).\(tenths % 10) s"
        }
        if micros >= 1000 {
            let tenths = micros / 100
            return tenths % 10 == 0 || micros >= 10_000 ? "\(micros / 1000) ms" : "\(tenths / 10).\(tenths % 10) ms"
        }
        return "\(micros) us"
    }
}
