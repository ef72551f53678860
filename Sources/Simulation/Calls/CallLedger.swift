public import RPC
import Synchronization

/// Keeps account of calls and their handlers, and complains as soon as something does not add up.
///
/// Callers and handlers of several loops write into it.
public final class CallLedger: Sendable {
    /// More complaints say nothing new.
    private static let complaintLimit = 20

    /// Several times the calls that are open at once.
    private static let keptRepeats = 1_000

    fileprivate struct Account {
        /// How often each call ended, and how often a handler began it: a byte each, so that a million calls are cheap.
        var ends: [UInt8]
        var runs: [UInt8]
        var begun = 0
        var ended = 0
        /// Whether the call has failed without reaching a handler, as its caller was told.
        var unreached: [Bool]
        var handlersBegun = 0
        var handlersEnded = 0
        var codes: [StatusCode: Int] = [:]
        var complaints: [String] = []
        /// Why calls were lately made again, to tell what was wrong if one of them ran twice.
        var repeats: [(number: Int, why: String)] = []
        var mostOpen = 0
    }

    private let account: Mutex<Account>
    private let runsAllowed: Int

    /// For calls with the numbers `0 ..< calls`, each of which `runsAllowed` handlers may begin: one, unless somebody
    /// between caller and handler may repeat what has reached a server.
    public init(calls: Int, runsAllowed: Int = 1) {
        self.runsAllowed = runsAllowed
        account = Mutex(
            Account(
                ends: Array(repeating: 0, count: calls), runs: Array(repeating: 0, count: calls),
                unreached: Array(repeating: false, count: calls)))
    }

    public func began(_ number: Int) {
        account.withLock { account in
            account.begun += 1
            account.mostOpen = max(account.mostOpen, account.begun - account.ended)
        }
    }

    public func ended(_ number: Int, _ code: StatusCode) {
        account.withLock { account in
            account.ends[number] &+= 1
            account.ended += 1
            account.codes[code, default: 0] += 1
            if account.ends[number] != 1 { account.complain("call \(number) ended \(account.ends[number]) times") }
        }
    }

    func handlerBegan(_ number: Int) {
        account.withLock { account in
            account.handlersBegun += 1
            guard account.runs.indices.contains(number) else {
                account.complain("a handler got the call \(number), which nobody made")
                return
            }
            account.runs[number] &+= 1
            if account.runs[number] > runsAllowed {
                let why = account.repeats.filter { $0.number == number }.map(\.why).joined(separator: ", then ")
                account.complain("call \(number) ran \(account.runs[number]) times; it was repeated after: \(why)")
            }
        }
    }

    func handlerEnded(_ number: Int) {
        account.withLock { $0.handlersEnded += 1 }
    }

    /// The call is made again, since it did not reach the peer, as its error says.
    func repeated(_ number: Int, after error: RPCError) {
        account.withLock { account in
            if account.repeats.count >= CallLedger.keptRepeats {
                account.repeats.removeFirst(CallLedger.keptRepeats / 2)
            }
            account.repeats.append((number, "\(error)"))
        }
    }

    func neverReached(_ number: Int) {
        account.withLock { $0.unreached[number] = true }
    }

    /// Once everything is quiet: what callers were told must have been so.
    public func close() {
        account.withLock { account in
            for number in account.runs.indices where account.unreached[number] && account.runs[number] != 0 {
                account.complain("call \(number) ran, and its caller was told that it had not reached the peer")
            }
        }
    }

    public func complain(_ what: String) {
        account.withLock { $0.complain(what) }
    }

    /// The numbers of calls that have not ended, the first few of them.
    public var open: [Int] {
        let ends = account.withLock { $0.ends }
        return Array(ends.indices.lazy.filter { ends[$0] == 0 }.prefix(CallLedger.complaintLimit))
    }

    public var begun: Int { account.withLock { $0.begun } }
    public var ended: Int { account.withLock { $0.ended } }
    public var handlersRunning: Int { account.withLock { $0.handlersBegun - $0.handlersEnded } }
    public var handlersBegun: Int { account.withLock { $0.handlersBegun } }
    public var complaints: [String] { account.withLock { $0.complaints } }
    public var codes: [StatusCode: Int] { account.withLock { $0.codes } }
    public var mostOpen: Int { account.withLock { $0.mostOpen } }

    /// `OK 31, CANCELLED 2`
    public var summary: String {
        codes.sorted { $0.key.rawValue < $1.key.rawValue }.map { "\($0.key.name) \($0.value)" }.joined(separator: ", ")
    }
}

extension CallLedger.Account {
    fileprivate mutating func complain(_ what: String) {
        if complaints.count < CallLedger.complaintLimit { complaints.append(what) }
    }
}
