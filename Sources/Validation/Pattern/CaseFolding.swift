/// Which code points differ in case only: what `(?i)` adds to a set.
///
/// The orbits are those of Unicode's simple case folding, made from the standard library's mappings when the first
/// expression asks: two code points fold together if a mapping to one code point leads from one to the other.
struct CaseFolding: Sendable {
    static let table = CaseFolding()

    /// Folding code points in order, each with its orbit's number.
    private var members: [(scalar: UInt32, orbit: Int)] = []
    private var orbits: [[UInt32]] = []

    /// The last code point that has a case lies below.
    private static let end: UInt32 = 0x1_E944

    /// Dotless i maps to I, but folds to nothing (CaseFolding.txt has it for Turkic languages only).
    private static let dotlessI: UInt32 = 0x131

    private init() {
        var orbitOf: [UInt32: Int] = [:]
        var found: [[UInt32]] = []
        func join(_ left: UInt32, _ right: UInt32) {
            switch (orbitOf[left], orbitOf[right]) {
            case (nil, nil):
                orbitOf[left] = found.count
                orbitOf[right] = found.count
                found.append([left, right])
            case (let orbit?, nil):
                orbitOf[right] = orbit
                found[orbit].append(right)
            case (nil, let orbit?):
                orbitOf[left] = orbit
                found[orbit].append(left)
            case (let kept?, let gone?):
                guard kept != gone else { return }
                for scalar in found[gone] { orbitOf[scalar] = kept }
                found[kept] += found[gone]
                found[gone] = []
            }
        }
        for value in 0...Self.end where value != Self.dotlessI {
            guard let scalar = Unicode.Scalar(value), scalar.properties.changesWhenCaseMapped else { continue }
            for mapping in [scalar.properties.lowercaseMapping, scalar.properties.uppercaseMapping] {
                let mapped = mapping.unicodeScalars
                if let other = mapped.first, mapped.count == 1, other != scalar { join(value, other.value) }
            }
        }
        orbits = found
        members = orbitOf.map { ($0.key, $0.value) }.sorted { $0.scalar < $1.scalar }
    }

    /// The set, and whatever differs from its members in case only.
    func folded(_ set: ScalarSet) -> ScalarSet {
        var added: [ScalarSet.Range] = []
        for range in set.ranges {
            var next = place(of: range.first)
            while next < members.count, members[next].scalar <= range.last {
                for other in orbits[members[next].orbit] { added.append(.init(first: other, last: other)) }
                next += 1
            }
        }
        return added.isEmpty ? set : ScalarSet(set.ranges + added)
    }

    private func place(of scalar: UInt32) -> Int {
        var low = 0
        var high = members.count
        while low < high {
            let middle = (low + high) / 2
            if members[middle].scalar < scalar { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
