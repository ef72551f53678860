import ArgumentParser
import Exchange
import MeshAPI
import RPC
import Timebase

/// `weft breakers force`: overrules breakers at every member that calls the destination, until the time is over.
struct ForceBreakersCommand: WaitingCommand {
    static let configuration = CommandConfiguration(
        commandName: "force", abstract: "Overrule the breakers of a service's endpoints; it ends by itself.",
        discussion: """
            open: nothing goes to the endpoint. closed: everything does. shadow: the breaker counts and tells, and lets \
            everything through. off: takes an overruling back. What shall last for more than a day belongs in a policy.
            """)

    enum Word: String, ExpressibleByArgument, CaseIterable {
        case open, closed, shadow, off

        var mode: WeftPolicyV1.BreakerMode {
            switch self {
            case .open: .forcedOpen
            case .closed: .forcedClosed
            case .shadow: .shadow
            case .off: .unspecified
            }
        }
    }

    @Argument(help: "DESTINATION [ENDPOINT] open|closed|shadow|off; all endpoints of the destination without ENDPOINT.")
    var words: [String]

    @Option(name: .customLong("for"), help: "How long: 30s, 5m, 12h; at most 24h.")
    var duration: String?

    @OptionGroup var members: AdminOptions

    func run() async throws {
        let request = try request()
        let members = try await members.open(timeout: .seconds(10))
        var forced = 0
        var without: [String] = []
        for member in members {
            do {
                let response = try await member.client.forceBreaker(
                    request, options: CallOptions(timeout: .seconds(10)))
                forced += Int(response.breakers)
                print("\(member.name): \(response.breakers) of \(request.destination)")
            } catch let error as RPCError where error.code == .notFound && members.count > 1 {
                // Not every member calls every service, nor knows every endpoint yet.
                without.append(member.name)
            } catch let error as RPCError {
                throw Fault.call("\(member.name): \(error.code.name): \(error.message)", code: error.code.rawValue)
            }
        }
        guard forced > 0 else {
            let what = request.endpoint.isEmpty ? request.destination : "\(request.destination) at \(request.endpoint)"
            throw Fault.failed("no member has a breaker for \(what) (asked: \(without.joined(separator: ", ")))")
        }
    }

    private func request() throws -> WeftAdminV1.ForceBreakerRequest {
        guard (2...3).contains(words.count) else {
            throw Fault.usage("say DESTINATION [ENDPOINT] and one of open, closed, shadow and off")
        }
        guard let word = Word(rawValue: words[words.count - 1]) else {
            throw Fault.usage("'\(words[words.count - 1])' is none of open, closed, shadow and off")
        }
        var request = WeftAdminV1.ForceBreakerRequest()
        request.destination = words[0]
        request.endpoint = words.count == 3 ? words[1] : ""
        request.mode = word.mode
        if word == .off { return request }
        guard let duration else { throw Fault.usage("say with --for how long: --for 5m") }
        guard let time = Duration(text: duration), time > .zero, time <= .seconds(86_400) else {
            throw Fault.usage("--for: '\(duration)' is not a duration up to 24h, such as 30s, 5m or 12h")
        }
        request.forMs = time.clampedNanoseconds / 1_000_000
        return request
    }
}
