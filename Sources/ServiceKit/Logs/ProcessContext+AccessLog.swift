internal import Reactor

extension ProcessContext {
    /// `--access-log`, for processes that have calls to tell of.
    public static let accessLogFlag = Flag(
        "access-log", "SHARE", default: "0",
        help:
            "How many of the calls that succeed are logged: 1 for all, 0.01 for one in a hundred. Failures always are.")

    /// A share that cannot be read stops the start.
    package func checkAccessLog() throws(ProcessFault) {
        guard let text = settings["access-log"] else { return }
        guard let share = Double(text), (0...1).contains(share) else {
            throw ProcessFault("--access-log: '\(text)' is no number from 0 to 1", hint: "see --help", exitCode: 2)
        }
    }

    /// How many of the calls that succeed are logged.
    package var accessLogShare: Double {
        guard let share = settings["access-log"].flatMap(Double.init), (0...1).contains(share) else { return 0 }
        return share
    }
}

extension ProcessContext {
    /// How soon a log that could not be written is tried again.
    private static let logPause = Duration.milliseconds(200)

    /// Counts the lines that are lost, and sees to it that those that wait are written when somebody reads again.
    func watchLog(_ writer: LogWriter) {
        metrics.collect { sample in
            sample.counter(
                "weft_log_lines_dropped_total", "Lines of the log that were lost, since it could not be written.",
                value: writer.dropped)
        }
        writer.whenStalled { [loop] in loop.perform { Self.flushLater(writer, on: loop) } }
    }

    private static func flushLater(_ writer: LogWriter, on loop: Loop) {
        loop.schedule(after: logPause) {
            if !writer.flush() { flushLater(writer, on: loop) }
        }
    }
}
