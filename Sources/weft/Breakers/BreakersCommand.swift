import ArgumentParser

/// `weft breakers`: which endpoints are left alone, why, and until when; and the operator's word over them.
struct BreakersCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "breakers", abstract: "Show the circuit breakers of the mesh, or overrule them for a while.",
        subcommands: [ShowBreakersCommand.self, ForceBreakersCommand.self],
        defaultSubcommand: ShowBreakersCommand.self)
}
