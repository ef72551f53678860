import Bytes

/// What of a request's head the session itself needs.
struct RequestHead {
    var contentLength: Int64?
}

/// What of a response's head the session itself needs.
struct ResponseHead {
    var status: Int
    var contentLength: Int64?
    /// An interim response, which a final one follows.
    var isInterim: Bool { status < 200 }
}

/// The rules for the fields of a head or of trailers (RFC 9113 §8.1-8.3), read once over.
///
/// A message that breaks one is malformed: its stream is reset with PROTOCOL_ERROR. Where the RFC leaves a choice (a value
/// with blanks around it, `host` beside `:authority`, which octets a path has) the rules are nghttp2's, so that both engines
/// let the same messages through.
struct HeadRules {
    private var pseudo = Seen()
    private var hasOrdinary = false
    private var hasHost = false
    private var contentLength: Int64?

    private var isConnect = false
    private var isOptions = false
    private var isHTTPScheme = false
    private var path = PathForm.other
    private var status = 0

    private enum PathForm {
        case absolute, asterisk, other
    }

    private struct Seen: OptionSet {
        let rawValue: UInt8
        static let method = Seen(rawValue: 1)
        static let scheme = Seen(rawValue: 2)
        static let authority = Seen(rawValue: 4)
        static let path = Seen(rawValue: 8)
        static let status = Seen(rawValue: 16)
        static let request: Seen = [.method, .scheme, .path]
    }

    private init() {}

    /// A request's head; nil if it is malformed.
    static func request(_ fields: Fields) -> RequestHead? {
        var rules = HeadRules()
        guard rules.read(fields, .request), rules.isWholeRequest else { return nil }
        return RequestHead(contentLength: rules.isConnect ? nil : rules.contentLength)
    }

    /// A response's head; nil if it is malformed. Takes fields away that mean nothing in this response and must not be there.
    static func response(_ fields: inout Fields, answersConnect: Bool) -> ResponseHead? {
        var rules = HeadRules()
        guard rules.read(fields, .response), rules.pseudo.contains(.status) else { return nil }
        let status = rules.status
        if status == 204, let length = rules.contentLength, length != 0 { return nil }
        if status == 204 || status < 200 || answersConnect && status < 300 {
            fields.removeAll(.contentLength)
            rules.contentLength = nil
        }
        return ResponseHead(status: status, contentLength: rules.contentLength)
    }

    static func areTrailers(_ fields: Fields) -> Bool {
        var rules = HeadRules()
        return rules.read(fields, .trailers)
    }

    private enum Block {
        case request, response, trailers
    }

    private mutating func read(_ fields: Fields, _ block: Block) -> Bool {
        fields.withAllBytes { bytes in
            guard let base = bytes.baseAddress else { return true }
            for index in 0..<fields.count {
                let place = fields.place(of: index)
                let name = UnsafeBufferPointer(start: base + place.start, count: place.nameLength)
                let value = UnsafeBufferPointer(start: base + place.start + place.nameLength, count: place.valueLength)
                guard take(fields.name(at: index), name, value, block) else { return false }
            }
            return true
        }
    }

    private mutating func take(
        _ known: Fields.Name, _ name: UnsafeBufferPointer<UInt8>, _ value: UnsafeBufferPointer<UInt8>, _ block: Block
    ) -> Bool {
        switch known {
        case .method, .scheme, .authority, .path:
            return block == .request && takePseudo(known, value)
        case .status:
            return block == .response && takeStatus(value)
        case .other:
            guard FieldRules.isName(name), !isConnectionField(name) else { return false }
        case .connection, .transferEncoding:
            return false
        case .te:
            guard equals(value, "trailers", ignoringCase: true) else { return false }
        case .contentLength:
            guard contentLength == nil, let length = number(value) else { return false }
            contentLength = length
        case .host where block == .request:
            guard !hasHost, isNotBlank(value), FieldRules.isAuthority(value) else { return false }
            hasHost = true
        default:
            break
        }
        hasOrdinary = true
        return FieldRules.isValue(value)
    }

    private mutating func takePseudo(_ known: Fields.Name, _ value: UnsafeBufferPointer<UInt8>) -> Bool {
        guard !hasOrdinary, isNotBlank(value) else { return false }
        let mark: Seen
        let isValid: Bool
        switch known {
        case .method:
            mark = .method
            isValid = FieldRules.isMethod(value)
            isConnect = equals(value, "CONNECT")
            isOptions = equals(value, "OPTIONS")
        case .scheme:
            mark = .scheme
            isValid = FieldRules.isScheme(value)
            isHTTPScheme = equals(value, "http", ignoringCase: true) || equals(value, "https", ignoringCase: true)
        case .authority:
            mark = .authority
            isValid = FieldRules.isAuthority(value)
        default:
            mark = .path
            isValid = FieldRules.isPath(value)
            path = value[0] == UInt8(ascii: "/") ? .absolute : equals(value, "*") ? .asterisk : .other
        }
        guard isValid, !pseudo.contains(mark) else { return false }
        pseudo.insert(mark)
        return true
    }

    private mutating func takeStatus(_ value: UnsafeBufferPointer<UInt8>) -> Bool {
        guard !hasOrdinary, !pseudo.contains(.status), value.count == 3, let code = number(value) else { return false }
        // 101 is HTTP/1.1's alone (RFC 9113 §8.6).
        guard code != 101 else { return false }
        pseudo.insert(.status)
        status = Int(code)
        return true
    }

    /// All that a request must have is there (RFC 9113 §8.3.1, §8.5).
    private var isWholeRequest: Bool {
        if isConnect {
            return pseudo.contains(.authority) && pseudo.isDisjoint(with: [.scheme, .path])
        }
        guard pseudo.isSuperset(of: .request), pseudo.contains(.authority) || hasHost else { return false }
        return !isHTTPScheme || path == .absolute || isOptions && path == .asterisk
    }

    /// What belongs to one HTTP/1.1 connection (RFC 9113 §8.2.2); two more have a `Name`.
    private func isConnectionField(_ name: UnsafeBufferPointer<UInt8>) -> Bool {
        switch name.count {
        case 7: equals(name, "upgrade")
        case 10: equals(name, "keep-alive")
        case 16: equals(name, "proxy-connection")
        default: false
        }
    }

    private func isNotBlank(_ value: UnsafeBufferPointer<UInt8>) -> Bool {
        for octet in value where !FieldRules.isBlank(octet) { return true }
        return false
    }

    /// The number that all of `value` spells in decimal digits, if 63 bits hold it.
    private func number(_ value: UnsafeBufferPointer<UInt8>) -> Int64? {
        guard !value.isEmpty else { return nil }
        var number: Int64 = 0
        for octet in value {
            guard octet >= UInt8(ascii: "0"), octet <= UInt8(ascii: "9") else { return nil }
            let (tens, overflow) = number.multipliedReportingOverflow(by: 10)
            let (sum, carried) = tens.addingReportingOverflow(Int64(octet - UInt8(ascii: "0")))
            guard !overflow, !carried else { return nil }
            number = sum
        }
        return number
    }

    @inline(__always)
    private func equals(
        _ value: UnsafeBufferPointer<UInt8>, _ text: StaticString, ignoringCase: Bool = false
    ) -> Bool {
        guard value.count == text.utf8CodeUnitCount else { return false }
        for index in 0..<value.count {
            var octet = value[index]
            if ignoringCase, octet >= UInt8(ascii: "A"), octet <= UInt8(ascii: "Z") { octet |= 0x20 }
            guard octet == text.utf8Start[index] else { return false }
        }
        return true
    }
}
