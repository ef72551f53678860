import Glibc

/// Doubles in the forms of C's `printf`, which CEL's implementations use.
enum NumberText {
    /// The most digits after the point: what follows in a double is zeros.
    static let precisionLimit = 1_074

    /// `%.6f`
    static func fixed(_ value: Double, precision: Int) -> String { text("%.*f", value, precision) }

    /// `%.6e`
    static func scientific(_ value: Double, precision: Int) -> String { text("%.*e", value, precision) }

    /// `%.6g`
    static func general(_ value: Double, digits: Int) -> String { text("%.*g", value, digits) }

    private static func text(_ format: String, _ value: Double, _ precision: Int) -> String {
        let precision = CInt(min(max(precision, 0), precisionLimit))
        // The longest: 309 digits before the point.
        let capacity = 512 + Int(precision)
        return withUnsafeTemporaryAllocation(of: CChar.self, capacity: capacity) { buffer in
            let count = withVaList([precision, value]) { vsnprintf(buffer.baseAddress, capacity, format, $0) }
            let bytes = buffer.prefix(min(max(Int(count), 0), capacity - 1)).map { UInt8(bitPattern: $0) }
            return String(decoding: bytes, as: UTF8.self)
        }
    }
}
