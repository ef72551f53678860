import Testing
import Timebase

@testable import weft

/// What the supervisor does with one process.
struct ProcessLifeTests {
    private func at(_ milliseconds: Int64) -> Instant { Instant(nanoseconds: milliseconds * 1_000_000) }

    @Test("a process that ends rests, longer each time, and a proven one starts afresh")
    func rests() {
        var life = ProcessLife()
        life.started()
        life.answered(at: at(0))
        #expect(life.ended(exitCode: 1, at: at(100)) == .wake(at: at(300)))
        life.woke(at: at(299))
        #expect(life.state == .resting(until: at(300)))
        life.woke(at: at(300))
        #expect(life.state == .waiting)
        life.started()
        life.answered(at: at(400))
        #expect(life.ended(exitCode: nil, at: at(500)) == .wake(at: at(900)))
        life.woke(at: at(900))
        life.started()
        life.answered(at: at(1000))
        #expect(life.ended(exitCode: 0, at: at(11_000)) == .wake(at: at(11_200)))
        #expect(life.restarts == 3)
    }

    @Test("a process that never answers is given up after three starts")
    func givesUp() {
        var life = ProcessLife()
        for _ in 0..<2 {
            life.started()
            guard case .wake(let until) = life.ended(exitCode: 1, at: at(0)) else {
                Issue.record("given up too early")
                return
            }
            life.woke(at: until)
        }
        life.started()
        #expect(life.ended(exitCode: 1, at: at(0)) == .giveUp)
        #expect(life.state == .failed)
    }

    @Test("a process that was asked something wrong is given up at once")
    func usage() {
        var life = ProcessLife()
        life.started()
        #expect(life.ended(exitCode: 2, at: at(0)) == .giveUp)
    }
}

struct MeshFileTests {
    @Test("every fault of a file is told with its line")
    func faults() {
        let text = """
            controll: {}
            edge: {listen: nowhere}
            services:
              Course: {command: [a]}
              course:
                command: course-service
                replicas: 99
            """
        do {
            _ = try MeshFile(text: text, path: "m.yaml")
            Issue.record("the file was taken")
        } catch {
            let places = error.lines.map { $0.split(separator: " ")[0] }
            #expect(places.contains { $0.hasPrefix("m.yaml:1:") })
            #expect(places.contains { $0.hasPrefix("m.yaml:2:") })
            #expect(places.contains { $0.hasPrefix("m.yaml:4:") })
            #expect(places.contains { $0.hasPrefix("m.yaml:6:") })
            #expect(places.contains { $0.hasPrefix("m.yaml:7:") })
        }
    }

    @Test("a small file is enough")
    func defaults() throws {
        let mesh = try MeshFile(text: "services: {course: {command: [course-service], replicas: 2}}", path: "m")
        #expect(mesh.services == [.init(name: "course", command: ["course-service"], replicas: 2, database: nil)])
        #expect(mesh.edgeListen == "127.0.0.1:8080")
    }

    @Test("each sidecar has ports of its own")
    func ports() throws {
        let mesh = try MeshFile(text: "services: {course: {command: [c], replicas: 2}}", path: "m")
        let plan = UpPlan(mesh: mesh, state: "/s", programFolder: "/p", databaseURL: { _ in "" }, token: { _ in "" })
        let all = (0..<3).flatMap { index in
            let ports = plan.ports(ofSidecar: index)
            return [ports.outbound, ports.inbound, ports.admin]
        }
        #expect(Set(all).count == 9)
        #expect(plan.ports(ofSidecar: 0).outbound == "127.0.0.1:4140")
        #expect(
            plan.specs().map(\.name) == [
                "control", "edge/sidecar", "course-1/sidecar", "course-2/sidecar", "course-1", "course-2", "edge",
            ])
    }
}
