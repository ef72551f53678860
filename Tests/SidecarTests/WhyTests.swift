import Bytes
import Exchange
import Foundation
import MeshAPI
import Policy
import ProtoWire
import RPC
import Reactor
import Resilience
import ServiceKit
@testable import Sidecar
import Testing
import Timebase
import Transport

/// Every reason is told in five places: trailer, access log, metric, span, and the story behind its request's id.
@Suite(.timeLimit(.minutes(3))) struct WhyTests {
    let town: Town

    init() throws { town = try Town(traces: true) }

    // MARK: The table

    /// Every phase and cause that Weft makes. The guide is what people read, so that a reason without a row in it fails here.
    @Test func `each failure that the sources make has a row in the guide`() throws {
        let made = try FailuresInSource.all()
        #expect(made.count > 30)
        for (phase, cause, file) in made {
            if let phase {
                #expect(ReasonGuide.of(phase, cause) != nil, "\(ReasonGuide.name(phase, cause)), made in \(file)")
            } else {
                #expect(ReasonGuide.all.contains { $0.cause == cause }, "\(cause.rawValue), made in \(file)")
            }
        }
        for cause in Failure.Cause.allCases {
            #expect(ReasonGuide.all.contains { $0.cause == cause }, "no row for \(cause.rawValue)")
        }
        for phase in Failure.Phase.allCases {
            #expect(ReasonGuide.all.contains { $0.phases.contains(phase) }, "no row for \(phase.rawValue)")
        }
        let names = ReasonGuide.all.flatMap(\.names)
        #expect(Set(names).count == names.count)
    }

    /// The layers of a sidecar with a failure put where any layer may refuse: what is under test is the telling.
    @Test func `each reason is told in all five places`() async throws {
        let out = try await town.outbound([town.inbound("course", app: Town.anyPort)])
        let injector = try await town.on { [town] in try Injector(out.sidecar, on: town.loop) }
        let client = town.client(of: injector.address)
        for guide in ReasonGuide.all {
            for phase in guide.phases {
                let name = ReasonGuide.name(phase, guide.cause)
                injector.fail(Failure(phase, guide.cause, subject: "s", detail: "told on purpose"))
                let id = "walk-\(name)"
                let reply = await client.call("/p.S/Walk", ["x-request-id": id])
                #expect(reply.status == String(guide.code.rawValue), "\(name)")
                try await check(reply, id: id, reason: "\(name)[s]", at: out.sidecar, by: "web-out/outbound")
            }
        }
    }

    // MARK: By real provocation

    @Test(arguments: Provocation.all) func `provoked`(_ provocation: Provocation) async throws {
        let scene = try await provocation.play(town)
        try await check(
            scene.reply, id: scene.id, reason: provocation.reason, at: scene.sidecar, by: provocation.reporter)
        let why = try #require(Why(in: scene.reply.trailers ?? scene.reply.head ?? [:]))
        if provocation.reason.hasPrefix("LIMIT.bulkhead_full") {
            #expect(why.state?.bulkhead == StackState.Occupancy(inFlight: 1, waiting: 0, limit: 1))
        }
        if provocation.reason.hasPrefix("PICK.no_endpoints") {
            #expect(why.state?.endpoints == 0 && why.state?.budgetLeft ?? 0 > 0)
        }
        if provocation.reason.hasPrefix("RETRY.") {
            #expect(
                why.attempts.count == 3
                    && why.attempts.allSatisfy { $0.breaker.hasPrefix("closed") && !$0.endpoint.isEmpty })
        }
        // What the callee's sidecar found, both tell alike.
        if let inner = scene.inner, provocation.reporter.hasPrefix(inner.config.instance) {
            try await check(
                scene.reply, id: scene.id, reason: provocation.reason, at: inner, by: provocation.reporter)
        }
    }

    /// The five places. `reason` may leave the subject out.
    private func check(
        _ reply: Client.Reply, id: String, reason: String, at sidecar: Sidecar, by reporter: String
    ) async throws {
        let name = String(reason.prefix { $0 != "[" })
        // 1: the trailer.
        let why = try #require(Why(in: reply.trailers ?? reply.head ?? [:]), "no trailer for \(reason)")
        let isMeant = why.reason == reason || why.reason.hasPrefix(reason + "[")
        #expect(isMeant && why.requestID == id && why.reporter == reporter)
        #expect(why.traceID.utf8.count == 32)
        // 2: the access log of this sidecar; a storm is not told line by line.
        let instance = sidecar.config.instance
        let isTold = town.log.contains("\(instance): call failed", "reason=\(reason)", "request_id=\(id)")
        let isSuppressed = try await text(of: sidecar, "weft_access_log_suppressed_total").contains {
            !$0.hasSuffix(" 0")
        }
        #expect(isTold || isSuppressed, "\(reason) is not in the log of \(instance)")
        // 3: the metric.
        let counted = try await text(of: sidecar, "weft_calls_total{").contains { $0.contains("reason=\"\(name)\"") }
        #expect(counted, "\(reason) is not counted at \(instance)")
        // 4: the story that `weft why` asks for.
        let stories = try await town.on { sidecar.stories.find(id) }
        let story = try #require(stories.first, "\(reason) has no story at \(instance)")
        #expect(story.why?.phase == why.phase && story.why?.cause == why.cause && story.why?.reporter == reporter)
        #expect(story.traceId == why.traceID && story.teller.hasPrefix(instance))
        let byTrace = try await town.on { sidecar.stories.find(why.traceID) }
        #expect(byTrace == stories)
        // 5: the span.
        let collector = try #require(town.collector)
        try await town.eventually("a span of \(reason) at \(instance)") {
            !collector.spans { span in
                span.text("weft.request_id") == id && span.text("weft.reason") == name
                    && span.text("weft.reporter") == reporter
            }.isEmpty
        }
    }

    private func text(of sidecar: Sidecar, _ prefix: String) async throws -> [String] {
        try await town.on { sidecar.context.metrics.prometheusText }.split(separator: "\n").map(String.init)
            .filter { $0.hasPrefix(prefix) }
    }
}

/// Refuses calls as a layer of a sidecar's stack would, through that sidecar's own telemetry.
private final class Injector: Acceptor, @unchecked Sendable {  // touched on its loop alone
    private let sidecar: Sidecar
    private let environment: CallDriver.Environment
    private let method = MethodEntry(service: "course", fullName: "p.S/Walk")
    private let loop: Loop
    private var failure = Failure(.route, .noRoute)
    private var listener: Listener?

    init(_ sidecar: Sidecar, on loop: Loop) throws {
        self.sidecar = sidecar
        self.loop = loop
        environment = CallDriver.Environment(timers: loop, dialect: GRPCDialect(reporter: "web-out/outbound"))
        listener = try Listener.listen(on: Town.anyPort, loop: loop, security: .plaintext, acceptor: self)
    }

    var address: SocketAddress { listener?.localAddress ?? Town.anyPort }

    func fail(_ failure: Failure) {
        loop.execute { [self] in self.failure = failure }
    }

    func accept(
        _ head: consuming Fields, end: Bool, from peer: Peer, on stream: any ExchangeStream
    ) -> any ExchangeHandler {
        let call = CallHead(method: method, caller: "web", startedAt: loop.now, request: head)
        let driver = CallDriver(
            call, through: sidecar.outboundTelemetry.refusal(failure), end: end, from: stream, in: environment)
        driver.start()
        return driver
    }
}

/// The failures that the sources name, by reading them.
private enum FailuresInSource {
    static func all() throws -> [(phase: Failure.Phase?, cause: Failure.Cause, file: String)] {
        let top = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let phases = Dictionary(uniqueKeysWithValues: Failure.Phase.allCases.map { ("\($0)", $0) })
        let causes = Dictionary(uniqueKeysWithValues: Failure.Cause.allCases.map { ("\($0)", $0) })
        var found: [(Failure.Phase?, Failure.Cause, String)] = []
        let pattern = /Failure\(\s*(\.?[a-z][\w.]*),\s*\.(\w+)/
        for folder in ["Sources", "sidecar"] {
            let files = FileManager.default.enumerator(
                at: top.appending(path: folder).resolvingSymlinksInPath(), includingPropertiesForKeys: nil)
            while let file = files?.nextObject() as? URL {
                guard file.pathExtension == "swift" else { continue }
                let text = try String(contentsOf: file, encoding: .utf8)
                for match in text.matches(of: pattern) {
                    guard let cause = causes[String(match.2)] else { continue }
                    let phase = match.1.first == "." ? phases[String(match.1.dropFirst())] : nil
                    found.append((phase, cause, file.lastPathComponent))
                }
            }
        }
        return found
    }
}

/// The article has the whole table; `UPDATE=1` writes it.
@Suite struct WhyArticleTests {
    @Test func `the article tells every reason`() throws {
        let path = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "sidecar/Sidecar/Sidecar.docc/WhyACallFailed.md")
        let text = try String(contentsOf: path, encoding: .utf8)
        let head = try #require(text.range(of: "|---|---|---|---|---|---|\n"))
        let rows = ReasonGuide.all.map { guide in
            let names = guide.names.map { "`\($0)`" }.joined(separator: " ")
            let flags = guide.phases.map { Failure($0, guide.cause).envoyFlag }.filter { !$0.isEmpty }
            let known = Array(Set(flags)).sorted().joined(separator: " ")
            let advice = guide.advice.replacingOccurrences(of: "{}", with: "the peer")
            return "| \(names) | \(guide.meaning) | \(guide.code.name) | \(guide.maker) | \(known) | \(advice) |\n"
        }
        let whole = text[..<head.upperBound] + rows.joined()
        if ProcessInfo.processInfo.environment["UPDATE"] == "1" {
            try whole.write(to: path, atomically: true, encoding: .utf8)
        } else {
            #expect(text == whole, "UPDATE=1 writes the table anew")
        }
    }
}
