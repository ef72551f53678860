import ArgumentParser
import Foundation
import Glibc
import MeshAPI
import PrivateCluster
import RPC
import Reactor

/// One run of `weft up`: makes folders, secrets and the database, then lets the supervisor work until a signal.
final class UpSession: @unchecked Sendable {  // after `run` begins the loop, touched on it alone
    private let mesh: MeshFile
    private let showsPlanOnly: Bool
    private var table = LiveTable()
    private var cluster: PrivateCluster?
    private var isGreeted = false
    private var probe: PageProbe?
    private var exitCode: Int32 = 0
    private var lastShown: [String] = []
    private var policies = PolicyStep.waiting
    private var whenApplied: (String?) -> Void = { _ in }

    /// The policies of the file are applied as soon as there is a control plane.
    private enum PolicyStep {
        case waiting, underWay, done
    }

    /// The table is drawn anew so often at the most.
    private static let drawInterval = Duration.milliseconds(500)

    init(mesh: MeshFile, showsPlanOnly: Bool) {
        self.mesh = mesh
        self.showsPlanOnly = showsPlanOnly
    }

    func run() throws {
        let state = absolute(mesh.stateFolder)
        // Others may pass through, not look: as root, Postgres runs as its own user and must reach its folder.
        try make(state, mode: 0o711)
        for folder in ["run", "logs", "control"] {
            try make("\(state)/\(folder)", mode: 0o700)
        }
        let tokens = try writeTokens(state)
        let plan = UpPlan(
            mesh: mesh, state: state, programFolder: Self.programFolder,
            databaseURL: try databases(state), token: { tokens[$0] ?? "" })
        for (index, member) in plan.members.enumerated() {
            try write(plan.sidecarConfig(index, member), to: plan.sidecarFile(member.instance), mode: 0o600)
        }
        if showsPlanOnly {
            let children = plan.specs().map(Supervisor.Child.init)
            print(LiveTable.lines(children, now: SystemClock.now).joined(separator: "\n"))
            cluster?.stop()
            return
        }
        try write(plan.description, to: "\(state)/mesh.json", mode: 0o644)
        try serve(plan, logs: "\(state)/logs")
    }

    private func serve(_ plan: UpPlan, logs: String) throws {
        let signals: [Int32] = [SIGINT, SIGTERM, SIGCHLD]
        SignalSource.block(signals)
        let loop = try Loop(name: "up")
        let supervisor = Supervisor(plan.specs(), loop: loop, logFolder: logs)
        supervisor.changed = { [unowned self] in changed(supervisor, plan) }
        supervisor.gaveUp = { [unowned self] child, log in gaveUp(supervisor, child, log) }
        let source = try SignalSource(signals, on: loop) { [unowned self] number in
            if number == SIGCHLD { return supervisor.reap() }
            stop(supervisor)
        }
        loop.execute { supervisor.advance() }
        loop.run()
        withExtendedLifetime(source) {}
        cluster?.stop()
        if exitCode != 0 { throw ExitCode(exitCode) }
    }

    private func changed(_ supervisor: Supervisor, _ plan: UpPlan) {
        table.show(supervisor.children, now: supervisor.loop.now)
        applyPolicies(supervisor, plan)
        guard supervisor.isAllReady, !isGreeted, probe == nil, case .done = policies else { return }
        // Every process runs; the mesh is up when the edge knows every instance.
        probe = PageProbe(address: plan.mesh.edgeListen, path: "/services/status", loop: supervisor.loop) {
            [unowned self] status, body in
            probe = nil
            let known = body.components(separatedBy: "\"instance\"").count - 1
            if status == 200, known >= plan.mesh.services.map(\.replicas).reduce(0, +) { return greet(plan) }
            _ = supervisor.loop.schedule(after: .milliseconds(100)) { [unowned self] in changed(supervisor, plan) }
        }
    }

    private func applyPolicies(_ supervisor: Supervisor, _ plan: UpPlan) {
        guard case .waiting = policies else { return }
        guard let policy = mesh.policies else { return policies = .done }
        let isControlReady = supervisor.children.contains { child in
            guard child.spec.name == "control", case .ready = child.life.state else { return false }
            return true
        }
        guard isControlReady else { return }
        policies = .underWay
        whenApplied = { [unowned self] failure in applied(failure, supervisor, plan) }
        let state = plan.state
        let loop = supervisor.loop
        Task {
            let failure = await Self.apply(policy, in: state)
            loop.execute { self.whenApplied(failure) }
        }
    }

    /// Answers why it could not be done.
    private static func apply(_ policy: WeftPolicyV1.MeshPolicy, in state: String) async -> String? {
        do {
            let control = try await ControlOptions.parse(["--state", state]).open(timeout: .seconds(10))
            var request = WeftControlV1.ApplyRequest()
            request.policy = policy
            _ = try await WeftControlV1.ConfigurationClient(control).apply(
                request, options: CallOptions(timeout: .seconds(10)))
            return nil
        } catch {
            return "\(error)"
        }
    }

    private func applied(_ failure: String?, _ supervisor: Supervisor, _ plan: UpPlan) {
        policies = .done
        guard let failure else { return changed(supervisor, plan) }
        table.keep()
        FileHandle.standardError.write(Data("weft: the policies of the mesh could not be applied: \(failure)\n".utf8))
        exitCode = 1
        stop(supervisor)
    }

    private func greet(_ plan: UpPlan) {
        isGreeted = true
        table.keep()
        Terminal.write(plan.greeting(databasePID: cluster?.processID, databaseLog: cluster?.logFile) + "\n")
    }

    private func gaveUp(_ supervisor: Supervisor, _ child: Supervisor.Child, _ log: String) {
        table.keep()
        let tail = (try? String(contentsOfFile: log, encoding: .utf8))?.split(separator: "\n").suffix(5) ?? []
        let text =
            "weft: \(child.spec.name) does not come up (\(child.lastEnd ?? "?")); the end of \(log):\n"
            + tail.map { "  \($0)" }.joined(separator: "\n") + "\n"
        FileHandle.standardError.write(Data(text.utf8))
        exitCode = 1
        stop(supervisor)
    }

    private func stop(_ supervisor: Supervisor) {
        guard !supervisor.isStopping else { return }
        table.keep()
        Terminal.write("\nstopping ...\n")
        supervisor.stop { supervisor.loop.stop() }
    }

    // MARK: What the processes find at their start

    private func databases(_ state: String) throws -> (String) -> String {
        let names = mesh.services.compactMap(\.database)
        if let url = ProcessInfo.processInfo.environment["DATABASE_URL"], !url.isEmpty {
            return { name in Self.url(url, database: name) }
        }
        guard !names.isEmpty else { return { _ in "" } }
        do {
            Terminal.write("starting a private Postgres in \(state)/postgres ...\n")
            let cluster = try PrivateCluster.start(.init(folder: "\(state)/postgres"))
            self.cluster = cluster
            for name in Set(names) { try cluster.createDatabase(name) }
            return { cluster.address(of: $0) }
        } catch {
            throw Fault.failed(
                """
                no database: \(error.message)
                  install postgresql, or set DATABASE_URL to a server of yours; as root, Postgres runs as the user
                  postgres, who must be able to pass through every folder above \(state)
                """)
        }
    }

    /// The same server, another database: `postgres://user@host/anything` becomes `postgres://user@host/course`.
    static func url(_ text: String, database: String) -> String {
        guard var parts = URLComponents(string: text) else { return text }
        parts.path = "/" + database
        return parts.string ?? text
    }

    private func writeTokens(_ state: String) throws -> [String: String] {
        var tokens: [String: String] = [:]
        for service in ["edge", "weft-cli", "operator"] + mesh.services.map(\.name) {
            tokens[service] = Entropy.bytes(24).map { String(format: "%02x", $0) }.joined()
        }
        let text = tokens.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)\n" }.joined()
        try write(text, to: "\(state)/join-tokens", mode: 0o600)
        return tokens
    }

    private func make(_ folder: String, mode: Int) throws {
        do {
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: mode])
        } catch {
            throw Fault.failed("cannot make the folder \(folder): \((error as NSError).localizedDescription)")
        }
    }

    private func write(_ text: String, to path: String, mode: Int) throws {
        guard
            FileManager.default.createFile(
                atPath: path, contents: Data(text.utf8), attributes: [.posixPermissions: mode])
        else { throw Fault.failed("cannot write \(path)") }
    }

    private func absolute(_ path: String) -> String {
        path.hasPrefix("/") ? path : FileManager.default.currentDirectoryPath + "/" + path
    }

    private static var programFolder: String {
        let path =
            (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? CommandLine.arguments[0]
        return (path as NSString).deletingLastPathComponent
    }
}
