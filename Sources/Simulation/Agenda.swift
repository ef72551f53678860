import Timebase

/// What is to happen at which time, outside of the loops: deliveries, answers of the resolver, faults of a script.
///
/// Entries of one time happen in the order that they were made in, so that a run depends on nothing but its seed.
struct Agenda {
    private struct Entry {
        let due: Instant
        let number: UInt64
        let action: () -> Void

        func comes(before other: Entry) -> Bool {
            due == other.due ? number < other.number : due < other.due
        }
    }

    /// A binary heap, the next entry first.
    private var entries: [Entry] = []
    private var made: UInt64 = 0

    var count: Int { entries.count }
    var next: Instant? { entries.first?.due }

    mutating func add(at due: Instant, _ action: @escaping () -> Void) {
        made += 1
        entries.append(Entry(due: due, number: made, action: action))
        var place = entries.count - 1
        while place > 0, entries[place].comes(before: entries[(place - 1) / 2]) {
            entries.swapAt(place, (place - 1) / 2)
            place = (place - 1) / 2
        }
    }

    mutating func popDue(at now: Instant) -> (() -> Void)? {
        guard let first = entries.first, first.due <= now else { return nil }
        let last = entries.removeLast()
        if entries.isEmpty { return first.action }
        entries[0] = last
        var place = 0
        while true {
            var least = place
            for child in [2 * place + 1, 2 * place + 2] where child < entries.count {
                if entries[child].comes(before: entries[least]) { least = child }
            }
            if least == place { break }
            entries.swapAt(place, least)
            place = least
        }
        return first.action
    }
}
