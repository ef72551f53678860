import ArgumentParser

/// `weft`: one command line for the contracts and the mesh.
@main
struct Weft: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "weft", abstract: "Contracts and the mesh: generate, bring up, list, describe, call.",
        version: "0.1.0",
        subcommands: [UpCommand.self, GenerateCommand.self, ListCommand.self, DescribeCommand.self, CallCommand.self])
}
