/// How many failures a server may cause before nobody repeats calls to it (gRFC A6, "Throttling retry attempts").
///
///     failure: - 1 token      success: + ratio      repeated only while   tokens > maximum / 2
///
/// Unlike a budget over time it needs no clock, and a config can carry it: a server whose every call fails is left to its
/// first attempts after `maximum / 2` failures. Tokens are counted in thousandths, since the ratio has three decimals.
public struct RetryThrottle: Sendable, Equatable {
    /// A6 allows no more tokens.
    public static let mostTokens = 1000

    private let maximum: Int
    private let ratio: Int
    private var tokens: Int

    /// `tokenRatio` is cut to three decimals, and is at least 0.001.
    public init(maxTokens: Int, tokenRatio: Double) {
        maximum = min(max(maxTokens, 1), Self.mostTokens) * 1000
        ratio = max(1, Int(min(tokenRatio, Double(Self.mostTokens)) * 1000))
        tokens = maximum
    }

    public var allows: Bool { tokens * 2 > maximum }

    /// An attempt ended with a status that is worth another one, or the server asked for none.
    public mutating func failed() {
        tokens = max(0, tokens - 1000)
    }

    public mutating func succeeded() {
        tokens = min(maximum, tokens + ratio)
    }
}
