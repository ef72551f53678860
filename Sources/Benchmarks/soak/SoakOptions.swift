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

        COUNT is 20000 by default, MEBIBYTES 256. Exit code 1 if something did not hold.
        """

    static func parse(_ arguments: [String]) -> Result<SoakOptions, Fault> {
        func number(_ index: Int, _ standard: Int) -> Int? {
            arguments.count > index ? Int(arguments[index]).flatMap { $0 > 0 ? $0 : nil } : standard
        }
        switch arguments.first {
        case "--help", "-h", "help": return .success(.help)
        case "calls":
            guard let count = number(1, 20_000), let seed = number(2, 1), arguments.count <= 3 else {
                return .failure(Fault(text: "calls takes a count and a seed, both above 0"))
            }
            return .success(.calls(count, seed: UInt64(seed)))
        case "pressure":
            guard let size = number(1, 256), arguments.count <= 2 else {
                return .failure(Fault(text: "pressure takes a number of mebibytes above 0"))
            }
            return .success(.pressure(mebibytes: size))
        case nil: return .failure(Fault(text: "say what to run"))
        case let word?: return .failure(Fault(text: "unknown run \(word)"))
        }
    }
}
