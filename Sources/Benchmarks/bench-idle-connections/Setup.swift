import CLinux
import Glibc
import Reactor
import Timebase
import Transport

/// What one run measures.
struct Setup {
    var connections = 1000
    var isSecure = true
    var limits = ConnectionLimits()

    init(_ arguments: [String]) throws(UsageError) {
        limits.idleTimeout = nil
        if let text = arguments.first {
            guard let number = Int(text), (1...20_000).contains(number) else {
                throw UsageError("\"\(text)\" is no number of connections from 1 to 20000")
            }
            connections = number
        }
        if arguments.count > 1 {
            guard ["mtls", "plaintext"].contains(arguments[1]) else {
                throw UsageError("\"\(arguments[1])\" is neither mtls nor plaintext")
            }
            isSecure = arguments[1] == "mtls"
        }
        if arguments.count > 2 {
            guard let engine = EngineChoice(rawValue: arguments[2]) else {
                throw UsageError("there is no HTTP/2 engine \"\(arguments[2])\"")
            }
            limits.engine = engine
        }
        limits.maxConnections = connections + 10
    }

    var words: [String] { ["\(connections)", isSecure ? "mtls" : "plaintext", limits.engine.rawValue] }

    static let serverID = "spiffe://bench.local/ns/bench/sa/server"
    static let clientID = "spiffe://bench.local/ns/bench/sa/client"

    /// An identity from an authority that both processes make from the same key, which travels by the environment.
    static func identity(_ id: String, authority: CertificateAuthority) throws(CertificateError) -> IdentityBox {
        let key = try PrivateKey.generateP256()
        let request = try CertificateRequest.make(key: key, commonName: "bench")
        let leaf = try authority.issue(
            request: request, spiffeID: id, validity: .seconds(3600), now: SystemClock.wall)
        return IdentityBox(try Identity(chain: [leaf], key: key, roots: authority.roots))
    }
}

struct UsageError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}

/// What a process uses now.
struct MemoryUse {
    /// Pages that are in memory.
    let resident: Int
    /// Bytes that the allocator has given out.
    let allocated: Int

    static var now: MemoryUse {
        malloc_trim(0)
        let info = mallinfo2()
        return MemoryUse(resident: residentBytes(), allocated: Int(info.uordblks) + Int(info.hblkhd))
    }

    private static func residentBytes() -> Int {
        guard let file = fopen("/proc/self/statm", "r") else { return 0 }
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 256)
        guard fgets(&line, 256, file) != nil else { return 0 }
        let text = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let pages = text.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
        return pages * Int(sysconf(Int32(_SC_PAGESIZE)))
    }

    func report(_ side: String, since start: MemoryUse, connections: Int, _ setup: Setup) {
        func kib(_ bytes: Int) -> String {
            let tenths = bytes * 10 / connections / 1024
            return "\(tenths / 10).\(abs(tenths % 10)) KiB"
        }
        print(
            "\(setup.words[1]) \(setup.words[2]) \(side): \(kib(resident - start.resident)) resident, "
                + "\(kib(allocated - start.allocated)) allocated, each of \(connections) connections")
        fflush(nil)
    }
}

/// Lets the process have as many sockets as it may.
func raiseDescriptorLimit() {
    var limit = rlimit()
    getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    limit.rlim_cur = limit.rlim_max
    setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
}
