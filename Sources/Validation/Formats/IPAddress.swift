extension Rules {
    /// An IPv4 address in dotted decimals, or an IPv6 address, which may have a zone.
    public static func isIP(_ text: String) -> Bool {
        text.withBytes { IPAddress.v4($0) != nil || IPAddress.v6($0, zone: .allowed) != nil }
    }

    public static func isIPv4(_ text: String) -> Bool {
        text.withBytes { IPAddress.v4($0) != nil }
    }

    public static func isIPv6(_ text: String) -> Bool {
        text.withBytes { IPAddress.v6($0, zone: .allowed) != nil }
    }

    /// An address of a version that the contract chose at run time: 4, 6, or 0 for either. No other version has addresses.
    public static func isIP(_ text: String, version: Int64) -> Bool {
        switch version {
        case 0: isIP(text)
        case 4: isIPv4(text)
        case 6: isIPv6(text)
        default: false
        }
    }

    /// An address and the length of its network part: `10.1.2.3/8`.
    ///
    /// - Parameter strict: bits past that length must be zero, as in a network's own name.
    public static func isIPPrefix(_ text: String, strict: Bool = false) -> Bool {
        isIPv4Prefix(text, strict: strict) || isIPv6Prefix(text, strict: strict)
    }

    public static func isIPv4Prefix(_ text: String, strict: Bool = false) -> Bool {
        text.withBytes { bytes in
            guard let slash = bytes.last(UInt8(ascii: "/")), let address = IPAddress.v4(bytes.part(0, slash)),
                let length = DecimalText.value(bytes.part(slash + 1, bytes.count), atMost: 32)
            else { return false }
            return !strict || length == 32 || address << UInt32(length) == 0
        }
    }

    public static func isIPv6Prefix(_ text: String, strict: Bool = false) -> Bool {
        text.withBytes { bytes in
            guard let slash = bytes.last(UInt8(ascii: "/")),
                let address = IPAddress.v6(bytes.part(0, slash), zone: .refused),
                let length = DecimalText.value(bytes.part(slash + 1, bytes.count), atMost: 128)
            else { return false }
            return !strict || length == 128 || address << UInt128(length) == 0
        }
    }

    /// A prefix of a version that the contract chose at run time: 4, 6, or 0 for either.
    public static func isIPPrefix(_ text: String, version: Int64, strict: Bool = false) -> Bool {
        switch version {
        case 0: isIPPrefix(text, strict: strict)
        case 4: isIPv4Prefix(text, strict: strict)
        case 6: isIPv6Prefix(text, strict: strict)
        default: false
        }
    }
}

/// Addresses in text form, read to their bits.
enum IPAddress {
    /// Whether `%eth0` may follow an IPv6 address (RFC 4007 §11).
    enum Zone {
        case allowed, refused
    }

    /// Four decimal octets without leading zeros (RFC 3986 §3.2.2, "IPv4address").
    static func v4(_ bytes: TextBytes) -> UInt32? {
        guard 7...15 ~= bytes.count else { return nil }
        var address: UInt32 = 0
        var start = 0
        for octet in 1...4 {
            var end = start
            while end < bytes.count, bytes[end] != UInt8(ascii: ".") { end += 1 }
            guard (end == bytes.count) == (octet == 4) else { return nil }
            guard let value = DecimalText.value(bytes.part(start, end), atMost: 255) else { return nil }
            address = address << 8 | UInt32(value)
            start = end + 1
        }
        return address
    }

    /// Eight groups of hexadecimal digits, of which `::` may stand for one or more, and an IPv4 address for the last two
    /// (RFC 4291 §2.2).
    static func v6(_ bytes: TextBytes, zone: Zone) -> UInt128? {
        var end = bytes.count
        if let percent = bytes.firstIndex(of: UInt8(ascii: "%")) {
            guard zone == .allowed, isZone(bytes.part(percent + 1, end)) else { return nil }
            end = percent
        }
        var groups = GroupList()
        var next = 0
        if end >= 2, bytes[0] == UInt8(ascii: ":") {
            guard bytes[1] == UInt8(ascii: ":") else { return nil }
            groups.elide()
            next = 2
        }
        while next < end {
            let start = next
            var group: UInt16 = 0
            while next < end, let digit = bytes[next].hexValue {
                guard next - start < 4 else { return nil }
                group = group << 4 | UInt16(digit)
                next += 1
            }
            if next > start, next < end, bytes[next] == UInt8(ascii: ".") {
                guard let tail = v4(bytes.part(start, end)) else { return nil }
                groups.append(UInt16(truncatingIfNeeded: tail >> 16))
                groups.append(UInt16(truncatingIfNeeded: tail))
                return groups.address
            }
            guard next > start, groups.append(group) else { return nil }
            if next == end { break }
            guard bytes[next] == UInt8(ascii: ":"), next + 1 < end else { return nil }
            next += 1
            if bytes[next] == UInt8(ascii: ":") {
                guard groups.elide() else { return nil }
                next += 1
            }
        }
        return groups.address
    }

    /// Anything but nothing and NUL: the characters of a zone are the system's affair.
    private static func isZone(_ bytes: TextBytes) -> Bool {
        !bytes.isEmpty && bytes.allSatisfy { $0 != 0 }
    }

    /// The groups of an IPv6 address while it is read.
    private struct GroupList {
        private var bits: UInt128 = 0
        private var count = 0
        /// How many groups stood before `::`.
        private var elidedAt: Int?

        @discardableResult
        mutating func append(_ group: UInt16) -> Bool {
            count += 1
            bits = bits << 16 | UInt128(group)
            return count <= 8
        }

        @discardableResult
        mutating func elide() -> Bool {
            defer { elidedAt = count }
            return elidedAt == nil
        }

        /// The address, if the groups are as many as they must be.
        var address: UInt128? {
            guard let elidedAt else { return count == 8 ? bits : nil }
            guard count <= 7 else { return nil }
            let behind = UInt128(16 * (count - elidedAt))
            let tail = behind == 0 ? 0 : bits & (UInt128.max >> (128 - behind))
            let head = elidedAt == 0 ? 0 : (bits >> behind) << UInt128(16 * (8 - elidedAt))
            return head | tail
        }
    }
}
