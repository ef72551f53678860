import Glibc
import Reactor

/// Asks `GET /ready` of an admin port once, without blocking the loop.
final class ReadyProbe: ReadySource {
    private let loop: Loop
    private let handle: Int32
    private let done: (Bool) -> Void
    private var timer: LoopTimer?
    private var isAsked = false
    private var answer: [UInt8] = []

    /// An admin port on the same machine answers at once or not at all.
    private static let patience = Duration.seconds(1)

    /// - Parameter done: called once, with whether the answer was 200.
    init?(address: String, loop: Loop, done: @escaping (Bool) -> Void) {
        let parts = address.split(separator: ":")
        var target = sockaddr_in()
        target.sin_family = sa_family_t(AF_INET)
        guard parts.count == 2, let port = UInt16(parts[1]), inet_pton(AF_INET, String(parts[0]), &target.sin_addr) == 1
        else { return nil }
        target.sin_port = port.bigEndian
        handle = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | O_NONBLOCK | O_CLOEXEC, 0)
        self.loop = loop
        self.done = done
        let connected = withUnsafePointer(to: &target) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(handle, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard handle >= 0, connected == 0 || errno == EINPROGRESS else {
            close(handle)
            return nil
        }
        guard (try? loop.watch(handle, [.read, .write], self)) != nil else {
            close(handle)
            return nil
        }
        timer = loop.schedule(after: Self.patience) { [self] in finish(false) }
    }

    func ready(_ events: Readiness) {
        if !isAsked {
            isAsked = true
            let request = Array("GET /ready HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n".utf8)
            guard send(handle, request, request.count, Int32(MSG_NOSIGNAL)) == request.count else {
                finish(false)
                return
            }
            try? loop.update(handle, .read)
            return
        }
        var block = [UInt8](repeating: 0, count: 256)
        let count = recv(handle, &block, block.count, 0)
        if count > 0 {
            answer += block[..<count]
        }
        let status = Array("HTTP/1.1 200".utf8)
        if answer.count >= status.count || count <= 0 {
            finish(answer.starts(with: status))
        }
    }

    private func finish(_ isReady: Bool) {
        guard let timer else { return }
        timer.cancel()
        self.timer = nil
        loop.forget(handle)
        close(handle)
        done(isReady)
    }
}
