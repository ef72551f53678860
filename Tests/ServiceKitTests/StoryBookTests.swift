@testable import ServiceKit
import Testing

@Suite struct StoryBookTests {
    @Test func `the latest come first, and the oldest go`() {
        let book = StoryBook<Int>(mostStories: 3, mostBytes: 1000)
        for number in 1...5 { book.add(number, weight: 10) }
        #expect(book.latest(10) { _ in true } == [5, 4, 3] && book.bytes == 30)
        #expect(book.latest(1) { $0 < 5 } == [4])
    }

    @Test func `bytes are bounded too`() {
        let book = StoryBook<Int>(mostStories: 100, mostBytes: 100)
        for number in 1...4 { book.add(number, weight: 40) }
        #expect(book.latest(10) { _ in true } == [4, 3] && book.bytes == 80)
        book.add(5, weight: 101)
        #expect(book.count == 2)
        book.add(6, weight: 100)
        #expect(book.latest(10) { _ in true } == [6])
    }
}
