import RulesAPI

extension StandardRules {
    mutating func add(_ rules: BufValidate.StringRules) {
        if let const = rules.const {
            add("const", 1, "string", "must equal `\(const)`", if: "!Rules.equal(\(value), \(Literal.text(const)))")
        }
        addLengths(rules)
        if let pattern = rules.pattern {
            let reference = patterns.reference(pattern)
            add(
                "pattern", 6, "string", "does not match regex pattern `\(pattern)`",
                if: "!Rules.matches(\(value), \(reference))")
        }
        if let part = rules.prefix {
            add(
                "prefix", 7, "string", "does not have prefix `\(part)`",
                if: "!Rules.hasPrefix(\(value), \(Literal.text(part)))")
        }
        if let part = rules.suffix {
            add(
                "suffix", 8, "string", "does not have suffix `\(part)`",
                if: "!Rules.hasSuffix(\(value), \(Literal.text(part)))")
        }
        if let part = rules.contains {
            add(
                "contains", 9, "string", "does not contain substring `\(part)`",
                if: "!Rules.contains(\(value), \(Literal.text(part)))")
        }
        if let part = rules.notContains {
            add(
                "not_contains", 23, "string", "contains substring `\(part)`",
                if: "Rules.contains(\(value), \(Literal.text(part)))")
        }
        if !rules.in.isEmpty {
            add(
                "in", 10, "string", "must be in list \(Shown.list(rules.in))",
                if: "!Rules.isIn(\(value), \(Literal.list(rules.in.map(Literal.text))))")
        }
        if !rules.notIn.isEmpty {
            add(
                "not_in", 11, "string", "must not be in list \(Shown.list(rules.notIn))",
                if: "Rules.isIn(\(value), \(Literal.list(rules.notIn.map(Literal.text))))")
        }
        if let known = rules.wellKnown { add(known, isStrict: rules.strict ?? true) }
    }

    private mutating func addLengths(_ rules: BufValidate.StringRules) {
        if let len = rules.len {
            add("len", 19, "uint64", "must be \(len) characters", if: "!Rules.length(\(value), is: \(len))")
        }
        if let len = rules.minLen {
            add(
                "min_len", 2, "uint64", "must be at least \(len) characters",
                if: "!Rules.length(\(value), atLeast: \(len))")
        }
        if let len = rules.maxLen {
            add(
                "max_len", 3, "uint64", "must be at most \(len) characters",
                if: "!Rules.length(\(value), atMost: \(len))")
        }
        if let len = rules.lenBytes {
            add("len_bytes", 20, "uint64", "must be \(len) bytes", if: "!Rules.byteLength(\(value), is: \(len))")
        }
        if let len = rules.minBytes {
            add(
                "min_bytes", 4, "uint64", "must be at least \(len) bytes",
                if: "!Rules.byteLength(\(value), atLeast: \(len))")
        }
        if let len = rules.maxBytes {
            add(
                "max_bytes", 5, "uint64", "must be at most \(len) bytes",
                if: "!Rules.byteLength(\(value), atMost: \(len))")
        }
    }

    /// A format: its name and number, what it is called, the question, and what is said of an empty value if not the same.
    private struct Format {
        let name: String
        let number: Int32
        let words: String
        let question: String
        var emptyWords: String?
        /// An empty value is asked like any other.
        var allowsEmpty = false
    }

    private mutating func add(_ known: BufValidate.StringRules.WellKnown, isStrict: Bool) {
        if case .wellKnownRegex(let regex) = known { return add(regex, isStrict: isStrict) }
        guard let format = StandardRules.format(known) else { return }
        let holds = format.question.replacing("$", with: value)
        guard !format.allowsEmpty else {
            return add(format.name, format.number, "bool", "must be a valid \(format.words)", if: "!\(holds)")
        }
        add(format.name, format.number, "bool", "must be a valid \(format.words)", if: "!\(value).isEmpty && !\(holds)")
        add(
            format.name, format.number, "bool", id: "string.\(format.name)_empty",
            "value is empty, which is not a valid \(format.emptyWords ?? format.words)", if: "\(value).isEmpty")
    }

    private static func format(_ known: BufValidate.StringRules.WellKnown) -> Format? {
        switch known {
        case .email(true): Format(name: "email", number: 12, words: "email address", question: "Rules.isEmail($)")
        case .hostname(true): Format(name: "hostname", number: 13, words: "hostname", question: "Rules.isHostname($)")
        case .ip(true): Format(name: "ip", number: 14, words: "IP address", question: "Rules.isIP($)")
        case .ipv4(true): Format(name: "ipv4", number: 15, words: "IPv4 address", question: "Rules.isIPv4($)")
        case .ipv6(true): Format(name: "ipv6", number: 16, words: "IPv6 address", question: "Rules.isIPv6($)")
        case .uri(true): Format(name: "uri", number: 17, words: "URI", question: "Rules.isURI($)")
        case .uriRef(true):
            Format(
                name: "uri_ref", number: 18, words: "URI Reference", question: "Rules.isURIRef($)", allowsEmpty: true)
        case .address(true):
            Format(
                name: "address", number: 21, words: "hostname, or ip address",
                question: "(Rules.isHostname($) || Rules.isIP($))")
        case .uuid(true): Format(name: "uuid", number: 22, words: "UUID", question: "Rules.isUUID($)")
        case .tuuid(true): Format(name: "tuuid", number: 33, words: "trimmed UUID", question: "Rules.isTUUID($)")
        case .hostAndPort(true):
            Format(
                name: "host_and_port", number: 32, words: "host (hostname or IP address) and port pair",
                question: "Rules.isHostAndPort($, portRequired: true)", emptyWords: "host and port pair")
        case .ulid(true): Format(name: "ulid", number: 35, words: "ULID", question: "Rules.isULID($)")
        case .protobufFqn(true):
            Format(
                name: "protobuf_fqn", number: 37, words: "fully-qualified Protobuf name",
                question: "Rules.isProtobufName($)")
        case .protobufDotFqn(true):
            Format(
                name: "protobuf_dot_fqn", number: 38, words: "fully-qualified Protobuf name with a leading dot",
                question: "Rules.isProtobufDotName($)")
        default: prefixFormat(known)
        }
    }

    private static func prefixFormat(_ known: BufValidate.StringRules.WellKnown) -> Format? {
        switch known {
        case .ipWithPrefixlen(true):
            Format(name: "ip_with_prefixlen", number: 26, words: "IP prefix", question: "Rules.isIPPrefix($)")
        case .ipv4WithPrefixlen(true):
            Format(
                name: "ipv4_with_prefixlen", number: 27, words: "IPv4 address with prefix length",
                question: "Rules.isIPv4Prefix($)")
        case .ipv6WithPrefixlen(true):
            Format(
                name: "ipv6_with_prefixlen", number: 28, words: "IPv6 address with prefix length",
                question: "Rules.isIPv6Prefix($)")
        case .ipPrefix(true):
            Format(name: "ip_prefix", number: 29, words: "IP prefix", question: "Rules.isIPPrefix($, strict: true)")
        case .ipv4Prefix(true):
            Format(
                name: "ipv4_prefix", number: 30, words: "IPv4 prefix", question: "Rules.isIPv4Prefix($, strict: true)")
        case .ipv6Prefix(true):
            Format(
                name: "ipv6_prefix", number: 31, words: "IPv6 prefix", question: "Rules.isIPv6Prefix($, strict: true)")
        default: nil
        }
    }

    private mutating func add(_ regex: BufValidate.KnownRegex, isStrict: Bool) {
        let strict = isStrict ? "" : ", strict: false"
        switch regex {
        case .httpHeaderName:
            let id = "string.well_known_regex.header_name"
            add(
                "well_known_regex", 24, "enumeration", id: id, "must be a valid HTTP header name",
                if: "!\(value).isEmpty && !Rules.isHeaderName(\(value)\(strict))")
            add(
                "well_known_regex", 24, "enumeration", id: id + "_empty",
                "value is empty, which is not a valid HTTP header name", if: "\(value).isEmpty")
        case .httpHeaderValue:
            add(
                "well_known_regex", 24, "enumeration", id: "string.well_known_regex.header_value",
                "must be a valid HTTP header value", if: "!Rules.isHeaderValue(\(value)\(strict))")
        default: break
        }
    }
}
