import HTTP2
import Testing

/// Which engine each side of a test uses.
struct Engines: Sendable, CustomStringConvertible {
    var client: HTTP2Session.EngineKind
    var server: HTTP2Session.EngineKind

    /// What the test that runs shall use.
    @TaskLocal static var current = Engines(client: .native, server: .native)

    /// Every engine with itself and with every other.
    static let all = HTTP2Session.EngineKind.allCases.flatMap { client in
        HTTP2Session.EngineKind.allCases.map { Engines(client: client, server: $0) }
    }

    var description: String { "client \(client.rawValue), server \(server.rawValue)" }

    subscript(role: HTTP2Session.Role) -> HTTP2Session.EngineKind { role == .client ? client : server }
}

/// Runs each test of a suite once for every pair of engines, and names the pair in what fails.
struct OnEveryEngine: SuiteTrait, TestTrait, TestScoping {
    let isRecursive = true

    func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
    ) async throws {
        for engines in Engines.all {
            let naming = IssueHandlingTrait.compactMapIssues { issue in
                var issue = issue
                issue.comments.append("\(engines)")
                return issue
            }
            try await naming.provideScope(for: test, testCase: testCase) {
                try await Engines.$current.withValue(engines) { try await function() }
            }
        }
    }
}

extension Trait where Self == OnEveryEngine {
    static var onEveryEngine: Self { OnEveryEngine() }
}

/// A session of the engine that the running test is about.
func makeSession(
    _ role: HTTP2Session.Role, settings: HTTP2Settings = HTTP2Settings(), limits: HTTP2Limits = HTTP2Limits()
) -> HTTP2Session {
    HTTP2Session(role: role, settings: settings, limits: limits, engine: Engines.current[role])
}
