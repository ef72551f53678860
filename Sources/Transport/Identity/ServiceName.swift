/// How services are called in a mesh: in SPIFFE ids, in routes and in `mesh.yaml`.
public enum ServiceName {
    /// The control plane: every sidecar routes this name to it, by its own certificate.
    public static let control = "weft-control"

    /// A service name is a DNS label (RFC 1123): lower-case letters, digits, hyphens inside, at most 63.
    public static func isValid(_ name: String) -> Bool {
        let isLabel = name.utf8.allSatisfy { byte in
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                || byte == UInt8(ascii: "-")
        }
        return isLabel && (1...63).contains(name.utf8.count) && !name.hasPrefix("-") && !name.hasSuffix("-")
    }
}
