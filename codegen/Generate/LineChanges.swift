/// The lines by which two texts differ, as few as can be.
package struct LineChanges {
    package enum Step: Equatable, Sendable {
        case keep(String)
        case remove(String)
        case add(String)
    }

    /// Longer stretches that differ are shown as one change of all: nobody reads them, and the search takes the square.
    private static let mostLines = 8_000

    package let steps: [Step]

    package init(from old: [UInt8], to new: [UInt8]) {
        steps = LineChanges.steps(LineChanges.lines(old), LineChanges.lines(new))
    }

    package var added: Int { steps.count { if case .add = $0 { true } else { false } } }
    package var removed: Int { steps.count { if case .remove = $0 { true } else { false } } }

    private static func lines(_ bytes: [UInt8]) -> [String] {
        var lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
            .map { String(decoding: $0, as: UTF8.self) }
        if lines.last == "" { lines.removeLast() }
        return lines
    }

    private static func steps(_ old: [String], _ new: [String]) -> [Step] {
        let head = zip(old, new).prefix { $0 == $1 }.count
        let rest = min(old.count, new.count) - head
        let tail = zip(old.reversed(), new.reversed()).prefix(rest).prefix { $0 == $1 }.count
        let middle = edits(Array(old[head..<(old.count - tail)]), Array(new[head..<(new.count - tail)]))
        return old[..<head].map(Step.keep) + middle + old[(old.count - tail)...].map(Step.keep)
    }

    private static func edits(_ old: [String], _ new: [String]) -> [Step] {
        guard old.count + new.count <= mostLines else { return old.map(Step.remove) + new.map(Step.add) }
        let difference = new.difference(from: old)
        var removed: Set<Int> = []
        var added: Set<Int> = []
        for change in difference {
            switch change {
            case .remove(let offset, _, _): removed.insert(offset)
            case .insert(let offset, _, _): added.insert(offset)
            }
        }
        var (steps, from, to): ([Step], Int, Int) = ([], 0, 0)
        while from < old.count || to < new.count {
            if from < old.count, removed.contains(from) {
                steps.append(.remove(old[from]))
                from += 1
            } else if to < new.count, added.contains(to) {
                steps.append(.add(new[to]))
                to += 1
            } else {
                steps.append(.keep(old[from]))
                from += 1
                to += 1
            }
        }
        return steps
    }

    // MARK: - For people

    /// Unchanged lines around each change.
    private static let context = 3

    /// As `diff -u` writes it; empty if nothing differs.
    package func unified(old: String, new: String) -> String {
        let changed = steps.indices.filter { if case .keep = steps[$0] { false } else { true } }
        guard let first = changed.first else { return "" }
        var hunks = [first...first]
        for index in changed.dropFirst() {
            let last = hunks[hunks.count - 1]
            if index - last.upperBound <= 2 * LineChanges.context {
                hunks[hunks.count - 1] = last.lowerBound...index
            } else {
                hunks.append(index...index)
            }
        }
        return "--- \(old)\n+++ \(new)\n" + hunks.map(hunk).joined()
    }

    private func hunk(_ changed: ClosedRange<Int>) -> String {
        let range =
            max(
                0, changed.lowerBound - LineChanges.context)..<min(
                steps.count, changed.upperBound + 1 + LineChanges.context)
        let oldCount = { (part: ArraySlice<Step>) in part.count { if case .add = $0 { false } else { true } } }
        let newCount = { (part: ArraySlice<Step>) in part.count { if case .remove = $0 { false } else { true } } }
        let (before, part) = (steps[..<range.lowerBound], steps[range])
        // A hunk that touches no line of a side names the line before it.
        let place = { (before: Int, count: Int) in "\(count == 0 ? before : before + 1),\(count)" }
        let head =
            "@@ -\(place(oldCount(before), oldCount(part))) +\(place(newCount(before), newCount(part))) @@\n"
        return head
            + part.map { step in
                switch step {
                case .keep(let line): " " + line + "\n"
                case .remove(let line): "-" + line + "\n"
                case .add(let line): "+" + line + "\n"
                }
            }.joined()
    }
}
