import Foundation
import Logging
import Reactor
import Reflection
import Testing
import Transport

@testable import ServiceKit

/// A process's own ports, and grpcio's client of channelz.
@Suite("Channelz of a process")
struct ChannelzTests {
    @Test("grpcio's client is told servers, sockets and channels, with what went over them")
    func grpcio() async throws {
        let loop = try Loop.start(name: "process")
        defer { loop.stop() }
        let settings = try Settings([], arguments: [], environment: [:])
        let context = ProcessContext(
            loop: loop, log: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, settings: settings)
        let service = try await on(loop) {
            let service = try context.serve([HealthService()], on: "127.0.0.1:0")
            try context.serveAdmin(on: "127.0.0.1:0")
            context.show(ConnectionPool(to: .ip("192.0.2.1", port: 9), loop: loop, security: .plaintext))
            return service.id
        }
        // A listener is on its loop from the next turn on.
        let listeners = try await on(loop) { loop.listenerReports() }
        let ports = listeners.sorted { $0.id == service && $1.id != service }.map { String($0.address.port ?? 0) }
        let said = try await Peers.run("channelz_client.py", ports)
        #expect(
            said == """
                calls 5 3 2
                listens [127, 0, 0, 1] True
                streams 5 5 0
                channel 192.0.2.1:9 IDLE
                service's own port UNIMPLEMENTED

                """)
    }

    private func on<Value: Sendable>(_ loop: Loop, _ body: @escaping @Sendable () throws -> Value) async throws -> Value
    {
        try await withCheckedThrowingContinuation { continuation in
            loop.execute { continuation.resume(with: Result { try body() }) }
        }
    }
}
