import CLinux
import Glibc
package import Reactor

/// The kernel's TCP and Unix sockets.
package struct SystemNetwork: Network {
    /// Connections that the kernel keeps for us until we take them; the kernel caps it at `somaxconn`.
    private static let backlog: Int32 = 4096

    package init() {}

    package func listen(on address: SocketAddress, sharesPort: Bool) throws(ListenError) -> any ListeningSocket {
        var raw: RawAddress
        switch address {
        case .name(let name, let port):
            // Once, when the process starts: a listener's name is nearly always `localhost`.
            guard case .addresses(let found) = lookUp(name, port: port), let first = found.first,
                let numeric = RawAddress(first)
            else { throw ListenError(address: address.description, reason: "the name has no address") }
            raw = numeric
        case .unix(let path):
            try SystemNetwork.removeStale(path)
            raw = RawAddress(address)!  // paths were measured when the address was parsed
        case .ip:
            guard let numeric = RawAddress(address) else {
                throw ListenError(address: address.description, reason: "it is no numeric address")
            }
            raw = numeric
        }
        let descriptor = socket(raw.family, Int32(SOCK_STREAM.rawValue) | nonBlocking, 0)
        guard descriptor >= 0 else { throw ListenError(address, errno) }
        if raw.family != AF_UNIX {
            setOption(descriptor, SOL_SOCKET, SO_REUSEADDR, 1)
            if sharesPort { setOption(descriptor, SOL_SOCKET, SO_REUSEPORT, 1) }
        }
        // The file takes over the descriptor's mode: nobody but this user may connect to an application's socket.
        if raw.family == AF_UNIX { fchmod(descriptor, 0o600) }
        guard raw.withPointer({ bind(descriptor, $0, $1) }) == 0 else {
            let code = errno
            _ = Glibc.close(descriptor)
            throw ListenError(address, code)
        }
        guard Glibc.listen(descriptor, SystemNetwork.backlog) == 0 else {
            let code = errno
            _ = Glibc.close(descriptor)
            throw ListenError(address, code)
        }
        return SystemListeningSocket(descriptor, asked: address)
    }

    package func connect(to address: SocketAddress) -> ConnectResult {
        guard var raw = RawAddress(address) else { return .failed(EINVAL) }
        let descriptor = socket(raw.family, Int32(SOCK_STREAM.rawValue) | nonBlocking, 0)
        guard descriptor >= 0 else { return .failed(errno) }
        if raw.family != AF_UNIX { prepareTCP(descriptor) }
        let result = raw.withPointer { Glibc.connect(descriptor, $0, $1) }
        if result == 0 || errno == EINPROGRESS { return .begun(SystemSocket(descriptor)) }
        let code = errno
        _ = Glibc.close(descriptor)
        return .failed(code)
    }

    package func resolve(
        _ name: String, port: UInt16, on loop: Loop, _ answer: @escaping @Sendable (ResolveResult) -> Void
    ) {
        let code = Thread.start(name: "weft-resolve") {
            let result = lookUp(name, port: port)
            loop.execute { answer(result) }
        }
        if code != 0 { loop.execute { answer(.failed(errorText(code))) } }
    }

    /// A socket's file outlives its process. Whoever still listens there answers; a file that nobody answers behind is removed.
    private static func removeStale(_ path: String) throws(ListenError) {
        var status = stat()
        guard lstat(path, &status) == 0 else { return }
        let address = SocketAddress.unix(path)
        guard status.st_mode & S_IFMT == S_IFSOCK else {
            throw ListenError(address: address.description, reason: "a file that is no socket is there")
        }
        guard var raw = RawAddress(address) else { return }
        let probe = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | nonBlocking, 0)
        guard probe >= 0 else { return }
        defer { _ = Glibc.close(probe) }
        let answered = raw.withPointer { Glibc.connect(probe, $0, $1) } == 0 || errno == EAGAIN
        if answered { throw ListenError(address, EADDRINUSE) }
        unlink(path)
    }
}

extension ListenError {
    fileprivate init(_ address: SocketAddress, _ code: Int32) {
        self.init(address: address.description, code: code, reason: errorText(code).lowercased())
    }
}

private let nonBlocking = Int32(SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)

private func setOption(_ descriptor: Int32, _ level: Int32, _ option: Int32, _ value: Int32) {
    var value = value
    setsockopt(descriptor, level, option, &value, socklen_t(MemoryLayout<Int32>.size))
}

/// Small messages go out at once, and a peer that acknowledges nothing for 30 s is gone: without that limit the kernel
/// sends again for a quarter of an hour.
private func prepareTCP(_ descriptor: Int32) {
    setOption(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, 1)
    setOption(descriptor, Int32(IPPROTO_TCP), TCP_USER_TIMEOUT, 30_000)
}

/// Asks the system's resolver. It may take seconds.
private func lookUp(_ name: String, port: UInt16) -> ResolveResult {
    var hints = addrinfo()
    hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    var list: UnsafeMutablePointer<addrinfo>?
    let code = getaddrinfo(name, String(port), &hints, &list)
    guard code == 0 else { return .failed(String(cString: gai_strerror(code))) }
    defer { freeaddrinfo(list) }
    var addresses: [SocketAddress] = []
    var next = list
    while let entry = next {
        if let raw = entry.pointee.ai_addr, let address = RawAddress.read(raw), !addresses.contains(address) {
            addresses.append(address)
        }
        next = entry.pointee.ai_next
    }
    return addresses.isEmpty ? .failed("the name has no address") : .addresses(addresses)
}

/// A connected or connecting descriptor.
final class SystemSocket: StreamSocket {
    let handle: Int32

    init(_ descriptor: Int32) {
        handle = descriptor
    }

    func read(into buffer: UnsafeMutableRawBufferPointer) -> IOResult {
        while true {
            let count = recv(handle, buffer.baseAddress, buffer.count, 0)
            if count > 0 { return .bytes(count) }
            if count == 0 { return .end }
            if errno == EINTR { continue }
            return errno == EAGAIN ? .wouldBlock : .failed(errno)
        }
    }

    func write(_ bytes: UnsafeRawBufferPointer) -> IOResult {
        while true {
            let count = send(handle, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL))
            if count >= 0 { return .bytes(count) }
            if errno == EINTR { continue }
            return errno == EAGAIN ? .wouldBlock : .failed(errno)
        }
    }

    func write(_ runs: UnsafeBufferPointer<iovec>) -> IOResult {
        // Not `writev`: that one raises SIGPIPE when the peer has gone.
        var message = msghdr()
        message.msg_iov = UnsafeMutablePointer(mutating: runs.baseAddress)
        message.msg_iovlen = runs.count
        while true {
            let count = sendmsg(handle, &message, Int32(MSG_NOSIGNAL))
            if count >= 0 { return .bytes(count) }
            if errno == EINTR { continue }
            return errno == EAGAIN ? .wouldBlock : .failed(errno)
        }
    }

    var localAddress: String { RawAddress.local(of: handle)?.description ?? "" }

    func connectResult() -> Int32 {
        var code: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        return getsockopt(handle, SOL_SOCKET, SO_ERROR, &code, &length) == 0 ? code : errno
    }

    func finishWriting() {
        shutdown(handle, Int32(SHUT_WR))
    }

    func close() {
        _ = Glibc.close(handle)
    }
}

private final class SystemListeningSocket: ListeningSocket {
    let handle: Int32
    let localAddress: SocketAddress

    init(_ descriptor: Int32, asked: SocketAddress) {
        handle = descriptor
        if case .unix = asked {
            localAddress = asked
        } else {
            localAddress = RawAddress.local(of: descriptor) ?? asked
        }
    }

    func accept() -> AcceptResult {
        var raw = RawAddress()
        let descriptor = raw.withMutablePointer { accept4(handle, $0, $1, nonBlocking) }
        guard descriptor >= 0 else {
            switch errno {
            case EAGAIN: return .wouldBlock
            case EMFILE, ENFILE, ENOBUFS, ENOMEM: return .exhausted(errno)
            default: return .again  // the peer left before we came, or a signal
            }
        }
        if case .unix = localAddress {
            return .connection(SystemSocket(descriptor), from: localAddress.description)
        }
        prepareTCP(descriptor)
        return .connection(SystemSocket(descriptor), from: raw.address?.description ?? "")
    }

    func close() {
        _ = Glibc.close(handle)
        if case .unix(let path) = localAddress { unlink(path) }
    }
}
