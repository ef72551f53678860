import Glibc
import RPC
import Transport

// Plaintext, and by default one loop: the cost of a call with nothing around it.
//
//     bench-echo-server PORT [ENGINE] [--loops N]
do {
    let options = try Options(Array(CommandLine.arguments.dropFirst()))
    EngineChoice.standard = options.engine
    let group = try LoopGroup.start(count: options.loops, name: "echo")
    let listeners = try group.listen(on: .ip("127.0.0.1", port: options.port), security: .plaintext) { loop in
        let router = Router(timers: loop)
        router.add(EchoService())
        return router
    }
    print("listening on \(listeners.localAddress)")
    fflush(nil)
    while true { pause() }  // the loops have threads of their own
} catch let fault as Options.Fault {
    print("bench-echo-server: \(fault)")
    print(Options.usage)
    exit(64)
} catch {
    print("bench-echo-server: \(error)")
    exit(1)
}
