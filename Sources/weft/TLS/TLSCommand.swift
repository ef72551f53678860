import ArgumentParser
import MeshAPI
import RPC
import Timebase

/// `weft tls`: who the members of the mesh are to each other, and why two of them do not believe each other.
struct TLSCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tls", abstract: "Look into identities: handshakes that failed, certificates, roots.",
        subcommands: [WhyTLSCommand.self, ShowTLSCommand.self, RootsCommand.self, RotateRootCommand.self])
}

/// `weft tls why A B`: one story of the handshakes between two services, from both their sidecars.
struct WhyTLSCommand: WaitingCommand {
    static let configuration = CommandConfiguration(
        commandName: "why",
        abstract: "Say why the handshakes from one service to another fail, as both sides saw it.",
        discussion: """
            Asks the sidecars of both for their last failed handshakes and says who expected whom, what was presented, which
            check failed at which side, and what to do. If none failed it says who both are now, and what would be refused.
            Ends with 1 if a handshake failed or would fail.
            """)

    @Argument(help: "The service that calls.")
    var caller: String

    @Argument(help: "The service that is called.")
    var callee: String

    @OptionGroup var options: AdminOptions

    @Option(help: "How long each sidecar may take to answer, in seconds.")
    var timeout = 5

    func run() async throws {
        let sides = try await HandshakeSide.ask(options, timeout: .seconds(timeout))
        let story = HandshakeStory(
            caller: caller, callee: callee, callers: sides.filter { $0.isOf(caller) },
            callees: sides.filter { $0.isOf(callee) })
        print(story.text)
        if story.hasFault { throw ExitCode(1) }
    }
}

/// `weft tls show [SERVICE]`: what each member presents, whom it trusts and whom it spoke with last.
struct ShowTLSCommand: WaitingCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show what members present, whom they trust, and their last handshakes.")

    @Argument(help: "Only this service's instances, or this instance.")
    var service: String?

    @OptionGroup var options: AdminOptions

    func run() async throws {
        let sides = try await HandshakeSide.ask(options, timeout: .seconds(5))
        let shown = sides.filter { side in service.map { side.isOf($0) } ?? true }
        guard !shown.isEmpty else { throw Fault.failed("nobody in the mesh is called \(service ?? "")") }
        print(shown.map(\.text).joined(separator: "\n\n"))
    }
}

/// A member with what it knows of handshakes.
struct HandshakeSide: Sendable {
    var service: String
    var instance: String
    var known = WeftAdminV1.ListHandshakesResponse()
    /// Why the member could not be asked.
    var fault: String?

    func isOf(_ name: String) -> Bool { service == name || instance == name }

    /// Every member that there is; those that do not answer say why.
    static func ask(_ options: AdminOptions, timeout: Duration) async throws -> [HandshakeSide] {
        var sides: [HandshakeSide] = []
        for member in try await options.open(timeout: timeout) {
            sides.append(await ask(member, timeout: timeout))
        }
        return sides
    }

    private static func ask(_ member: AdminMember, timeout: Duration) async -> HandshakeSide {
        var side = HandshakeSide(service: member.service, instance: member.name)
        let options = CallOptions(timeout: timeout)
        do {
            if side.service.isEmpty {
                let status = try await member.client.getStatus(.init(), options: options)
                side.service = status.service
                if !status.instance.isEmpty { side.instance = status.instance }
            }
            side.known = try await member.client.listHandshakes(.init(), options: options)
        } catch {
            side.fault = "\(member.address) does not answer: \(error)"
        }
        return side
    }
}
