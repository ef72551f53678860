import ArgumentParser
import Foundation

/// `weft generate`: contracts to Swift, by a configuration file or by flags.
struct GenerateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "generate", abstract: "Compile contracts and write their Swift code.",
        discussion: """
            Without contracts on the command line, the configuration file says what to generate.
            Exit codes: 0 done, 1 faults in the contracts or a difference found by --check, 2 a wrong request.
            """)

    @Argument(help: "Contracts, or folders of them, as imports name them; with --out.")
    var contracts: [String] = []

    @Option(help: "The configuration file.")
    var config = "codegen/weft.gen.json"

    @Option(
        name: [.customShort("I"), .customLong("import-path")], help: "Where imports are looked for; repeat for more.")
    var importPaths: [String] = []

    @Option(help: "The folder for the Swift files.")
    var out: String?

    @Flag(help: "Write nothing; exit with 1 if anything would change.")
    var check = false

    func run() throws {
        let mode: GeneratePlan.Mode = check ? .check : .write
        var output = StandardStream(handle: .standardOutput)
        var errors = StandardStream(handle: .standardError)
        let code = Generate.run(try plan(mode), to: &output, errors: &errors)
        if code != 0 { throw ExitCode(code) }
    }

    private func plan(_ mode: GeneratePlan.Mode) throws -> GeneratePlan {
        guard contracts.isEmpty else {
            guard let out else { throw Fault.usage("say with --out where the Swift files go") }
            return GeneratePlan(inputs: contracts, importPaths: importPaths, outputDirectory: out, mode: mode)
        }
        do {
            return try GenerateConfig.plan(at: config, mode: mode)
        } catch {
            throw Fault.usage(error.description)
        }
    }
}

/// Standard output or standard error as a text stream.
struct StandardStream: TextOutputStream {
    let handle: FileHandle

    mutating func write(_ text: String) {
        handle.write(Data(text.utf8))
    }
}
