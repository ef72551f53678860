import Reactor
import Resilience
import ServiceKit
import Transport

extension Sidecar {
    /// What the sidecar goes by now: `/config` of its admin listener. Secrets are not shown.
    func configPage() -> AdminReply {
        var text = JSONText()
        text.open()
        text.member("service", config.service)
        text.member("instance", config.instance)
        text.member("identity", identity.current?.spiffeID ?? "none")
        text.member("registry_version", taken.version)
        writeLimits(to: &text)
        text.key("destinations")
        text.openArray()
        for (name, destination) in destinations.sorted(by: { $0.key < $1.key }) {
            text.open()
            text.member("name", name)
            text.key("endpoints")
            text.openArray()
            for endpoint in destination.endpointStatuses(at: loop.now) {
                text.open()
                text.member("address", endpoint.address)
                text.member("breaker", endpoint.breaker.summary)
                text.member("connection", endpoint.connection)
                text.close()
            }
            text.closeArray()
            text.close()
        }
        text.closeArray()
        text.close()
        return AdminReply(contentType: "application/json", body: text.bytes)
    }
}
