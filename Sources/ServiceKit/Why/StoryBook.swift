/// The last things that went wrong in a process, for `weft why`: a ring, bounded by number and by bytes.
///
/// What is kept is told only when somebody asks; keeping it costs a few counted references. The oldest go first.
package final class StoryBook<Story> {
    /// Two seconds of a storm that is told at 250 a second, or a night of rare failures.
    package static var mostStories: Int { 512 }
    /// With what heads of requests hold as a rule, about half of what the stories' number allows.
    package static var mostBytes: Int { 1 << 20 }

    private struct Entry {
        var story: Story
        var weight: Int
    }

    private let limit: Int
    private let byteLimit: Int
    /// In a circle: the oldest is at `start`.
    private var entries: [Entry?]
    private var start = 0
    package private(set) var count = 0
    package private(set) var bytes = 0

    package init(mostStories: Int = StoryBook.mostStories, mostBytes: Int = StoryBook.mostBytes) {
        limit = max(1, mostStories)
        byteLimit = mostBytes
        entries = []
    }

    /// `weight` is how many bytes the story holds, about. One that is heavier than all may be is not kept.
    package func add(_ story: Story, weight: Int) {
        guard weight <= byteLimit else { return }
        if entries.isEmpty { entries = Array(repeating: nil, count: limit) }
        while count == limit || bytes + weight > byteLimit { dropOldest() }
        entries[(start + count) % limit] = Entry(story: story, weight: weight)
        count += 1
        bytes += weight
    }

    private func dropOldest() {
        bytes -= entries[start]?.weight ?? 0
        entries[start] = nil
        start = (start + 1) % limit
        count -= 1
    }

    /// The stories for which `isWanted` holds, the latest first.
    package func latest(_ most: Int, where isWanted: (Story) -> Bool) -> [Story] {
        var found: [Story] = []
        for offset in (0..<count).reversed() where found.count < most {
            if let entry = entries[(start + offset) % limit], isWanted(entry.story) { found.append(entry.story) }
        }
        return found
    }
}
