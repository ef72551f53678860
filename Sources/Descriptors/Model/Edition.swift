public import ProtoWire

// Restated from google/protobuf/descriptor.proto (names and numbers are its).

/// A version of the language.
public struct Edition: ProtoEnum {
    public let rawValue: Int32

    @inlinable
    public init(rawValue: Int32) {
        self.rawValue = rawValue
    }

    public static let unknown = Edition(rawValue: 0)
    public static let legacy = Edition(rawValue: 900)
    public static let proto2 = Edition(rawValue: 998)
    public static let proto3 = Edition(rawValue: 999)
    public static let edition2023 = Edition(rawValue: 1000)
    public static let edition2024 = Edition(rawValue: 1001)
    public static let edition2026 = Edition(rawValue: 1002)
    public static let unstable = Edition(rawValue: 9999)
    public static let edition1TestOnly = Edition(rawValue: 1)
    public static let edition2TestOnly = Edition(rawValue: 2)
    public static let edition99997TestOnly = Edition(rawValue: 99997)
    public static let edition99998TestOnly = Edition(rawValue: 99998)
    public static let edition99999TestOnly = Edition(rawValue: 99999)
    public static let max = Edition(rawValue: 2147483647)
}

/// Whether other files may use a symbol (edition 2024).
public struct SymbolVisibility: ProtoEnum {
    public let rawValue: Int32

    @inlinable
    public init(rawValue: Int32) {
        self.rawValue = rawValue
    }

    public static let unset = SymbolVisibility(rawValue: 0)
    public static let local = SymbolVisibility(rawValue: 1)
    public static let export = SymbolVisibility(rawValue: 2)
}
