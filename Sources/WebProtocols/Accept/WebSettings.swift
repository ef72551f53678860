import RPC

/// What a port allows callers that speak gRPC-Web or Connect.
public struct WebSettings: Sendable {
    /// Which pages of other origins may call.
    public var crossOrigin = CrossOrigin()
    /// A longer message, compressed or not, is refused: as long as gRPC's own.
    public var maxMessageBytes = MessageDeframer.defaultLimit
    /// A reply of a service is gathered up to this size: it comes from our own process, and this bounds a mistake.
    public var maxReplyBytes = 64 << 20
    /// Replies are compressed if their caller takes gzip and they have so many bytes: below it a reply fits a packet or two,
    /// and gzip's own bytes eat what it saves. Nil for never.
    public var compressionThreshold: Int? = 1024
    /// After a refusal the rest of a request is read and dropped for so long, so that the answer is not lost to a reset.
    public var lingering: Duration = .seconds(2)

    public init() {}
}

/// Which web pages may call from a browser, and what they may see (fetch.spec.whatwg.org, "CORS protocol").
///
/// A browser lets a page call its own origin without asking. Pages of other origins may call if they are listed here, and by
/// default none is: a service's port is not an address for the public.
public struct CrossOrigin: Sendable {
    public enum Origins: Sendable, Equatable {
        case none
        /// Every origin; cookies and client certificates are not sent then.
        case any
        /// As browsers write them: `https://app.example.com`, with the port if it is not the scheme's own.
        case listed(Set<String>)
    }

    public var origins = Origins.none
    /// Listed origins may send cookies. It does nothing for `.any`.
    public var allowsCredentials = false
    /// How long a browser may remember the answer to its question: Chromium's own limit is two hours.
    public var maxAge: Duration = .seconds(7200)

    public init(origins: Origins = .none) {
        self.origins = origins
    }
}

extension CrossOrigin.Origins {
    /// `*`, or origins with commas between them: what a setting says.
    public init(_ text: String) throws(OriginFault) {
        let words = text.split { $0 == "," || $0 == " " }.map(String.init)
        if words == ["*"] {
            self = .any
            return
        }
        for word in words {
            let parts = word.split(separator: "/", omittingEmptySubsequences: false)
            let isOrigin = parts.count == 3 && parts[0].hasSuffix(":") && parts[1].isEmpty && !parts[2].isEmpty
            guard isOrigin || word == "null", word == word.lowercased() else { throw OriginFault(text: word) }
        }
        self = words.isEmpty ? .none : .listed(Set(words))
    }
}

/// A text that no browser would send as its page's origin, so that it would never match.
public struct OriginFault: Error, Equatable, CustomStringConvertible {
    public let text: String

    public var description: String {
        "'\(text)' is no origin; one is a scheme and a host in lower case, without a path: https://app.example.com"
    }
}
