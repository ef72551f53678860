import BenchAPI
import Glibc
import RPC
import Reactor
import Transport

// Calls an echo server for a while and prints one line of JSON: what was done, and the CPU time of this process. Its peers in
// Sources/Benchmarks/call-peers take the same arguments and print the same line.
do {
    let plan = try Plan(CommandLine.arguments)
    let loop = try Loop.start(name: "client")
    var limits = ConnectionLimits()
    limits.maxConnectionsPerPool = 1
    let echoes = try (0..<plan.connections).map { _ in
        let pool = ConnectionPool(
            to: try SocketAddress.parse(plan.address), loop: loop, security: .plaintext, limits: limits)
        return Bench.EchoClient(Channel(pool, destination: plan.address, timers: loop))
    }
    if plan.kind == .paced {
        let paced = try PacedLoad(plan, echoes, on: loop)
        try await withTaskExecutorPreference(loop) {
            try await paced.run(for: .seconds(1))
            let latencies = try await paced.run(for: .seconds(plan.seconds))
            print(latencies.line)
        }
        fflush(nil)
        _exit(0)
    }
    let load = Load(plan, echoes)
    try await withTaskExecutorPreference(loop) {
        try await load.run(for: .seconds(1))  // connections, caches and the allocator are warm afterwards
        let before = Usage.now
        let done = try await load.run(for: .seconds(plan.seconds))
        print(Usage.now.since(before).line(done))
    }
    fflush(nil)
    _exit(0)
} catch {
    print("bench-client: \(error)")
    exit(1)
}
