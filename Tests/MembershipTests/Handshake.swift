import Bytes
import Exchange
import Timebase

@testable import Transport

/// One real handshake in memory, without sockets and loops: who offers what to whom, each by its own clock.
enum Handshake {
    /// Why it failed at the side that noticed first; nil if both believe each other.
    static func between(
        client: IdentityBox, at clientTime: WallTime, expecting rule: PeerRule, server: IdentityBox,
        at serverTime: WallTime, domain: String = "weft.local"
    ) throws -> Failure? {
        let toServer = OutputChain(blocks: HeapBlocks())
        let toClient = OutputChain(blocks: HeapBlocks())
        let caller = try TLSClientContext(identity: client, serverRule: rule)
            .session(with: toServer, at: clientTime.seconds)
        let called = try TLSServerContext(identity: server, expect: .anySpiffe(inDomain: domain))
            .session(with: toClient, at: serverTime.seconds)
        caller.peerAddress = "10.0.0.2:4143"
        called.peerAddress = "10.0.0.1:50000"
        do throws(Failure) {
            try caller.shakeHands()
            try pass(toServer, to: called)
            try pass(toClient, to: caller)
            try pass(toServer, to: called)
            // The server's first words prove to the client that its certificate was accepted.
            let words = UnsafeMutableRawBufferPointer.allocate(byteCount: 1, alignment: 1)
            defer { words.deallocate() }
            words[0] = 1
            _ = try called.seal(UnsafeRawBufferPointer(words))
            try pass(toClient, to: caller)
            return caller.isJournalled ? nil : Failure(.tls, .tlsFailed, detail: "nothing was heard of the server")
        } catch {
            caller.journalFailure(error, at: clientTime)
            called.journalFailure(error, at: serverTime)
            return error
        }
    }

    private static func pass(_ chain: OutputChain, to session: TLSSession) throws(Failure) {
        let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: chain.count, alignment: 1)
        let plain = UnsafeMutableRawBufferPointer.allocate(byteCount: TLSSession.recordSize, alignment: 1)
        defer {
            bytes.deallocate()
            plain.deallocate()
        }
        _ = chain.copyPrefix(into: bytes)
        chain.removeAll()
        session.lend(UnsafeRawBufferPointer(bytes))
        defer { session.giveBack() }
        try session.shakeHands()
        if session.isOpen { _ = try session.read(into: plain) }
    }
}
