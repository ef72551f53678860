package import Glibc
package import Reactor

/// What came of a read or a write that does not wait.
package enum IOResult: Equatable {
    case bytes(Int)
    case wouldBlock
    /// The peer has ended its direction.
    case end
    /// The connection is broken; with the `errno` value.
    case failed(Int32)
}

/// One open connection that never waits: a socket of the kernel, or of a simulated network.
///
/// The loop's poller watches `handle`.
package protocol StreamSocket: AnyObject {
    var handle: Int32 { get }
    func read(into buffer: UnsafeMutableRawBufferPointer) -> IOResult
    func write(_ bytes: UnsafeRawBufferPointer) -> IOResult
    /// Writes several runs as one (`writev`), as far as the socket takes them.
    func write(_ runs: UnsafeBufferPointer<iovec>) -> IOResult
    /// `127.0.0.1:4143`; empty if there is nothing to say.
    var localAddress: String { get }
    /// Whether a connection that was being made is made: 0, or the `errno` value that it failed with.
    func connectResult() -> Int32
    /// Ends the direction to the peer.
    func finishWriting()
    /// Gives the handle back. The loop must have forgotten it before.
    func close()
}

extension StreamSocket {
    /// Run by run, for networks that have no vectors.
    package func write(_ runs: UnsafeBufferPointer<iovec>) -> IOResult {
        var written = 0
        for run in runs {
            let result = write(UnsafeRawBufferPointer(start: run.iov_base, count: run.iov_len))
            guard case .bytes(let count) = result else { return written > 0 ? .bytes(written) : result }
            written += count
            if count < run.iov_len { break }
        }
        return .bytes(written)
    }

    package var localAddress: String { "" }
}

/// A socket that peers connect to.
package protocol ListeningSocket: AnyObject {
    var handle: Int32 { get }
    var localAddress: SocketAddress { get }
    func accept() -> AcceptResult
    func close()
}

package enum AcceptResult {
    case connection(any StreamSocket, from: String)
    case wouldBlock
    /// This connection is gone, the next may be there.
    case again
    /// No descriptors or memory are left: try later.
    case exhausted(Int32)
}

/// Where sockets come from. This is the seam of the transport: a simulation brings its own network.
package protocol Network: Sendable {
    func listen(on address: SocketAddress, sharesPort: Bool) throws(ListenError) -> any ListeningSocket
    /// Begins a connection to a numeric address or a path. The handle is writable when it is decided.
    func connect(to address: SocketAddress) -> ConnectResult
    /// Looks a name up without holding the loop, and answers numeric addresses on it.
    func resolve(
        _ name: String, port: UInt16, on loop: Loop, _ answer: @escaping @Sendable (ResolveResult) -> Void)
}

package enum ConnectResult {
    case begun(any StreamSocket)
    case failed(Int32)
}

package enum ResolveResult: Sendable {
    case addresses([SocketAddress])
    /// Why not, in words.
    case failed(String)
}

/// A listener could not begin.
public struct ListenError: Error, Sendable, Equatable, CustomStringConvertible {
    public let address: String
    /// The `errno` value, or 0 if the fault is none of the kernel's.
    public let code: Int32
    public let reason: String

    package init(address: String, code: Int32 = 0, reason: String) {
        self.address = address
        self.code = code
        self.reason = reason
    }

    public var description: String { "cannot listen on \(address): \(reason)" }
}
