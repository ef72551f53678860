/// Streams in the order in which they are served: a chain through the streams themselves.
///
/// A stream is in one list at most, which its `place` tells.
struct SendList: ~Copyable {
    private(set) var first: NativeStream.Pointer?
    private var last: NativeStream.Pointer?
    private let place: NativeStream.Place

    init(_ place: NativeStream.Place) {
        self.place = place
    }

    var isEmpty: Bool { first == nil }

    mutating func append(_ stream: NativeStream.Pointer) {
        stream.pointee.place = place
        stream.pointee.before = last
        stream.pointee.after = nil
        if let last {
            last.pointee.after = stream
        } else {
            first = stream
        }
        last = stream
    }

    mutating func remove(_ stream: NativeStream.Pointer) {
        let before = stream.pointee.before
        let after = stream.pointee.after
        if let before { before.pointee.after = after } else { first = after }
        if let after { after.pointee.before = before } else { last = before }
        stream.pointee.before = nil
        stream.pointee.after = nil
        stream.pointee.place = .nowhere
    }

    mutating func popFirst() -> NativeStream.Pointer? {
        guard let stream = first else { return nil }
        remove(stream)
        return stream
    }
}
