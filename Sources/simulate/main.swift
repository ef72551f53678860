import Glibc
import Simulation

// Runs the scenarios of calls with many seeds, or one seed again with its trace.
switch Options.parse(Array(CommandLine.arguments.dropFirst())) {
case .failure(let fault):
    print("simulate: \(fault.text)\n\n\(Options.help)")
    exit(64)
case .success(let options) where options.wantsHelp:
    print(Options.help)
case .success(let options):
    exit(SeedRunner(options).run() ? 0 : 1)
}
