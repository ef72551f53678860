import ArgumentParser
import Exchange
import MeshAPI
import RPC
import Reactor
import Transport

/// As whom the control plane is asked: roots are the business of members, and their rotation that of operators.
struct RootsOptions: ParsableArguments, Sendable {
    @Option(
        help: "The state folder of the running mesh, which says where its control plane is and has the join tokens.")
    var state = ".weft"

    @Option(name: .customLong("as"), help: "The member that asks: one of the control plane's --operators.")
    var member = "operator"

    private static let joinTimeout = Duration.seconds(5)

    /// Joins the mesh, and answers how to ask its control plane.
    func client() async throws -> WeftControlV1.RootsClient {
        let mesh = try RunningMesh.load(state)
        let loop = try Loop.start(name: "roots")
        let channel = try await MemberSource.control(as: member, in: mesh, loop: loop, timeout: Self.joinTimeout)
        return WeftControlV1.RootsClient(channel)
    }

    static func show(_ roots: [WeftControlV1.Root]) {
        for root in roots {
            print("\(root.fingerprint.prefix(16))  \(root.subject)\(root.isSigning ? "  (signs)" : "")")
            print("    valid \(HandshakeStory.time(root.notBefore)) to \(HandshakeStory.time(root.notAfter))")
            if !root.holders.isEmpty {
                let end = HandshakeStory.time(root.lastLeafEnds)
                print("    certificates of it: \(root.holders.joined(separator: ", ")); the last ends at \(end)")
            }
            if !root.untold.isEmpty { print("    not trusted yet by: \(root.untold.joined(separator: ", "))") }
        }
    }

    /// Makes a refusal a message and an exit code.
    static func call<Reply>(_ body: () async throws -> Reply) async throws -> Reply {
        do {
            return try await body()
        } catch let error as RPCError where error.code == .failedPrecondition {
            throw Fault.failed("refused: \(error.message)")
        } catch let error as RPCError {
            throw Fault.call("the control plane says \(error.code): \(error.message)", code: error.code.rawValue)
        }
    }
}

/// `weft tls roots`: whom the mesh trusts, and how far a rotation is.
struct RootsCommand: WaitingCommand {
    static let configuration = CommandConfiguration(
        commandName: "roots", abstract: "Show the roots of the mesh, who holds certificates of each, who trusts it.")

    @OptionGroup var options: RootsOptions

    func run() async throws {
        let client = try await options.client()
        let reply = try await RootsOptions.call { try await client.listRoots(.init()) }
        RootsOptions.show(reply.roots)
    }
}

/// `weft tls rotate-root STEP`: the three steps by which the mesh gets a new root without a failed handshake.
struct RotateRootCommand: WaitingCommand {
    enum Step: String, ExpressibleByArgument, CaseIterable {
        case add, use, drop
    }

    static let configuration = CommandConfiguration(
        commandName: "rotate-root",
        abstract: "Take a step of a root's rotation: add, use, drop.",
        discussion: """
            add   everybody is told to trust a new root; nobody is signed by it yet
            use   certificates are signed by it from now on; refused while an instance does not trust it
            drop  nobody trusts the old one any more; refused while an instance holds a certificate of it
            Between the steps nothing is urgent: 'weft tls roots' shows who is waited for.
            """)

    @Argument(help: "add, use or drop.")
    var step: Step

    @Argument(help: "The beginning of the root's fingerprint; the one that does not sign, if there is one alone.")
    var root = ""

    @Option(help: "With add: a root that was made elsewhere, as a file at the control plane (PEM); with --key.")
    var certificate = ""

    @Option(help: "With add: its key (PEM).")
    var key = ""

    @Flag(help: "Take the step although members will be cut off: for a root whose key was stolen.")
    var force = false

    @OptionGroup var options: RootsOptions

    func run() async throws {
        let client = try await options.client()
        let roots = try await RootsOptions.call { try await take(client) }
        RootsOptions.show(roots)
    }

    private func take(_ client: WeftControlV1.RootsClient) async throws -> [WeftControlV1.Root] {
        switch step {
        case .add:
            var request = WeftControlV1.AddRootRequest()
            request.certificateFile = certificate
            request.keyFile = key
            return try await client.addRoot(request).roots
        case .use:
            var request = WeftControlV1.UseRootRequest()
            request.fingerprint = root
            request.force = force
            return try await client.useRoot(request).roots
        case .drop:
            var request = WeftControlV1.DropRootRequest()
            request.fingerprint = root
            request.force = force
            return try await client.dropRoot(request).roots
        }
    }
}
