import Foundation
import Glibc
import Timebase

/// Standard output, written at once: a table that waits in a buffer is not live.
enum Terminal {
    static func write(_ text: String) {
        FileHandle.standardOutput.write(Data(text.utf8))
    }
}

/// Shows the processes as a table: drawn over itself on a terminal, a line for each change elsewhere.
struct LiveTable {
    private let isTerminal = isatty(STDOUT_FILENO) == 1
    private var drawnLines = 0
    private var lastLines: [String: String] = [:]

    mutating func show(_ children: [Supervisor.Child], now: Instant) {
        if isTerminal {
            draw(children, now: now)
        } else {
            tell(children, now: now)
        }
    }

    /// What stands below is not drawn over.
    mutating func keep() {
        drawnLines = 0
    }

    private mutating func draw(_ children: [Supervisor.Child], now: Instant) {
        var text = drawnLines > 0 ? "\u{1b}[\(drawnLines)A\u{1b}[J" : ""
        let lines = LiveTable.lines(children, now: now)
        text += lines.joined(separator: "\n") + "\n"
        drawnLines = lines.count
        Terminal.write(text)
    }

    private mutating func tell(_ children: [Supervisor.Child], now: Instant) {
        for child in children {
            let line =
                "\(child.spec.name): \(LiveTable.state(child, now: now))" + (child.pid.map { " pid \($0)" } ?? "")
            if lastLines[child.spec.name] != line {
                lastLines[child.spec.name] = line
                Terminal.write(line + "\n")
            }
        }
    }

    static func lines(_ children: [Supervisor.Child], now: Instant) -> [String] {
        let rows =
            [["PROCESS", "STATE", "PID", "ADDRESS", "RESTARTS"]]
            + children.map { child in
                [
                    child.spec.name, state(child, now: now), child.pid.map(String.init) ?? "-", child.spec.address,
                    String(child.life.restarts),
                ]
            }
        return TextTable.lines(rows)
    }

    static func state(_ child: Supervisor.Child, now: Instant) -> String {
        switch child.life.state {
        case .waiting: "waiting"
        case .starting: "starting"
        case .ready: "ready"
        case .resting: "ended (\(child.lastEnd ?? "?"))"
        case .failed: "failed (\(child.lastEnd ?? "?"))"
        }
    }
}
