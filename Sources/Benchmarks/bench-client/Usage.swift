import CLinux
import Glibc

/// What this process has used: CPU time of all its threads, and the time that passed.
struct Usage {
    var cpu: Double
    var wall: Double

    static var now: Usage {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Usage(
            cpu: seconds(usage.ru_utime) + seconds(usage.ru_stime),
            wall: Double(time.tv_sec) + Double(time.tv_nsec) / 1e9)
    }

    func since(_ earlier: Usage) -> Usage {
        Usage(cpu: cpu - earlier.cpu, wall: wall - earlier.wall)
    }

    /// The line that `.ci/bench_calls.py` reads.
    func line(_ done: Done) -> String {
        let micros = done.messages > 0 ? cpu * 1e6 / Double(done.messages) : 0
        return """
            {"messages": \(done.messages), "bytes": \(done.bytes), "seconds": \(wall), "cpu_us": \(micros), \
            "failed": \(done.failed)}
            """
    }

    private static func seconds(_ time: timeval) -> Double {
        Double(time.tv_sec) + Double(time.tv_usec) / 1e6
    }
}

/// What a run did.
struct Done: Sendable {
    /// Messages that came back.
    var messages = 0
    /// Their payload, one way.
    var bytes = 0
    var failed = 0
}
