import ArgumentParser
import Foundation

/// `weft`: one command line for the contracts and the mesh.
struct Weft: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "weft",
        abstract: "Contracts and the mesh: generate, bring up, list, describe, call, apply, simulate.",
        version: "0.1.0",
        subcommands: [
            UpCommand.self,
            GenerateCommand.self,
            LintCommand.self,
            BreakingCommand.self,
            FormatCommand.self,
            ExplainCommand.self,
            DecodeCommand.self,
            EncodeCommand.self,
            ListCommand.self,
            DescribeCommand.self,
            CallCommand.self,
            BreakersCommand.self,
            TLSCommand.self,
            WhyCommand.self,
            TapCommand.self,
            ApplyCommand.self,
            GetCommand.self,
            StatusCommand.self,
            SimulateCommand.self,
        ])
}

/// A command that waits for others: it runs in a task, and may move between threads.
protocol WaitingCommand: AsyncParsableCommand, Sendable {}

@main
enum Main {
    /// Not `async`, so that a command which waits for signals runs on the main thread while there is no other: a signal
    /// that is blocked in one thread alone would reach another.
    static func main() {
        do {
            var command = try Weft.parseAsRoot()
            if let waiting = command as? any WaitingCommand {
                Task { await finish(waiting) }
                dispatchMain()
            }
            try command.run()
        } catch {
            Weft.exit(withError: error)
        }
    }

    private static func finish(_ command: any WaitingCommand) async -> Never {
        var command = command
        do {
            try await command.run()
            Weft.exit()
        } catch {
            Weft.exit(withError: error)
        }
    }
}
