import ArgumentParser
import Exchange
import Foundation
import MeshAPI
import RPC

/// `weft breakers [DESTINATION]`: a table, once or as it changes.
struct ShowBreakersCommand: WaitingCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show each endpoint with its breaker, its load and its connection.",
        discussion: """
            STATE is what the endpoint's recent calls say: closed (calls go there), open (they do not, until NEXT PROBE), \
            probing (a few do). MODE is who decides: enforce, shadow, or an operator that forced it, with the time that is \
            left. A breaker is spared when too many endpoints of its destination are left alone already: it is open, and \
            calls go there. FAULTS are those in a row; SUCCESS is of the last ten seconds.
            """)

    @Argument(help: "Only the endpoints of this service.")
    var destination: String?

    @Flag(name: [.short, .long], help: "Go on showing them, as they change.")
    var watch = false

    @Flag(help: "One JSON object a line instead of a table.")
    var json = false

    @OptionGroup var members: AdminOptions

    func run() async throws {
        let members = try await members.open(timeout: .seconds(10))
        let board = BreakerBoard(members.map(\.name), watches: watch, isJSON: json)
        await withTaskGroup(of: Void.self) { group in
            for (place, member) in members.enumerated() {
                group.addTask { await follow(member, at: place, on: board) }
            }
        }
        try await board.finish()
    }

    private func follow(_ member: AdminMember, at place: Int, on board: BreakerBoard) async {
        var request = WeftAdminV1.WatchBreakersRequest()
        request.destination = destination ?? ""
        var options = CallOptions()
        if !watch { options.timeout = .seconds(10) }
        do {
            try await member.client.watchBreakers(request, options: options) { responses in
                for try await response in responses {
                    await board.take(response.breakers, of: place)
                    if !watch { return }
                }
            }
        } catch let error as RPCError {
            await board.lose(place, because: "\(error.code.name): \(error.message)")
        } catch {
            await board.lose(place, because: "\(error)")
        }
    }
}

/// What all members told last, shown when each has told once, and after each change from then on.
actor BreakerBoard {
    private var all: [MemberBreakers]
    private var heard: Set<Int> = []
    private let watches: Bool
    private let isJSON: Bool
    private let isTerminal = isatty(STDOUT_FILENO) == 1
    private var drawnLines = 0

    init(_ names: [String], watches: Bool, isJSON: Bool) {
        all = names.map { MemberBreakers(member: $0, breakers: []) }
        self.watches = watches
        self.isJSON = isJSON
    }

    func take(_ breakers: [WeftAdminV1.Breaker], of place: Int) {
        all[place].breakers = breakers
        all[place].fault = nil
        heard.insert(place)
        if watches { show(changed: place) }
    }

    func lose(_ place: Int, because fault: String) {
        all[place].fault = fault
        heard.insert(place)
        if watches { show(changed: place) }
    }

    /// Without `--watch` everything is shown once, at the end; a member that did not tell is a failure.
    func finish() throws {
        if !watches { write(isJSON ? try BreakerTable.json(all) : BreakerTable.lines(all)) }
        let silent = all.filter { $0.fault != nil }
        guard silent.isEmpty else {
            throw Fault.failed(
                "\(silent.count) of \(all.count) members did not tell: "
                    + silent.map { "\($0.member): \($0.fault ?? "")" }.joined(separator: "; "))
        }
    }

    private func show(changed place: Int) {
        if isJSON { return write((try? BreakerTable.json([all[place]])) ?? []) }
        guard heard.count == all.count else { return }
        let lines = BreakerTable.lines(all)
        let over = isTerminal && drawnLines > 0 ? "\u{1b}[\(drawnLines)A\u{1b}[J" : ""
        drawnLines = lines.count
        Terminal.write(over + lines.joined(separator: "\n") + (isTerminal ? "\n" : "\n\n"))
    }

    private func write(_ lines: [String]) {
        Terminal.write(lines.map { $0 + "\n" }.joined())
    }
}
