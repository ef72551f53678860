import Transport

/// What was typed.
enum SoakOptions {
    case help
    case calls(Int, seed: UInt64)
    case pressure(mebibytes: Int)

    struct Fault: Error {
        let text: String
    }

    static let usage = """
        Long runs of the runtime on real sockets, with everything counted.

        USAGE: soak calls [COUNT] [SEED]     calls of all four kinds that are cancelled, reset, late and cut off
               soak pressure [MEBIBYTES]     a fast writer held by a slow reader, in both directions

          --engine NAME    the HTTP/2 engine, native or nghttp2; the runtime's default if it is not said

        COUNT is 20000 by default, MEBIBYTES 256. Exit code 1 if something did not hold.
        """

    /// Takes `--engine NAME` out of the arguments and makes it the process's own.
    static func takeEngine(_ arguments: inout [String]) -> Fault? {
        guard let place = arguments.firstIndex(of: "--engine") else { return nil }
        guard place + 1 < arguments.count, let engine = EngineChoice(rawValue: arguments[place + 1]) else {
            return Fault(text: "--engine is native or nghttp2")
        }
        arguments.removeSubrange(place...place + 1)
        EngineChoice.standard = engine
        return nil
    }

    static func parse(_ typed: [String]) -> Result<SoakOptions, Fault> {
        var arguments = typed
        if let fault = takeEngine(&arguments) { return .failure(fault) }
        let words = arguments
        func number(_ index: Int, _ standard: Int) -> Int? {
            words.count > index ? Int(words[index]).flatMap { $0 > 0 ? $0 : nil } : standard
        }
        switch words.first {
        case "--help", "-h", "help": return .success(.help)
        case "calls":
            guard let count = number(1, 20_000), let seed = number(2, 1), words.count <= 3 else {
                return .failure(Fault(text: "calls takes a count and a seed, both above 0"))
            }
            return .success(.calls(count, seed: UInt64(seed)))
        case "pressure":
            guard let size = number(1, 256), words.count <= 2 else {
                return .failure(Fault(text: "pressure takes a number of mebibytes above 0"))
            }
            return .success(.pressure(mebibytes: size))
        case nil: return .failure(Fault(text: "say what to run"))
        case let word?: return .failure(Fault(text: "unknown run \(word)"))
        }
    }
}
