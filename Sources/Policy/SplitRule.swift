/// Where a share of the calls to a service goes: canaries, blue and green.
public struct SplitRule: Sendable, Equatable {
    public var name: String
    public var match: CallMatch
    public var shares: [Share]

    /// A part of a split.
    public struct Share: Sendable, Equatable {
        public var to: Backend
        /// Relative to the sum of all weights.
        public var weight: UInt32

        public init(_ to: Backend, weight: UInt32) {
            self.to = to
            self.weight = weight
        }
    }

    public init(_ name: String, _ match: CallMatch = .all, _ shares: [Share]) {
        self.name = name
        self.match = match
        self.shares = shares
    }
}

/// Instances that calls may be led to.
public struct Backend: Sendable, Hashable, CustomStringConvertible {
    /// A service of the mesh; nil for the one that is called.
    public var service: String?
    /// Only instances of this version; nil for all.
    public var version: String?

    public init(service: String? = nil, version: String? = nil) {
        self.service = service
        self.version = version
    }

    /// `course@v2`, `course`, `@v2`
    public var description: String { (service ?? "") + (version.map { "@\($0)" } ?? "") }
}

/// Copies of calls whose answers nobody waits for.
public struct MirrorRule: Sendable, Equatable {
    public var name: String
    public var match: CallMatch
    public var to: Backend
    /// Of the calls that fit, 0 to 1.
    public var share: Double

    public init(_ name: String, _ match: CallMatch = .all, to: Backend, share: Double) {
        self.name = name
        self.match = match
        self.to = to
        self.share = share
    }
}
