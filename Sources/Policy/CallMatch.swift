public import Bytes
public import Exchange
import Glibc

/// Which calls a rule is for: who calls, what, with which headers. Every part that says something must fit; a part that
/// says nothing fits every call.
///
/// Patterns are taken apart when they are made, so that looking at a call compares bytes and makes nothing.
public struct CallMatch: Sendable, Equatable {
    /// One of them must fit.
    public var callers: [CallerPattern]
    /// One of them must fit.
    public var methods: [MethodPattern]
    /// All of them must fit.
    public var headers: [HeaderPattern]

    public init(callers: [CallerPattern] = [], methods: [MethodPattern] = [], headers: [HeaderPattern] = []) {
        self.callers = callers
        self.methods = methods
        self.headers = headers
    }

    /// Fits every call.
    public static let all = CallMatch()

    public func fits(_ call: CallHead) -> Bool {
        fitsMethod(of: call) && fits(caller: call.caller) && fits(headers: call.request)
    }

    /// Where an entry stands for many methods (there is no contract), the path says which one it is: a rule must not be
    /// walked around by calling so many names that the right one is told apart no more.
    public func fitsMethod(of call: CallHead) -> Bool {
        if methods.isEmpty { return true }
        guard call.method.isCollective else { return fits(method: call.method.fullName) }
        let path = String((call.request[.path] ?? "").dropFirst())
        return fits(method: path)
    }

    public func fits(caller: String) -> Bool {
        callers.isEmpty || callers.contains { $0.fits(caller) }
    }

    public func fits(method fullName: String) -> Bool {
        methods.isEmpty || methods.contains { $0.fits(fullName) }
    }

    public func fits(headers request: Fields) -> Bool {
        headers.isEmpty || headers.allSatisfy { $0.fits(request) }
    }

    /// What is left to look at where every call comes from one caller, known by these names (its SPIFFE id, its service):
    /// the same without callers, or nil if it fits no call of theirs.
    public func resolved(forCaller names: [String]) -> CallMatch? {
        guard callers.isEmpty || names.contains(where: fits(caller:)) else { return nil }
        var match = self
        match.callers = []
        return match
    }

    /// The first part that does not fit, in words for the person who wonders; nil if all fit.
    public func misfit(of call: CallHead) -> Misfit? {
        if !fits(caller: call.caller) { return .caller }
        if !fitsMethod(of: call) { return .method }
        return headers.first { !$0.fits(call.request) }.map { .header($0.name) }
    }

    public enum Misfit: Sendable, Equatable {
        case caller
        case method
        case header(String)
    }
}

/// A caller as a policy names it: `spiffe://mesh/ns/shop/sa/web`, `web`, `prod-*`, `spiffe://mesh/ns/shop/*`, `*`.
///
/// A name without a scheme is a service's: it is compared with the last part of a SPIFFE id, which is the service's name in
/// this mesh (DESIGN §6). What ends in `*` fits all that begins so. Nothing fits a caller whom nobody vouches for.
public struct CallerPattern: Sendable, Equatable {
    /// As it was written, for messages.
    public let text: String
    private let stem: String
    private let isPrefix: Bool
    private let isID: Bool

    private static let scheme = "spiffe://"

    public init(_ text: String) {
        self.text = text
        isPrefix = text.hasSuffix("*")
        stem = isPrefix ? String(text.dropLast()) : text
        isID = text.hasPrefix(Self.scheme)
    }

    public func fits(_ caller: String) -> Bool {
        guard !caller.isEmpty else { return false }
        if isID { return isPrefix ? caller.hasPrefix(stem) : caller == stem }
        if isPrefix && stem.isEmpty { return true }
        return Self.withName(of: caller) { name in
            var stem = stem
            return stem.withUTF8 { isPrefix ? name.begins(with: $0) : name.equals($0) }
        }
    }

    /// The service's name: all of a plain name, and what follows the last slash of a SPIFFE id.
    private static func withName<Result>(of caller: String, _ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
        var caller = caller
        return caller.withUTF8 { bytes in
            let start = bytes.lastIndex(of: UInt8(ascii: "/")).map { $0 + 1 } ?? 0
            return body(UnsafeBufferPointer(rebasing: bytes[start...]))
        }
    }
}

/// Methods as a policy names them: `learn.course.v1.CourseService/GetCourse`, or `learn.course.v1.CourseService/*`.
public struct MethodPattern: Sendable, Equatable {
    public let text: String
    /// The name, or what precedes the star.
    private let stem: String
    private let isPrefix: Bool

    public init(_ text: String) {
        self.text = text
        isPrefix = text.hasSuffix("/*")
        stem = isPrefix ? String(text.dropLast()) : text
    }

    public func fits(_ fullName: String) -> Bool {
        isPrefix ? fullName.hasPrefix(stem) : fullName == stem
    }
}

/// What a header of a request must be like.
public struct HeaderPattern: Sendable, Equatable {
    public enum Value: Sendable, Equatable {
        /// It is there, whatever it says.
        case present
        case absent
        case exact(String)
        case prefix(String)
    }

    /// In lower case, as it travels.
    public let name: String
    public let value: Value
    private let known: Fields.Name
    private let nameBytes: [UInt8]
    private let wanted: [UInt8]

    public init(_ name: String, _ value: Value = .present) {
        self.name = name
        self.value = value
        nameBytes = Array(name.utf8)
        known = nameBytes.withUnsafeBufferPointer { Fields.Name($0) }
        wanted =
            switch value {
            case .present, .absent: []
            case .exact(let text), .prefix(let text): Array(text.utf8)
            }
    }

    /// A header that comes more than once fits if one of its values does.
    public func fits(_ request: Fields) -> Bool {
        for index in 0..<request.count where request.name(at: index) == known && isNamed(request, index) {
            switch value {
            case .present: return true
            case .absent: return false
            case .exact, .prefix: if hasValue(request, index) { return true }
            }
        }
        return value == .absent
    }

    private func isNamed(_ request: Fields, _ index: Int) -> Bool {
        if known != .other { return true }
        return request.withBytes(at: index) { name, _ in nameBytes.withUnsafeBufferPointer { name.equals($0) } }
    }

    private func hasValue(_ request: Fields, _ index: Int) -> Bool {
        request.withBytes(at: index) { _, value in
            wanted.withUnsafeBufferPointer { wanted in
                if case .prefix = self.value { return value.begins(with: wanted) }
                return value.equals(wanted)
            }
        }
    }
}

extension UnsafeBufferPointer<UInt8> {
    fileprivate func equals(_ other: UnsafeBufferPointer<UInt8>) -> Bool {
        count == other.count && begins(with: other)
    }

    fileprivate func begins(with other: UnsafeBufferPointer<UInt8>) -> Bool {
        guard count >= other.count else { return false }
        guard let left = baseAddress, let right = other.baseAddress else { return other.isEmpty }
        return memcmp(left, right, other.count) == 0
    }
}
