/// Memory of its owner alone, for plain values, with checked bounds.
///
/// An array would be counted and asked for its uniqueness at each use; measured, that was half of a decoder's time. This
/// stops the process where an array would, and costs a comparison.
struct OwnedRun<Element: BitwiseCopyable>: ~Copyable {
    private let start: UnsafeMutablePointer<Element>?
    let count: Int

    /// No memory at all.
    init() {
        start = nil
        count = 0
    }

    init(repeating element: Element, count: Int) {
        let start = UnsafeMutablePointer<Element>.allocate(capacity: count)
        start.initialize(repeating: element, count: count)
        self.start = start
        self.count = count
    }

    deinit { start?.deallocate() }

    var isEmpty: Bool { count == 0 }

    @inline(__always)
    subscript(place: Int) -> Element {
        get {
            guard let start, UInt(bitPattern: place) < UInt(bitPattern: count) else { outOfBounds() }
            return start[place]
        }
        _modify {
            guard let start, UInt(bitPattern: place) < UInt(bitPattern: count) else { outOfBounds() }
            yield &start[place]
        }
    }

    /// The elements from `first` on.
    @inline(__always)
    func run(_ first: Int, _ length: Int) -> UnsafeMutableBufferPointer<Element> {
        guard first >= 0, length >= 0, first <= count, length <= count - first else { outOfBounds() }
        return UnsafeMutableBufferPointer(start: start.map { $0 + first }, count: length)
    }
}

/// A table that the program computes once and keeps until it ends, with checked bounds.
struct ImmortalTable<Element: BitwiseCopyable>: @unchecked Sendable {  // nobody writes after the initializer
    private let start: UnsafePointer<Element>
    let count: Int

    init(_ elements: [Element]) {
        let start = UnsafeMutablePointer<Element>.allocate(capacity: elements.count)
        start.initialize(from: elements, count: elements.count)
        self.start = UnsafePointer(start)
        count = elements.count
    }

    @inline(__always)
    subscript(place: Int) -> Element {
        guard UInt(bitPattern: place) < UInt(bitPattern: count) else { outOfBounds() }
        return start[place]
    }
}

@inline(never)
private func outOfBounds() -> Never {
    preconditionFailure("a place beyond the end of a table of HPACK's")
}
