import Bytes
import Exchange

/// Reads the first bytes of a plaintext connection and hands it to the protocol that they are of: HTTP/2 begins with a
/// preface that is no HTTP/1 request (RFC 9113 §3.4).
final class PrefaceSniffer: WireHandler {
    private static let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)

    private unowned let connection: WireConnection  // it owns this handler
    private let choose: (_ isHTTP2: Bool) -> any WireHandler
    private var held: [UInt8] = []

    init(_ connection: WireConnection, choose: @escaping (_ isHTTP2: Bool) -> any WireHandler) {
        self.connection = connection
        self.choose = choose
    }

    func received(_ bytes: UnsafeRawBufferPointer) {
        held.append(contentsOf: bytes)
        let seen = min(held.count, PrefaceSniffer.preface.count)
        let isPreface = held[..<seen] == PrefaceSniffer.preface[..<seen]
        if isPreface, seen < PrefaceSniffer.preface.count { return }
        let handler = choose(isPreface)
        connection.replaceHandler(handler)
        held.withUnsafeBytes { handler.received($0) }
    }

    func receivedEnd() { connection.close() }
    func drain() { connection.close() }
    func produce(_ limit: Int, into output: OutputChain) {}
    func closed(_ failure: Failure?) {}
}
