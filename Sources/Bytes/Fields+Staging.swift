extension Fields {
    /// Lets `write` put at most `room` bytes behind the list, and answers how many it wrote: bytes that belong to no field
    /// until `commit` says so. `staged` is how many were put there before.
    ///
    /// A decompressor unpacks a name and a value right where they will stay. Whatever it does next but staging and
    /// `commit` forgets staged bytes, which is how a field is given up.
    @inlinable
    public mutating func stage<Failure: Error>(
        room: Int, after staged: Int, _ write: (UnsafeMutableBufferPointer<UInt8>) throws(Failure) -> Int
    ) throws(Failure) -> Int {
        let storage = makeRoom(bytes: staged + room, entries: 1, staged: staged)
        let target = storage.base + Int(storage.header.used) + staged
        let written = try write(UnsafeMutableBufferPointer(start: target, count: room))
        precondition(written >= 0 && written <= room, "more was staged than there was room for")
        return written
    }

    /// The staged bytes as a name and a value.
    @inlinable
    public func withStaged<Result>(
        nameLength: Int, valueLength: Int,
        _ body: (UnsafeBufferPointer<UInt8>, UnsafeBufferPointer<UInt8>) -> Result
    ) -> Result {
        guard let storage, storage.room >= nameLength + valueLength else {
            preconditionFailure("so much was not staged")
        }
        let name = storage.base + Int(storage.header.used)
        defer { withExtendedLifetime(storage) {} }
        return body(
            UnsafeBufferPointer(start: name, count: nameLength),
            UnsafeBufferPointer(start: name + nameLength, count: valueLength))
    }

    /// Makes a field of the staged bytes.
    @inlinable
    public mutating func commit(
        _ known: Name, nameLength: Int, valueLength: Int, isSensitive: Bool, identity: UInt64
    ) {
        let storage = makeRoom(bytes: nameLength + valueLength, entries: 1, staged: nameLength + valueLength)
        let start = Int(storage.header.used)
        storage.header.used += Int32(nameLength + valueLength)
        storage.add(
            Entry(
                identity: identity, start: start, nameLength: nameLength, valueLength: valueLength, name: known,
                isSensitive: isSensitive))
    }
}
