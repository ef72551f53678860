import CPostgres
import Reactor
import Timebase

/// One attempt to connect: names resolved off the loop, then libpq's handshake step by step as the socket becomes ready.
final class Dial: ReadySource, @unchecked Sendable {  // touched on its loop alone
    private let config: PostgresConfig
    private let loop: Loop
    private var done: ((Result<Connection, PostgresFailure>) -> Void)?
    private var handle: OpaquePointer?
    private var watched: Int32?
    private var timer: LoopTimer?

    /// `done` is called once, on the loop, never from within `start`; not at all after `cancel`.
    init(_ config: PostgresConfig, on loop: Loop, done: @escaping (Result<Connection, PostgresFailure>) -> Void) {
        self.config = config
        self.loop = loop
        self.done = done
    }

    func start() {
        timer = loop.schedule(after: config.limits.connectTimeout) { [self] in
            fail("no connection to \(config.target) within \(config.limits.connectTimeout)")
        }
        guard HostResolver.isNeeded(config.settings) else {
            loop.execute { self.begin(self.config.settings) }
            return
        }
        let settings = config.settings
        let isStarted = OffLoop.run {
            let resolved = Result { () throws(PostgresFailure) in try HostResolver.resolve(settings) }
            self.loop.execute {
                switch resolved {
                case .success(let settings): self.begin(settings)
                case .failure(let failure): self.end(.failure(failure))
                }
            }
        }
        if !isStarted {
            loop.execute { self.fail("too many names are being resolved at once") }
        }
    }

    func cancel() {
        done = nil
        release()
    }

    private func begin(_ settings: [PostgresConfig.Setting]) {
        guard done != nil else { return }  // cancelled, or out of time, while the name was looked up
        handle = CStrings.lend(settings.map(\.keyword)) { keywords in
            CStrings.lend(settings.map(\.value)) { values in PQconnectStartParams(keywords, values, 0) }
        }
        guard let handle, PQstatus(handle) != CONNECTION_BAD else {
            fail(lastMessage)
            return
        }
        PQsetNoticeProcessor(handle, { _, _ in }, nil)  // the default writes to stderr, between the log's lines
        watch(.write)  // the first step is to wait until the socket is writable (PostgreSQL 15, 34.1)
    }

    func ready(_ events: Readiness) {
        unwatch()  // libpq may close this socket and open another, even under the same number
        switch PQconnectPoll(handle) {
        case PGRES_POLLING_READING: watch(.read)
        case PGRES_POLLING_WRITING: watch(.write)
        case PGRES_POLLING_OK: finish()
        default: fail(lastMessage)
        }
    }

    private func finish() {
        guard let handle else { preconditionFailure("a dial that succeeds has a connection") }
        guard PQsetnonblocking(handle, 1) == 0, PQenterPipelineMode(handle) == 1 else {
            fail(lastMessage)
            return
        }
        self.handle = nil
        do {
            end(.success(try Connection(adopting: handle, on: loop, limits: config.limits)))
        } catch {
            end(.failure(PostgresFailure(.unreachable, "the connection cannot be watched: \(error)")))
        }
    }

    private var lastMessage: String {
        guard let handle, let message = PQerrorMessage(handle) else { return "out of memory" }
        return Text.line(message)
    }

    private func fail(_ message: String) {
        end(.failure(PostgresFailure(.unreachable, message)))
    }

    private func end(_ result: Result<Connection, PostgresFailure>) {
        release()
        let done = self.done
        self.done = nil
        done?(result)
    }

    private func release() {
        timer?.cancel()
        timer = nil
        unwatch()
        if let handle {
            self.handle = nil
            PQfinish(handle)
        }
    }

    private func watch(_ interest: Interest) {
        let socket = PQsocket(handle)
        guard socket >= 0 else {
            fail(lastMessage)
            return
        }
        do {
            try loop.watch(socket, interest, self)
            watched = socket
        } catch {
            fail("the socket cannot be watched: \(error)")
        }
    }

    private func unwatch() {
        if let watched { loop.forget(watched) }
        watched = nil
    }
}

/// Texts as C wants them: an array of pointers with nil at its end.
enum CStrings {
    static func lend<Result>(
        _ texts: [String], _ body: (UnsafePointer<UnsafePointer<CChar>?>?) -> Result
    ) -> Result {
        var bytes: [CChar] = []
        var starts: [Int] = []
        for text in texts {
            starts.append(bytes.count)
            bytes.append(contentsOf: text.utf8CString)
        }
        return bytes.withUnsafeBufferPointer { bytes in
            let pointers = starts.map { start in bytes.baseAddress.map { $0 + start } } + [nil]
            return pointers.withUnsafeBufferPointer { body($0.baseAddress) }
        }
    }
}
