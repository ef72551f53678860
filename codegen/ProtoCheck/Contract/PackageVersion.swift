/// The version that a package's last part names: `v1`, `v1beta2`, `v1p3alpha`, `v2testfoo`.
/// Source: google.aip.dev/185, and buf's documentation of PACKAGE_VERSION_SUFFIX.
package struct PackageVersion: Equatable, Sendable {
    /// Alpha, beta and test versions may change in any way.
    package let isStable: Bool

    package init?(ofPackage package: String) {
        let parts = package.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count > 1, let last = parts.last, last.hasPrefix("v") else { return nil }
        let version = String(last.dropFirst())
        if let (major, _) = PackageVersion.split(version, at: "test") {
            guard PackageVersion.isNumber(major) else { return nil }
            isStable = false
            return
        }
        let pieces = ["alpha", "beta"].compactMap { PackageVersion.split(version, at: $0) }
        guard let (head, tail) = pieces.first else {
            guard PackageVersion.isNumber(version) else { return nil }
            isStable = true
            return
        }
        let majorAndPatch = PackageVersion.split(head, at: "p")
        let numbers = majorAndPatch.map { [$0.0, $0.1] } ?? [head]
        guard pieces.count == 1, numbers.allSatisfy(PackageVersion.isNumber),
            tail.isEmpty || PackageVersion.isNumber(tail)
        else { return nil }
        isStable = false
    }

    /// From 1, within 32 bits.
    private static func isNumber(_ text: String) -> Bool {
        Int32(text).map { $0 >= 1 } ?? false
    }

    /// What stands before and behind the first place of a word.
    private static func split(_ text: String, at word: String) -> (String, String)? {
        let (bytes, wanted) = (Array(text.utf8), Array(word.utf8))
        guard bytes.count >= wanted.count else { return nil }
        for start in 0...(bytes.count - wanted.count) where Array(bytes[start..<start + wanted.count]) == wanted {
            return (
                String(decoding: bytes[..<start], as: UTF8.self),
                String(decoding: bytes[(start + wanted.count)...], as: UTF8.self)
            )
        }
        return nil
    }
}
