/// Finds what somebody may have meant.
public enum NearestName {
    /// Longer names are no slips of the known ones.
    private static let longest = 256

    /// The name with the fewest letters to change, if they are few.
    public static func to(_ word: String, among names: some Sequence<String>) -> String? {
        var best: (name: String, distance: Int)?
        for name in names {
            let distance = distance(word, name)
            if distance < best?.distance ?? .max || (distance == best?.distance && name < best?.name ?? "") {
                best = (name, distance)
            }
        }
        guard let best, best.distance <= max(2, word.utf8.count / 4) else { return nil }
        return best.name
    }

    /// Letters to change, to add or to take away (Levenshtein).
    public static func distance(_ left: String, _ right: String) -> Int {
        let left = Array(left.utf8.prefix(longest))
        let right = Array(right.utf8.prefix(longest))
        var row = Array(0...right.count)
        for (index, letter) in left.enumerated() {
            var diagonal = row[0]
            row[0] = index + 1
            for place in right.indices {
                let cost = letter == right[place] ? diagonal : diagonal + 1
                diagonal = row[place + 1]
                row[place + 1] = min(cost, row[place] + 1, row[place + 1] + 1)
            }
        }
        return row[right.count]
    }
}
