/// What to do, from the command line.
struct Plan {
    var address: String
    var kind: Kind
    var seconds: Int
    var connections: Int
    /// Calls, or streams, under way at once on each connection; where calls are paced, calls a second on all of them.
    var concurrency: Int
    /// Bytes of payload in each message.
    var bytes: Int

    enum Kind: String, CaseIterable {
        /// One message there, one back.
        case unary
        /// Streams on which each message comes back; up to 16 (or 512 KiB) are under way.
        case stream
        /// Calls that begin at fixed times, whatever became of those before, and are measured from those times: an open loop.
        case paced
    }

    static let usage = "USAGE: bench-client HOST:PORT unary|stream|paced SECONDS CONNECTIONS CONCURRENCY|RATE BYTES"

    init(_ arguments: [String]) throws(UsageFault) {
        let numbers = arguments.dropFirst(3).compactMap { Int($0) }.filter { $0 > 0 }
        guard arguments.count == 7, numbers.count == 3 || numbers.count == 4, let kind = Kind(rawValue: arguments[2]),
            arguments[6] == "0" || numbers.count == 4
        else { throw UsageFault(description: Plan.usage) }
        address = arguments[1]
        self.kind = kind
        seconds = numbers[0]
        connections = numbers[1]
        concurrency = numbers[2]
        bytes = numbers.count == 4 ? numbers[3] : 0
    }
}

struct UsageFault: Error, CustomStringConvertible {
    let description: String
}
