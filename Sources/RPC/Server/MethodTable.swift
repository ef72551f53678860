import Bytes
import Glibc
import ProtoWire

/// A method that a router serves.
@usableFromInline
final class ServerMethod: Sendable {
    let descriptor: MethodDescriptor
    let path: [UInt8]
    /// The handler begins at once and reads its messages itself. Otherwise the one message is read first.
    let readsStream: Bool
    let begin: @Sendable (ServerStream, Chunk) -> Void

    init(_ descriptor: MethodDescriptor, _ begin: @escaping @Sendable (ServerStream, Chunk) -> Void) {
        self.descriptor = descriptor
        path = Array(descriptor.path.utf8)
        self.begin = begin
        readsStream =
            switch descriptor.kind {
            case .unary, .serverStreaming: false
            case .clientStreaming, .bidirectional: true
            }
    }
}

/// Methods by path: a hash table with open addressing, so that a call's path never becomes a `String`.
struct MethodTable: Sendable {
    private(set) var methods: [ServerMethod] = []
    /// An index into `methods`, or -1. At most half are taken.
    private var slots: [Int32] = [-1, -1]

    mutating func insert(_ method: ServerMethod) {
        precondition(
            method.path.withUnsafeBufferPointer { find($0) } == nil, "\(method.descriptor.path) is registered twice")
        methods.append(method)
        slots = [Int32](repeating: -1, count: slots.count < methods.count * 2 ? slots.count * 2 : slots.count)
        for (index, method) in methods.enumerated() {
            var slot = method.path.withUnsafeBufferPointer { MethodTable.hash($0) } & (slots.count - 1)
            while slots[slot] >= 0 { slot = (slot + 1) & (slots.count - 1) }
            slots[slot] = Int32(index)
        }
    }

    func find(_ path: UnsafeBufferPointer<UInt8>) -> ServerMethod? {
        var slot = MethodTable.hash(path) & (slots.count - 1)
        while slots[slot] >= 0 {
            let method = methods[Int(slots[slot])]
            if method.path.count == path.count, method.path.withUnsafeBufferPointer({ same($0, path) }) {
                return method
            }
            slot = (slot + 1) & (slots.count - 1)
        }
        return nil
    }

    private func same(_ left: UnsafeBufferPointer<UInt8>, _ right: UnsafeBufferPointer<UInt8>) -> Bool {
        guard let left = left.baseAddress, let other = right.baseAddress else { return true }
        return memcmp(left, other, right.count) == 0
    }

    /// Eight bytes at a time. The table holds what was registered, so nobody can fill it with collisions.
    private static func hash(_ path: UnsafeBufferPointer<UInt8>) -> Int {
        let bytes = UnsafeRawBufferPointer(path)
        var mixed = UInt64(truncatingIfNeeded: bytes.count) &* 0x9E37_79B9_7F4A_7C15
        var index = 0
        while index + 8 <= bytes.count {
            mixed = (mixed ^ bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self)) &* 0xFF51_AFD7_ED55_8CCD
            mixed ^= mixed &>> 32
            index += 8
        }
        while index < bytes.count {
            mixed = (mixed ^ UInt64(bytes[index])) &* 0x0000_0100_0000_01B3
            index += 1
        }
        return Int(truncatingIfNeeded: (mixed ^ (mixed &>> 29)) &>> 1)
    }
}
