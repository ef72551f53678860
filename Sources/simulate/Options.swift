import MeshSimulation
import Simulation
import Transport

/// What was typed.
struct Options {
    var seeds: ClosedRange<UInt64> = 1...200
    var scenarios = AnyScenario.all
    var engine: EngineChoice?
    var traces = false
    var tells = false
    var wantsHelp = false

    struct Fault: Error {
        let text: String
    }

    static let help = """
        Tries the runtime, and whole meshes, in simulated networks: each seed decides the calls, the network and everything
        that breaks.

        USAGE: simulate [--seeds N] [--seed S] [--scenario TEXT] [--engine NAME] [--tell] [--trace]

          --seeds N        try the seeds 1 to N of each scenario (default: 200); a tenth of them of some of a mesh's
          --seed S         try this seed alone
          --scenario TEXT  only scenarios whose name contains this
          --engine NAME    this HTTP/2 engine on both sides, native or nghttp2, instead of one picked by the seed
          --tell           print what happens in a mesh, in words: logs, faults, calls that fail
          --trace          print what happens, line by line: time, loop or host, event, handle, bytes

        The same seed gives the same run, line by line. Exit code 1 if a run failed.

        SCENARIOS: \(AnyScenario.all.map(\.name).joined(separator: "; "))
        """

    static func parse(_ arguments: [String]) -> Result<Options, Fault> {
        var options = Options()
        var rest = arguments[...]
        while let word = rest.popFirst() {
            switch word {
            case "--help", "-h": options.wantsHelp = true
            case "--trace": options.traces = true
            case "--tell": options.tells = true
            case "--seeds", "--seed":
                guard let number = rest.popFirst().flatMap({ UInt64($0) }), number > 0 else {
                    return .failure(Fault(text: "\(word) needs a number above 0"))
                }
                options.seeds = word == "--seed" ? number...number : 1...number
            case "--scenario":
                guard let text = rest.popFirst() else { return .failure(Fault(text: "--scenario needs a name")) }
                options.scenarios = AnyScenario.all.filter { $0.name == text }
                if options.scenarios.isEmpty { options.scenarios = AnyScenario.all.filter { $0.name.contains(text) } }
                if options.scenarios.isEmpty { return .failure(Fault(text: "no scenario's name contains \"\(text)\"")) }
            case "--engine":
                guard let engine = rest.popFirst().flatMap({ EngineChoice(rawValue: $0) }) else {
                    return .failure(Fault(text: "--engine is native or nghttp2"))
                }
                options.engine = engine
            default: return .failure(Fault(text: "unknown argument \(word)"))
            }
        }
        if let engine = options.engine {
            options.scenarios = options.scenarios.map { $0.using(engine) }
        }
        return .success(options)
    }
}
