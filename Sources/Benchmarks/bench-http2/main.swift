import Bytes
import Glibc
import HTTP2

// Sessions without sockets: what the engine alone costs. Meant for a counter of instructions:
//
//     valgrind --tool=callgrind --callgrind-out-file=out bench-http2 calls native native 3000
//     callgrind_annotate --inclusive=yes out | grep -E 'Turn|total'
//     bench-http2 memory native
//
// `serverTurn` and `clientTurn` are what one side does for a batch of calls.

let arguments = CommandLine.arguments
let clientEngine = HTTP2Session.EngineKind(rawValue: arguments.count > 2 ? arguments[2] : "") ?? .native
let serverEngine = HTTP2Session.EngineKind(rawValue: arguments.count > 3 ? arguments[3] : "") ?? clientEngine
let count = arguments.count > 4 ? Int(arguments[4]) ?? 1000 : 1000

switch arguments.count > 1 ? arguments[1] : "" {
case "calls":
    let pair = Pair(clientEngine, serverEngine)
    for _ in 0..<count { pair.round(calls: 32) }
    print("\(pair.answers) answers")
case "bulk":
    let pair = Pair(clientEngine, serverEngine)
    pair.bulk(megabytes: count)
    print("\(pair.received >> 20) MiB")
case "memory":
    measureMemory()
default:
    print("bench-http2 calls|bulk|memory CLIENT-ENGINE SERVER-ENGINE [COUNT]")
}

/// A client and a server that answers every request as a unary gRPC method does.
final class Pair {
    let client: HTTP2Session
    let server: HTTP2Session
    private let toServer = OutputChain(blocks: HeapBlocks(blockSize: 64 << 10))
    private let toClient = OutputChain(blocks: HeapBlocks(blockSize: 64 << 10))
    private(set) var answers = 0
    private(set) var received = 0

    private let head: Fields = [
        ":method": "POST", ":scheme": "http", ":path": "/shop.catalog.v1.Catalog/GetItem", ":authority": "catalog",
        "te": "trailers", "content-type": "application/grpc", "user-agent": "weft/1", "grpc-timeout": "1S",
    ]
    private let answerHead: Fields = [":status": "200", "content-type": "application/grpc"]
    private let trailers: Fields = ["grpc-status": "0"]
    private let message = Chunk([UInt8](repeating: 7, count: 136))

    init(_ clientEngine: HTTP2Session.EngineKind, _ serverEngine: HTTP2Session.EngineKind) {
        client = HTTP2Session(role: .client, engine: clientEngine)
        server = HTTP2Session(role: .server, engine: serverEngine)
        round(calls: 0)
        round(calls: 0)
    }

    func round(calls: Int) {
        ask(calls)
        move(toServer) { self.serverTurn($0) }
        move(toClient) { self.clientTurn($0) }
    }

    /// Hands over what waits in a chain as reads of a socket would.
    private func move(_ chain: OutputChain, _ read: (UnsafeRawBufferPointer) -> Void) {
        while !chain.isEmpty {
            let run = chain.firstRun
            let part = UnsafeRawBufferPointer(rebasing: run.prefix(64 << 10))
            read(part)
            chain.consume(part.count)
        }
    }

    @inline(never)
    private func ask(_ calls: Int) {
        for _ in 0..<calls {
            guard let stream = try? client.openStream(head, end: false) else { continue }
            client.send(message, on: stream, end: true)
        }
        _ = client.takeOutput(into: toServer)
    }

    @inline(never)
    private func serverTurn(_ bytes: UnsafeRawBufferPointer) {
        try? server.receive(bytes)
        while let event = server.nextEvent() {
            guard case .chunk(let stream, let chunk, let end) = event else { continue }
            received += chunk.count
            server.consume(chunk.count, on: stream)
            guard end else { continue }
            server.send(head: answerHead, on: stream, end: false)
            server.send(message, on: stream, end: false)
            server.send(trailers: trailers, on: stream)
        }
        _ = server.takeOutput(into: toClient)
        while server.nextEvent() != nil {}
    }

    @inline(never)
    private func clientTurn(_ bytes: UnsafeRawBufferPointer) {
        try? client.receive(bytes)
        while let event = client.nextEvent() {
            switch event {
            case .chunk(let stream, let chunk, _): client.consume(chunk.count, on: stream)
            case .closed: answers += 1
            default: break
            }
        }
        _ = client.takeOutput(into: toServer)
    }

    func bulk(megabytes: Int) {
        let chunk = Chunk([UInt8](repeating: 7, count: 1 << 20))
        for _ in 0..<megabytes {
            guard let stream = try? client.openStream(head, end: false) else { return }
            client.send(chunk, on: stream, end: true)
            _ = client.takeOutput(256 << 10, into: toServer)
            while !toServer.isEmpty || client.hasOutput {
                move(toServer) { self.serverTurn($0) }
                move(toClient) { self.clientTurn($0) }
                _ = client.takeOutput(256 << 10, into: toServer)
            }
        }
    }
}

/// Memory of a session: fresh, after calls, and when it was told to give back what it keeps.
func measureMemory() {
    let connections = max(1, count)
    var pairs: [Pair] = []
    pairs.reserveCapacity(connections)
    let before = residentBytes()
    func report(_ what: String) {
        print("\(what): \((residentBytes() - before) / connections / 2) bytes a session")
    }
    for _ in 0..<connections { pairs.append(Pair(clientEngine, serverEngine)) }
    report("fresh")
    for pair in pairs { for _ in 0..<4 { pair.round(calls: 32) } }
    report("after 128 calls")
    for pair in pairs {
        pair.client.trim()
        pair.server.trim()
    }
    report("trimmed")
    // Under `valgrind` the bytes "in use at exit" are then those of the sessions, whatever the allocator keeps.
    withExtendedLifetime(pairs) { exit(0) }
}

/// What of the process is in memory, by the kernel's account.
func residentBytes() -> Int {
    guard let file = fopen("/proc/self/statm", "r") else { return 0 }
    defer { fclose(file) }
    var text = [CChar](repeating: 0, count: 128)
    guard fgets(&text, 128, file) != nil else { return 0 }
    let line = String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    let words = line.split(separator: " ")
    return (words.count > 1 ? Int(words[1]) ?? 0 : 0) * 4096
}
