import ArgumentParser
import Foundation
import MeshAPI
import RPC
import Timebase

/// `weft tap`: calls as they happen, decoded by their contracts.
struct TapCommand: WaitingCommand {
    static let configuration = CommandConfiguration(
        commandName: "tap", abstract: "Show calls as they happen, with their messages decoded by their contracts.",
        discussion: """
            Calls are shown where they come in; with --outgoing where they go out, which shows those too that never \
            arrived. Fields that a contract marks debug_redact are shown as [REDACTED]; metadata that may be a secret \
            (authorization, cookie, tokens, binary metadata) never leaves the sidecar. Nothing is recorded, and calls do \
            not wait for whoever looks: what comes faster than it is read is left out, and said.

            It ends after --most calls, or by Ctrl-C.
            """)

    @Option(help: "Only calls to this service.")
    var to: String?

    @Option(help: "Only calls of this caller: a service, a SPIFFE id, or what begins so (prod-*).")
    var from: [String] = []

    @Option(
        name: .shortAndLong, help: "Only this method (learn.v1.Courses/Get), or all of a service (learn.v1.Courses/*).")
    var method: [String] = []

    @Option(name: .shortAndLong, help: "Only calls that end so: a code of gRPC by name or number; repeat for more.")
    var code: [String] = []

    @Flag(help: "Show metadata and messages.")
    var messages = false

    @Flag(help: "Look at calls where they leave their callers.")
    var outgoing = false

    @Flag(help: "One JSON object a line.")
    var json = false

    @Option(help: "End after so many calls of a member; 100 if unsaid.")
    var most = 100

    @Option(help: "Read contracts from this .proto file instead of from the mesh; repeat for more.")
    var proto: [String] = []

    @Option(
        name: [.customShort("I"), .customLong("import-path")], help: "Where imports of --proto files are looked for.")
    var importPaths: [String] = ["proto", "."]

    @OptionGroup var members: AdminOptions

    /// As much as a sidecar gives of a message.
    private static let messageBytes: UInt32 = 64 << 10

    func run() async throws {
        let request = try request()
        let index = messages ? try await contracts() : nil
        var asked = try await members.open(timeout: .seconds(10))
        if let to, !outgoing {
            // Where they come in is known: the others need not be asked. Of --admin the service is not known.
            asked = asked.filter { $0.service.isEmpty || $0.service == to }
            guard !asked.isEmpty else { throw Fault.failed("no instance of '\(to)' has an admin listener") }
        }
        let board = TapBoard(TapPrinter(try TapDecoder(index), isJSON: json, showsMessages: messages))
        let failures = await withTaskGroup(of: String?.self) { [asked] group in
            for member in asked { group.addTask { await follow(member, request, board) } }
            return await group.reduce(into: []) { if let failure = $1 { $0.append(failure) } }
        }
        for failure in failures { FileHandle.standardError.write(Data("weft: \(failure)\n".utf8)) }
        if failures.count == asked.count { throw ExitCode(1) }
    }

    /// Answers why it could not look; nil if it could.
    private func follow(
        _ member: AdminMember, _ request: WeftAdminV1.TapRequest, _ board: TapBoard
    ) async -> String? {
        do {
            try await member.client.tap(request) { events in
                for try await event in events { await board.show(event, of: member.name) }
            }
            return nil
        } catch let error as RPCError {
            return "\(member.name): \(error.code.name): \(error.message)"
        } catch {
            return "\(member.name): \(error)"
        }
    }

    private func request() throws -> WeftAdminV1.TapRequest {
        guard most > 0, let calls = UInt32(exactly: most) else {
            throw Fault.usage("--most: \(most) is no number of calls")
        }
        var request = WeftAdminV1.TapRequest()
        request.match = WeftPolicyV1.Match()
        request.match?.callers = from
        request.match?.methods = method
        request.callee = to ?? ""
        request.direction = outgoing ? "outbound" : "inbound"
        request.codes = try code.map(Self.code)
        request.mostMessageBytes = messages ? Self.messageBytes : 0
        request.mostCalls = calls
        return request
    }

    static func code(_ text: String) throws -> UInt32 {
        if let number = UInt32(text), number <= 16 { return number }
        let name = text.uppercased()
        for number in 0...16 where StatusCode(rawValue: number)?.name == name { return UInt32(number) }
        throw Fault.usage("--code: '\(text)' is no code of gRPC, such as UNAVAILABLE or 14")
    }

    private func contracts() async throws -> ContractIndex? {
        if !proto.isEmpty { return ContractIndex(try ProtoFiles.compile(proto, importPaths: importPaths)) }
        // A sidecar that stands alone has no mesh that could say; its calls are shown all the same.
        guard members.admin.isEmpty || FileManager.default.fileExists(atPath: "\(members.state)/mesh.json") else {
            return nil
        }
        var options = try SourceOptions.parse([])
        options.state = members.state
        return try await ContractSource.open(options, needsServer: false).index
    }
}

/// Brings what all members tell into one order, and numbers their calls.
private actor TapBoard {
    private var printer: TapPrinter
    private var numbers: [String: Int] = [:]
    private var last = 0

    init(_ printer: TapPrinter) {
        self.printer = printer
    }

    func show(_ event: WeftAdminV1.TapResponse, of member: String) {
        let key = "\(member) \(event.call)"
        let number = numbers[key] ?? last + 1
        if numbers[key] == nil, event.call > 0 {
            last = number
            numbers[key] = number
        }
        for line in printer.lines(of: event, number: event.call > 0 ? number : 0, member: member) { print(line) }
        if case .end = event.event { numbers[key] = nil }
        // Whoever reads it through a pipe waits for it too.
        fflush(nil)
    }
}
