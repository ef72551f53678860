import HTTP2
import Synchronization

/// Which HTTP/2 engine a process's connections use: `http2: nghttp2` in a configuration switches back to the library.
///
/// A type of its own, so that who configures a pool or a listener need not import the protocol.
public enum EngineChoice: String, Sendable, Hashable, CaseIterable {
    /// Weft's own frames and HPACK: the default, and so the first.
    case native
    /// libnghttp2.
    case nghttp2

    /// The engine behind the name.
    var kind: HTTP2Session.EngineKind { HTTP2Session.EngineKind(rawValue: rawValue) ?? .native }

    /// What connections use whose limits do not say otherwise. A process sets it once, at its start, from its configuration.
    public static var standard: EngineChoice {
        get { allCases[chosen.load(ordering: .relaxed)] }
        set { chosen.store(allCases.firstIndex(of: newValue) ?? 0, ordering: .relaxed) }
    }

    private static let chosen = Atomic<Int>(0)
}
