/// Holds a message behind a reference, for a type that contains itself.
///
/// It is a value all the same: a box that somebody else holds too is copied before it changes.
public struct Box<Value: Message>: Sendable, Equatable {
    @usableFromInline
    final class Storage: @unchecked Sendable {  // `value` changes only while its one owner holds the storage uniquely
        @usableFromInline var value: Value

        @inlinable
        init(_ value: Value) {
            self.value = value
        }
    }

    @usableFromInline var storage: Storage

    @inlinable
    public init(_ value: Value) {
        storage = Storage(value)
    }

    @inlinable
    public var value: Value {
        get { storage.value }
        set {
            if isKnownUniquelyReferenced(&storage) {
                storage.value = newValue
            } else {
                storage = Storage(newValue)
            }
        }
    }

    /// Changes the value where it lies.
    ///
    /// One access for a whole message keeps the run-time exclusivity check of class fields to one.
    @inlinable
    public mutating func update<Failure: Error>(
        _ change: (inout Value) throws(Failure) -> Void
    ) throws(Failure) {
        if !isKnownUniquelyReferenced(&storage) { storage = Storage(storage.value) }
        try change(&storage.value)
    }

    public static func == (left: Box, right: Box) -> Bool {
        left.storage === right.storage || left.storage.value == right.storage.value
    }
}
