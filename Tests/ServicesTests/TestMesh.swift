import API
import Logging
import Postgres
import PrivateCluster
import RPC
import Reactor
import Synchronization
import Transport

@testable import Services

/// Services on a Unix socket each, and clients for them: gRPC as it is on the wire, without the mesh in between.
final class TestMesh: Sendable {
    let courseHandlers: CourseHandlers
    let courses: LearnCourseV1.CourseServiceClient
    let progress: LearnProgressV1.ProgressServiceClient
    private let listeners: [Listener]

    private static let count = Atomic<Int>(0)
    static let log = Logger(label: "tests") { _ in SwiftLogNoOpLogHandler() }

    init() async throws {
        let store = try await TestServer.newCourseStore()
        let progressStore = ProgressStore(
            pool: try await TestServer.pool(on: TestServer.newDatabase(), ProgressMigrations.all))
        let courseHandlers = CourseHandlers(
            store: store, changes: CourseChanges(), ids: UniqueIDSource(),
            seal: PageSeal(key: try await store.pageKey(before: nil)), log: TestMesh.log)
        self.courseHandlers = courseHandlers
        let (courseListener, coursePool) = try await TestMesh.serve(courseHandlers)
        let courses = LearnCourseV1.CourseServiceClient(
            Channel(coursePool, destination: "course", timers: TestServer.loop))
        self.courses = courses
        let handlers = ProgressHandlers(store: progressStore, courses: courses, log: TestMesh.log)
        let (progressListener, progressPool) = try await TestMesh.serve(handlers)
        progress = LearnProgressV1.ProgressServiceClient(
            Channel(progressPool, destination: "progress", timers: TestServer.loop))
        listeners = [courseListener, progressListener]
    }

    private static func serve(_ service: some RPCService) async throws -> (Listener, ConnectionPool) {
        // In the cluster's folder, which is removed with it.
        let path = "\(TestServer.cluster.folder)/service-\(count.add(1, ordering: .relaxed).newValue)"
        let address = try SocketAddress.parse("unix:\(path)")
        let loop = TestServer.loop
        return try await withCheckedThrowingContinuation { continuation in
            loop.perform {
                continuation.resume(
                    with: Result {
                        let router = Router(timers: loop)
                        router.add(service)
                        let listener = try Listener.listen(
                            on: address, loop: loop, security: .plaintext, acceptor: router)
                        return (listener, ConnectionPool(to: address, loop: loop, security: .plaintext))
                    })
            }
        }
    }
}
