import Glibc
import RPC
import Reactor
import Transport

// One loop on the main thread, plaintext: the cost of a call with nothing around it.
guard (2...3).contains(CommandLine.arguments.count), let port = UInt16(CommandLine.arguments[1]),
    let engine = CommandLine.arguments.count == 2
        ? EngineChoice.standard : EngineChoice(rawValue: CommandLine.arguments[2])
else {
    print("USAGE: bench-echo-server PORT [\(EngineChoice.allCases.map(\.rawValue).joined(separator: "|"))]")
    exit(64)
}
EngineChoice.standard = engine
do {
    let loop = try Loop(name: "echo")
    let router = Router(timers: loop)
    router.add(EchoService())
    let listener = try Listener.listen(
        on: SocketAddress.parse("127.0.0.1:\(port)"), loop: loop, security: .plaintext, acceptor: router)
    print("listening on \(listener.localAddress)")
    fflush(nil)
    loop.run()
} catch {
    print("bench-echo-server: \(error)")
    exit(1)
}
