import Foundation
import Glibc
import Reactor

/// Asks one page of a local port, once, without blocking the loop.
final class PageProbe: ReadySource {
    private let loop: Loop
    private let handle: Int32
    private let request: String
    private let done: (_ status: Int, _ body: Substring) -> Void
    private var timer: LoopTimer?
    private var isAsked = false
    private var answer: [UInt8] = []

    /// An admin port on the same machine answers at once or not at all.
    private static let patience = Duration.seconds(1)

    /// What is read of a page at the most: a status page of a very large mesh.
    private static let maxAnswer = 1 << 20

    /// - Parameter done: called once; a page that cannot be had has the status 0.
    init?(
        address: String, path: String, loop: Loop, done: @escaping (_ status: Int, _ body: Substring) -> Void
    ) {
        let parts = address.split(separator: ":")
        var target = sockaddr_in()
        target.sin_family = sa_family_t(AF_INET)
        guard parts.count == 2, let port = UInt16(parts[1]), inet_pton(AF_INET, String(parts[0]), &target.sin_addr) == 1
        else { return nil }
        target.sin_port = port.bigEndian
        handle = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | O_NONBLOCK | O_CLOEXEC, 0)
        self.loop = loop
        request = "GET \(path) HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n"
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
        timer = loop.schedule(after: Self.patience) { [self] in finish() }
    }

    func ready(_ events: Readiness) {
        if !isAsked {
            isAsked = true
            let bytes = Array(request.utf8)
            guard send(handle, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count else { return finish() }
            try? loop.update(handle, .read)
            return
        }
        var block = [UInt8](repeating: 0, count: 1 << 14)
        let count = recv(handle, &block, block.count, 0)
        if count > 0, answer.count < Self.maxAnswer {
            answer += block[..<count]
        } else {
            finish()
        }
    }

    private func finish() {
        guard let timer else { return }
        timer.cancel()
        self.timer = nil
        loop.forget(handle)
        close(handle)
        let text = String(decoding: answer, as: UTF8.self)
        let words = text.prefix(64).split(separator: " ")
        let isAnswer = words.count > 1 && words[0].hasPrefix("HTTP/1.1")
        let body = text.range(of: "\r\n\r\n").map { text[$0.upperBound...] } ?? ""
        done(isAnswer ? Int(words[1]) ?? 0 : 0, body)
    }
}
