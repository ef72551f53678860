import ArgumentParser
import Descriptors
import Foundation
import MeshAPI
import ProtoWire
import RPC
import Timebase

/// `weft why`: what every process of the mesh knows of one request that failed, as one story.
struct WhyCommand: WaitingCommand {
    static let configuration = CommandConfiguration(
        commandName: "why", abstract: "Tell why a request failed: what each process says of it, in order of time.",
        discussion: """
            ID is what a failed call or the edge's answer names: a request id (x-request-id), or a trace id.
            Processes remember their last failed calls: some hundreds, and those that were tried more than once.

            Exit codes: 0 something is known, 1 nothing is.
            """)

    @OptionGroup var members: AdminOptions

    @Argument(help: "The request's id, or its trace's.")
    var id: String

    @Flag(help: "Print weft.admin.v1.ExplainResponse as JSON, the stories of all processes together.")
    var json = false

    /// A process that does not answer is no reason to wait for the others' news.
    private static let timeout = Duration.seconds(3)

    func run() async throws {
        let asked = try await members.open(timeout: Self.timeout)
        let (stories, silent) = await Self.ask(asked, about: id)
        for (name, error) in silent {
            FileHandle.standardError.write(Data("weft: \(name) does not say: \(error)\n".utf8))
        }
        if json {
            var response = WeftAdminV1.ExplainResponse()
            response.stories = stories
            print(try response.jsonString())
        } else if stories.isEmpty {
            throw Fault.failed(
                "none of \(asked.count) processes remembers '\(id)'"
                    + "\n  it may be too old, or it has succeeded at once; look for it in the logs (request_id)")
        } else {
            print(WhyStory(of: stories).text, terminator: "")
        }
        if stories.isEmpty { throw ExitCode(1) }
    }

    /// All at once; a process that is asked twice by two addresses is told once.
    static func ask(
        _ members: [AdminMember], about id: String
    ) async -> (stories: [WeftAdminV1.Story], silent: [(String, String)]) {
        var request = WeftAdminV1.ExplainRequest()
        request.id = id
        return await withTaskGroup(
            of: (String, Result<WeftAdminV1.ExplainResponse, any Error>).self
        ) { [request] group in
            for member in members {
                group.addTask {
                    do {
                        let answer = try await member.client.explain(request, options: CallOptions(timeout: timeout))
                        return (member.name, .success(answer))
                    } catch {
                        return (member.name, .failure(error))
                    }
                }
            }
            var stories: [WeftAdminV1.Story] = []
            var silent: [(String, String)] = []
            for await (name, answer) in group {
                switch answer {
                case .success(let answer):
                    for story in answer.stories where !stories.contains(story) { stories.append(story) }
                case .failure(let error as RPCError): silent.append((name, error.description))
                case .failure(let error): silent.append((name, "\(error)"))
                }
            }
            return (WhyStory.inOrder(stories), silent.sorted { $0.0 < $1.0 })
        }
    }
}
