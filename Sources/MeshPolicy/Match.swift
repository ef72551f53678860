public import MeshAPI
public import Policy

extension CallMatch {
    /// Each of a match's lists holds no more: a rule that names more wants `*`, or is generated.
    static let mostPatterns = 256
    /// Headers are looked at on each call.
    static let mostHeaders = 16
    static let longestText = 512

    /// Reads a match that stands alone: what somebody looks for.
    public static func read(_ said: WeftPolicyV1.Match?) -> (match: CallMatch, faults: [PolicyFault]) {
        var reader = PolicyReader()
        let match = CallMatch(said, &reader)
        return (match, reader.faults)
    }

    /// An absent match fits every call.
    init(_ said: WeftPolicyV1.Match?, _ reader: inout PolicyReader, at name: String = "match") {
        self.init()
        guard let said else { return }
        self = reader.within(name) { reader in
            reader.bound(said.callers.count, "callers", Self.mostPatterns)
            reader.bound(said.methods.count, "methods", Self.mostPatterns)
            reader.bound(said.headers.count, "headers", Self.mostHeaders)
            return CallMatch(
                callers: said.callers.prefix(Self.mostPatterns).enumerated().compactMap {
                    CallerPattern(reading: $1, "callers[\($0)]", &reader)
                },
                methods: said.methods.prefix(Self.mostPatterns).enumerated().compactMap {
                    MethodPattern(reading: $1, "methods[\($0)]", &reader)
                },
                headers: said.headers.prefix(Self.mostHeaders).enumerated().compactMap { index, header in
                    reader.within("headers[\(index)]") { HeaderPattern(reading: header, &$0) }
                })
        }
    }
}

extension PolicyReader {
    fileprivate mutating func bound(_ count: Int, _ name: String, _ most: Int) {
        if count > most { fault(name, "there are \(count), and at most \(most) are taken") }
    }
}

extension CallerPattern {
    fileprivate init?(reading text: String, _ name: String, _ reader: inout PolicyReader) {
        let stem = text.hasSuffix("*") ? text.dropLast() : text[...]
        let isID = text.hasPrefix("spiffe://")
        let problem: String? =
            if text.isEmpty {
                "it is empty: a SPIFFE id or a service's name"
            } else if text.utf8.count > CallMatch.longestText {
                "it is longer than \(CallMatch.longestText) bytes"
            } else if stem.contains("*") {
                "'\(text)': a star may stand at the end only"
            } else if !isID, stem.contains("/") {
                "'\(text)' is neither a SPIFFE id (spiffe://...) nor a service's name"
            } else if stem.utf8.contains(where: { $0 <= 0x20 || $0 >= 0x7f }) {
                "'\(text)' holds what no identity does: spaces, or letters beyond ASCII"
            } else {
                nil
            }
        if let problem {
            reader.fault(name, problem)
            return nil
        }
        self.init(text)
    }
}

extension MethodPattern {
    fileprivate init?(reading text: String, _ name: String, _ reader: inout PolicyReader) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        let isName = parts.count == 2 && parts.allSatisfy { !$0.isEmpty } && !parts[0].contains("*")
        let isWhole = parts.last == "*" || parts.last?.contains("*") == false
        guard isName, isWhole, text.utf8.count <= CallMatch.longestText else {
            reader.fault(
                name, "'\(text)' is neither a method (learn.v1.Courses/Get) nor all of a service (learn.v1.Courses/*)")
            return nil
        }
        self.init(text)
    }
}

extension HeaderPattern {
    fileprivate init?(reading said: WeftPolicyV1.HeaderMatch, _ reader: inout PolicyReader) {
        let name = said.name
        if name.isEmpty || !name.utf8.allSatisfy(Self.isNameByte) {
            reader.fault("name", "'\(name)' is no header's name: lower case letters, digits, '-', '_' and '.'")
            return nil
        }
        switch said.value {
        case nil: self.init(name)
        case .exact(let text): self.init(name, .exact(text))
        case .prefix(let text): self.init(name, .prefix(text))
        case .absent(true): self.init(name, .absent)
        case .absent(false):
            reader.fault("absent", "it is true, or unsaid")
            return nil
        }
    }

    /// What gRPC's metadata keys are made of (gRPC over HTTP/2, "Custom-Metadata").
    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"),
            UInt8(ascii: "_"), UInt8(ascii: "."):
            true
        default: false
        }
    }
}
