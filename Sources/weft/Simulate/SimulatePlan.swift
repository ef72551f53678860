import Foundation
import MeshAPI
import MeshSimulation
import Timebase

/// What `weft simulate` was asked for, checked.
struct SimulatePlan {
    let mesh: MeshFile
    let file: String
    let spread: Duration
    let callsPerSecond: Int
    let seed: UInt64
    let failing: [String: Double]
    let slow: [String: Duration]
    let kills: [MeshForecast.Kill]
    private let town: Town

    private static let longest: Duration = .seconds(600)
    /// Ten minutes of them take a minute of real time or two.
    private static let mostCalls = 200_000

    init(_ command: SimulateCommand) throws {
        (mesh, file) = try SimulatePlan.mesh(command.file)
        spread = try WaitTime.parse(command.spread, "--for")
        guard spread <= SimulatePlan.longest else {
            throw Fault.usage("--for: 10m is the longest, not \(command.spread)")
        }
        guard command.rps > 0, Double(command.rps) * spread.inSeconds <= Double(SimulatePlan.mostCalls) else {
            throw Fault.usage("--rps: from 1 to \(SimulatePlan.mostCalls) calls in all, not \(command.rps) a second")
        }
        callsPerSecond = command.rps
        seed = command.seed
        let names = SimulatedNames(mesh)
        var failing: [String: Double] = [:]
        for text in command.fail {
            let (name, value) = try names.assignment(text, "--fail", "orders=30%")
            guard value.hasSuffix("%"), let percent = Double(value.dropLast()), (0...100).contains(percent) else {
                throw Fault.usage("--fail: '\(value)' is not a percentage such as 30%")
            }
            failing[name] = percent / 100
        }
        self.failing = failing
        var slow: [String: Duration] = [:]
        for text in command.slow {
            let (name, value) = try names.assignment(text, "--slow", "course=200ms")
            slow[name] = try WaitTime.parse(value, "--slow")
        }
        self.slow = slow
        kills = try command.kill.map { try names.kill($0) }
        let chains = try command.calls.map { try names.chain($0) }
        town = try SimulatedTown.make(
            mesh, importPaths: command.importPaths, chains: chains,
            timeout: try WaitTime.parse(command.timeout, "--timeout"), callsPerSecond: command.rps)
    }

    /// Runs it with these policies.
    func run(_ policies: WeftPolicyV1.MeshPolicy?) throws -> MeshReport {
        var forecast = MeshForecast(of: town)
        forecast.town.policy = policies
        forecast.spread = spread
        forecast.failing = failing
        forecast.slow = slow
        forecast.kills = kills
        do {
            return try forecast.run(seed: seed)
        } catch let violation as MeshViolation {
            throw Fault.failed(
                "an invariant of the mesh broke, which is a bug of Weft's; please report it\n\(violation)")
        }
    }

    private static func mesh(_ named: String?) throws -> (MeshFile, String) {
        let places = ["mesh.yaml", "k8s/mesh.yaml"]
        let file = named ?? places.first { FileManager.default.fileExists(atPath: $0) } ?? places[0]
        let text: String
        do {
            text = try String(contentsOfFile: file, encoding: .utf8)
        } catch {
            throw Fault.usage("cannot read \(file): \((error as NSError).localizedDescription)")
        }
        do {
            return (try MeshFile(text: text, path: file), file)
        } catch {
            throw Fault.usage(error.lines.joined(separator: "\n"))
        }
    }
}

/// The names that a mesh has: services, and replicas as `weft up` calls them.
struct SimulatedNames {
    let services: [String]
    let replicas: [String]

    init(_ mesh: MeshFile) {
        services = mesh.services.map(\.name)
        replicas = mesh.services.flatMap { service in (1...service.replicas).map { "\(service.name)-\($0)" } }
    }

    /// `name=value`, the name a service's or a replica's.
    func assignment(_ text: String, _ option: String, _ example: String) throws -> (name: String, value: String) {
        guard let equals = text.firstIndex(of: "=") else {
            throw Fault.usage("\(option): '\(text)' is not of the form \(example)")
        }
        let name = String(text[..<equals])
        guard services.contains(name) || replicas.contains(name) else {
            throw unknown(name, option, services + replicas)
        }
        return (name, String(text[text.index(after: equals)...]))
    }

    /// `progress-1@10s` or `progress-1@10s+30s`.
    func kill(_ text: String) throws -> MeshForecast.Kill {
        let parts = text.split(separator: "@", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2 else { throw Fault.usage("--kill: '\(text)' is not of the form progress-1@10s") }
        guard replicas.contains(parts[0]) else { throw unknown(parts[0], "--kill", replicas) }
        let times = parts[1].split(separator: "+", omittingEmptySubsequences: false).map(String.init)
        var kill = MeshForecast.Kill(parts[0], at: try WaitTime.parse(times[0], "--kill"))
        if times.count == 2 { kill.down = try WaitTime.parse(times[1], "--kill") }
        guard times.count <= 2 else { throw Fault.usage("--kill: '\(text)' is not of the form progress-1@10s+30s") }
        return kill
    }

    /// `course=progress`.
    func chain(_ text: String) throws -> (caller: String, callee: String) {
        let parts = text.split(separator: "=", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2 else { throw Fault.usage("--calls: '\(text)' is not of the form course=progress") }
        for part in parts where !services.contains(part) { throw unknown(part, "--calls", services) }
        guard parts[0] != parts[1] else { throw Fault.usage("--calls: '\(parts[0])' would call itself for ever") }
        return (parts[0], parts[1])
    }

    private func unknown(_ name: String, _ option: String, _ known: [String]) -> any Error {
        Fault.usage("\(option): the mesh has no '\(name)'; there are \(known.joined(separator: ", "))")
    }
}
