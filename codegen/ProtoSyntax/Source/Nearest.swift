/// Which of `candidates` the author of `word` most likely meant; `nil` if none is near.
///
/// Near means: at most a third of the letters differ, letter case counted as half a difference; words of one or two letters
/// may differ in case alone. With more tolerance, short names suggest nonsense.
public func nearest(to word: String, among candidates: some Sequence<String>) -> String? {
    let letters = Array(word.utf8)
    guard !letters.isEmpty, letters.count <= nearestWordLimit else { return nil }
    let tolerance = letters.count < 3 ? 1 : max(2, letters.count * 2 / 3)
    var best: (distance: Int, word: String)?
    for candidate in candidates where candidate != word && candidate.utf8.count <= nearestWordLimit {
        let distance = editDistance(letters, Array(candidate.utf8), limit: tolerance)
        if distance <= tolerance,
            distance < best?.distance ?? .max
                || (distance == best?.distance && candidate < best?.word ?? "")
        {
            best = (distance, candidate)
        }
    }
    return best?.word
}

/// Longer words are not compared: the comparison is quadratic, and nobody mistypes a name of this length by a letter.
private let nearestWordLimit = 128

/// Twice the number of letters to insert, remove, replace or swap; a change of case alone counts 1.
private func editDistance(_ left: [UInt8], _ right: [UInt8], limit: Int) -> Int {
    if abs(left.count - right.count) * 2 > limit { return limit + 1 }
    var before: [Int] = []
    var previous = (0...right.count).map { $0 * 2 }
    for row in 1...max(left.count, 1) where row <= left.count {
        var current = [row * 2]
        for column in 1...max(right.count, 1) where column <= right.count {
            let (one, other) = (left[row - 1], right[column - 1])
            let change = one == other ? 0 : (lowered(one) == lowered(other) ? 1 : 2)
            var cost = min(previous[column - 1] + change, previous[column] + 2, current[column - 1] + 2)
            if row > 1, column > 1, one == right[column - 2], other == left[row - 2] {
                cost = min(cost, before[column - 2] + 2)
            }
            current.append(cost)
        }
        before = previous
        previous = current
    }
    return previous[right.count]
}

private func lowered(_ byte: UInt8) -> UInt8 {
    byte >= 65 && byte <= 90 ? byte + 32 : byte
}
