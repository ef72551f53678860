extension Rules {
    @inlinable
    public static func length(_ bytes: [UInt8], atLeast limit: UInt64) -> Bool { UInt64(bytes.count) >= limit }

    @inlinable
    public static func length(_ bytes: [UInt8], atMost limit: UInt64) -> Bool { UInt64(bytes.count) <= limit }

    @inlinable
    public static func length(_ bytes: [UInt8], is wanted: UInt64) -> Bool { UInt64(bytes.count) == wanted }

    public static func hasPrefix(_ bytes: [UInt8], _ prefix: [UInt8]) -> Bool {
        bytes.withUnsafeBufferPointer { bytes in
            prefix.withUnsafeBufferPointer { Bytes.starts(bytes, with: $0, at: 0) }
        }
    }

    public static func hasSuffix(_ bytes: [UInt8], _ suffix: [UInt8]) -> Bool {
        bytes.withUnsafeBufferPointer { bytes in
            suffix.withUnsafeBufferPointer { Bytes.starts(bytes, with: $0, at: bytes.count - $0.count) }
        }
    }

    public static func contains(_ bytes: [UInt8], _ part: [UInt8]) -> Bool {
        bytes.withUnsafeBufferPointer { bytes in
            part.withUnsafeBufferPointer { Bytes.find($0, in: bytes) != nil }
        }
    }

    /// The bytes as text match. Bytes that are no UTF-8 make the rule fail to evaluate, as `string(this)` does.
    public static func matches(_ bytes: [UInt8], _ pattern: Pattern) throws(EvalError) -> Bool {
        pattern.matches(try Eval.string(bytes))
    }

    /// Four bytes or sixteen: an address in network order.
    @inlinable
    public static func isIP(_ bytes: [UInt8]) -> Bool { bytes.count == 4 || bytes.count == 16 }

    @inlinable
    public static func isIPv4(_ bytes: [UInt8]) -> Bool { bytes.count == 4 }

    @inlinable
    public static func isIPv6(_ bytes: [UInt8]) -> Bool { bytes.count == 16 }

    @inlinable
    public static func isUUID(_ bytes: [UInt8]) -> Bool { bytes.count == 16 }
}

/// Searches in bytes.
enum Bytes {
    static func starts(_ bytes: TextBytes, with part: TextBytes, at offset: Int) -> Bool {
        guard offset >= 0, bytes.count - offset >= part.count else { return false }
        for index in 0..<part.count where bytes[offset + index] != part[index] { return false }
        return true
    }

    /// The first place of `part`, from `start` on.
    ///
    /// The needle's failure table (Knuth, Morris and Pratt, 1977) keeps it linear whatever both are: rules run on what
    /// strangers send. Needles that match nowhere in the first bytes, nearly all, need no table.
    static func find(_ part: TextBytes, in bytes: TextBytes, from start: Int = 0) -> Int? {
        guard let first = part.first else { return start }
        var next = start
        // Comparisons that went past the first byte; many of them mean a text made to be slow.
        var patience = 64
        while next + part.count <= bytes.count {
            if bytes[next] == first {
                if starts(bytes, with: part, at: next) { return next }
                patience -= 1
                if patience == 0 { return findByTable(part, in: bytes, from: next) }
            }
            next += 1
        }
        return nil
    }

    private static func findByTable(_ part: TextBytes, in bytes: TextBytes, from start: Int) -> Int? {
        var table = [Int](repeating: 0, count: part.count)
        var length = 0
        for index in 1..<max(part.count, 1) {
            while length > 0, part[index] != part[length] { length = table[length - 1] }
            if part[index] == part[length] { length += 1 }
            table[index] = length
        }
        length = 0
        for index in start..<bytes.count {
            while length > 0, bytes[index] != part[length] { length = table[length - 1] }
            if bytes[index] == part[length] { length += 1 }
            if length == part.count { return index + 1 - length }
        }
        return nil
    }
}
