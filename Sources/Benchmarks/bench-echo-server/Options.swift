import Transport

/// What was typed.
struct Options {
    var port: UInt16 = 0
    var engine = EngineChoice.standard
    var loops = 1

    static let usage =
        "USAGE: bench-echo-server PORT [\(EngineChoice.allCases.map(\.rawValue).joined(separator: "|"))] [--loops N]"

    struct Fault: Error, CustomStringConvertible {
        let description: String
    }

    init(_ arguments: [String]) throws(Fault) {
        var rest = arguments[...]
        guard let text = rest.popFirst(), let port = UInt16(text) else {
            throw Fault(description: "the first argument must be a port")
        }
        self.port = port
        while let word = rest.popFirst() {
            if word == "--loops" {
                guard let text = rest.popFirst(), let count = Int(text), (1...LoopGroup.maximum).contains(count) else {
                    throw Fault(description: "--loops needs a number from 1 to \(LoopGroup.maximum)")
                }
                loops = count
            } else if let engine = EngineChoice(rawValue: word) {
                self.engine = engine
            } else {
                throw Fault(description: "there is no HTTP/2 engine or option \"\(word)\"")
            }
        }
    }
}
