import Glibc
import Reactor
import Transport

// Memory of idle connections, each of which has carried a call: a server in this process, its clients in a second one, so
// that each side is measured by itself.
//
//     bench-idle-connections [CONNECTIONS] [mtls|plaintext] [native|nghttp2]

let arguments = CommandLine.arguments
do {
    if arguments.count == 6, arguments[1] == "client" {
        try IdleClients(Setup(Array(arguments[2...4])), port: UInt16(arguments[5]) ?? 0).run()
    } else if arguments.count <= 4, !arguments.contains("--help") {
        try IdleServer(Setup(Array(arguments.dropFirst()))).run(arguments[0])
    } else {
        print("USAGE: bench-idle-connections [CONNECTIONS] [mtls|plaintext] [native|nghttp2]")
        exit(64)
    }
} catch {
    print("bench-idle-connections: \(error)")
    exit(1)
}
