import MeshAPI
import Membership
import RPC
import Reactor
import ServiceKit
import Timebase
import Transport

/// Who applies policies in a simulated mesh: a member like `weft apply`, over the wire.
final class Operator: @unchecked Sendable {  // touched on its loop alone
    static let service = "operator"

    private let membership: Membership
    private let loop: Loop
    private let chronicle: Chronicle
    private let pause: Duration = .seconds(1)
    private(set) var isMember = false

    init(_ context: ProcessContext, control: String, token: String, _ chronicle: Chronicle) throws {
        let roots = try Certificate.all(inPEM: try context.files.readText("roots.pem"))
        loop = context.loop
        self.chronicle = chronicle
        membership = Membership(
            MemberConfig(
                service: Operator.service, instance: "operator-1", control: try SocketAddress.parse(control),
                trustDomain: MeshTown.trustDomain, namespace: MeshTown.namespace, roots: roots,
                joinToken: { token }),
            identity: IdentityBox(), loop: loop, log: context.log, network: context.network)
        context.onDrain("membership") { [membership] done in
            membership.memberPool.drain()
            done()
        }
        context.runUntilDrain("identity") { [self] in
            do {
                try await membership.join()
                isMember = true
                try await membership.keepIdentity()
            } catch {
                // Cancelled: the process drains.
            }
        }
    }

    /// Tries until the control plane takes it, and says so to `done`.
    func apply(_ policy: WeftPolicyV1.MeshPolicy, _ done: @escaping @Sendable () -> Void) {
        loop.execute { [self] in
            Task.immediate(executorPreference: loop) {
                let client = WeftControlV1.ConfigurationClient(
                    Channel(membership.memberPool, destination: "weft-control", timers: loop))
                var request = WeftControlV1.ApplyRequest()
                request.policy = policy
                while true {
                    do {
                        let applied = try await client.apply(request, options: CallOptions(timeout: .seconds(5)))
                        chronicle.add("operator", "applied the policies \(applied.hash)")
                        return done()
                    } catch let error as RPCError where error.code == .invalidArgument {
                        chronicle.add("operator", "the policies were refused: \(error.message)")
                        return
                    } catch {
                        try await loop.sleep(for: pause)
                    }
                }
            }
        }
    }
}
