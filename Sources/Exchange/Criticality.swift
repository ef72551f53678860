/// How bad it is if a call is not answered: under load, the lowest are shed first.
///
/// It travels from hop to hop in `weft-criticality`, through applications by `Call.current`. Four levels are what people can
/// tell apart (Beyer et al., "Site Reliability Engineering", ch. 21, "Criticality").
public enum Criticality: UInt8, Sendable, Comparable, CaseIterable {
    /// Batch work that is tried again later.
    case sheddable
    /// Nobody waits for it.
    case sheddablePlus
    /// Somebody waits: what a call is of which nobody says anything.
    case critical
    /// What must not fail while anything works.
    case criticalPlus

    public static func < (left: Criticality, right: Criticality) -> Bool { left.rawValue < right.rawValue }

    /// As it stands in `weft-criticality`: `sheddable-plus`.
    public var text: String {
        switch self {
        case .sheddable: "sheddable"
        case .sheddablePlus: "sheddable-plus"
        case .critical: "critical"
        case .criticalPlus: "critical-plus"
        }
    }

    public init?(text: String) {
        guard let found = Self.allCases.first(where: { $0.text == text }) else { return nil }
        self = found
    }

    /// A value that is none of them says nothing. No two spellings have the same length.
    public init?(_ value: UnsafeBufferPointer<UInt8>) {
        let (criticality, spelling): (Criticality, StaticString)
        switch value.count {
        case 9: (criticality, spelling) = (.sheddable, "sheddable")
        case 14: (criticality, spelling) = (.sheddablePlus, "sheddable-plus")
        case 8: (criticality, spelling) = (.critical, "critical")
        case 13: (criticality, spelling) = (.criticalPlus, "critical-plus")
        default: return nil
        }
        let letters = UnsafeBufferPointer(start: spelling.utf8Start, count: spelling.utf8CodeUnitCount)
        guard letters.elementsEqual(value) else { return nil }
        self = criticality
    }
}
