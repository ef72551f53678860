import Glibc
import Simulation
import Timebase
import Transport

/// Two hosts, and sockets between them without any runtime above.
final class Wires {
    let simulation: Simulation
    let server: Host
    let client: Host
    let listener: any ListeningSocket
    static let address = SocketAddress.ip("10.9.0.1", port: 80)

    init(seed: UInt64 = 1, conditions: Conditions = .calm) throws {
        simulation = Simulation(seed: seed, conditions: conditions)
        server = simulation.host("server", addresses: ["10.9.0.1"])
        client = simulation.host("client", addresses: ["10.9.0.2"])
        listener = try server.network.listen(on: .ip("0.0.0.0", port: 80), sharesPort: false)
    }

    func dial(_ address: SocketAddress = Wires.address) throws -> any StreamSocket {
        switch client.network.connect(to: address) {
        case .begun(let socket): return socket
        case .failed(let code): throw Broken(code: code)
        }
    }

    /// A connection that is made and accepted.
    func pair() throws -> (client: any StreamSocket, server: any StreamSocket) {
        let socket = try dial()
        try simulation.run(for: .seconds(1))
        guard case .connection(let accepted, _) = listener.accept() else { throw Broken(code: ENOTCONN) }
        return (socket, accepted)
    }

    struct Broken: Error {
        let code: Int32
    }
}

extension StreamSocket {
    /// Writes until the socket takes no more; answers how much it took.
    func fill(_ count: Int, from start: Int = 0) -> Int {
        var written = 0
        while written < count {
            let piece = (written..<min(written + 1_000, count)).map { UInt8(truncatingIfNeeded: start + $0) }
            guard case .bytes(let taken) = piece.withUnsafeBytes({ write($0) }) else { return written }
            written += taken
        }
        return written
    }

    /// Reads what there is, and how it goes on.
    func drain() -> (bytes: [UInt8], then: IOResult) {
        var all: [UInt8] = []
        var place = [UInt8](repeating: 0, count: 4_096)
        while true {
            let result = place.withUnsafeMutableBytes { read(into: $0) }
            guard case .bytes(let count) = result else { return (all, result) }
            all += place[..<count]
        }
    }
}
