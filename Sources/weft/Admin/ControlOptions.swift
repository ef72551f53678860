import ArgumentParser
import Exchange
import Foundation
import Generate
import Membership
import MeshAPI
import RPC
import Reactor
import Timebase
import Transport

/// Which control plane a command speaks to, and as whom.
///
/// The mesh that `weft up` runs here is found by its state folder. Another one, in a cluster say, is named:
///
///     kubectl -n weft port-forward deploy/weft-control 4100
///     weft apply -f policy.yaml --control 127.0.0.1:4100 --roots roots.pem --token-file operator.token
struct ControlOptions: ParsableArguments, Sendable {
    @Option(help: "The state folder of the running mesh.")
    var state = ".weft"

    @Option(help: "The control plane (HOST:PORT) of another mesh; with --roots and --token-file.")
    var control: String?

    @Option(help: "The roots of that mesh (PEM), by which its control plane is known.")
    var roots: String?

    @Option(help: "A file with the join token of the identity below.")
    var tokenFile: String?

    @Option(help: "The first part of the SPIFFE ids of that mesh.")
    var trustDomain = "weft.local"

    @Option(help: "The namespace part of its SPIFFE ids.")
    var namespace = "default"

    @Option(name: .customLong("as"), help: "The identity to speak as: one that the control plane lets apply policies.")
    var identity = "operator"

    /// Joins the mesh, and answers a channel to its control plane.
    func open(timeout: Duration) async throws -> Channel {
        let loop = try Loop.start(name: "operator")
        let mesh = try control.map(remote) ?? RunningMesh.load(state)
        let token = try control == nil ? mesh.token(of: identity) : token()
        let membership = try await MemberSource.join(
            as: identity, token: token, mesh, loop: loop, timeout: timeout)
        return Channel(membership.memberPool, destination: ServiceName.control, timers: loop)
    }

    private func remote(_ address: String) throws -> RunningMesh {
        guard let roots, tokenFile != nil else {
            throw Fault.usage("--control needs --roots and --token-file, by which the two know each other")
        }
        return RunningMesh(
            sidecar: "", control: address, edge: "", roots: roots, trustDomain: trustDomain, namespace: namespace,
            joinTokens: "")
    }

    private func token() throws -> String {
        let path = tokenFile ?? ""
        do {
            return try String(contentsOfFile: path, encoding: .utf8)
                .trimmingCharacters(in: .whitespacesAndNewlines)
        } catch {
            throw Fault.usage("--token-file: cannot read \(path): \(systemReason(error))")
        }
    }
}

/// How long a command waits, as people write it.
enum WaitTime {
    static func parse(_ text: String, _ option: String) throws -> Duration {
        guard let timeout = Duration(text: text), timeout > .zero else {
            throw Fault.usage("\(option): '\(text)' is not a duration such as 500ms, 5s or 1m")
        }
        return timeout
    }
}
