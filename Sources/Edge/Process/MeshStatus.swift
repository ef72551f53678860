internal import Logging
internal import MeshAPI
internal import RPC
internal import Reactor
internal import ServiceKit

/// Which services the mesh has, and how many instances of each: what `/services/status` answers.
///
/// Loop-bound: the watch writes and the requests read on one loop.
final class MeshStatus: @unchecked Sendable {  // touched on its loop alone
    private let channel: Channel
    private let log: Logger
    private let loop: Loop
    private var snapshot = WeftControlV1.Snapshot()
    private var isKnown = false

    private static let pause = Duration.milliseconds(500)

    init(channel: Channel, log: Logger, loop: Loop) {
        self.channel = channel
        self.log = log
        self.loop = loop
    }

    func run() async {
        let client = WeftControlV1.DiscoveryClient(channel)
        while !Task.isCancelled {
            do {
                // Without a version the registry comes at once, changed or not: what is known is current again.
                try await client.watch(WeftControlV1.WatchRequest()) { snapshots in
                    for try await next in snapshots {
                        self.snapshot = next
                        self.isKnown = true
                    }
                }
            } catch {
                log.debug("the watch of the registry ended", metadata: ["error": "\(error)"])
            }
            isKnown = false
            try? await loop.sleep(for: Self.pause)
        }
    }

    /// `{"services":[{"name":"course","instances":[{"instance":"course-1","address":"..."}],"methods":6}],"current":true}`
    var reply: AdminReply {
        var text = JSONText()
        text.open()
        text.key("services")
        text.openArray()
        for service in snapshot.services {
            text.open()
            text.member("name", service.name)
            text.key("instances")
            text.openArray()
            for endpoint in service.endpoints {
                text.open()
                text.member("instance", endpoint.instance)
                text.member("address", endpoint.address)
                text.close()
            }
            text.closeArray()
            text.member("methods", service.methods.count)
            text.close()
        }
        text.closeArray()
        text.member("current", isKnown)
        text.close()
        return AdminReply(status: isKnown ? 200 : 503, contentType: "application/json", body: text.bytes)
    }
}
