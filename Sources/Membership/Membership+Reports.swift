import Logging
import MeshAPI
import RPC

/// What a member thinks of a version of the configuration.
struct ConfigurationVerdict: Sendable {
    var version: String
    /// Why it does not go by it; empty if it does.
    var faults: [String]
}

extension Membership {
    /// Reports each verdict of `watchRegistry` to the control plane, the last one if several wait, until the task is
    /// cancelled.
    public func keepReporting() async {
        let client = WeftControlV1.ConfigurationClient(channel)
        for await verdict in verdicts.stream {
            var request = WeftControlV1.ReportRequest()
            request.instance = config.instance
            request.version = verdict.version
            request.faults = verdict.faults
            do {
                try await untilDone("report the configuration") {
                    do {
                        _ = try await client.report(request, options: CallOptions(timeout: .seconds(2)))
                    } catch let error as RPCError where !Self.isWorthRepeating(error.code) {
                        // The next watch says which version is in force.
                        self.log.notice(
                            "the control plane takes no report of the configuration", metadata: ["error": "\(error)"])
                    }
                }
            } catch {
                return
            }
        }
    }

    private static func isWorthRepeating(_ code: StatusCode) -> Bool {
        switch code {
        case .unavailable, .deadlineExceeded, .resourceExhausted, .internal, .unknown: true
        default: false
        }
    }
}
