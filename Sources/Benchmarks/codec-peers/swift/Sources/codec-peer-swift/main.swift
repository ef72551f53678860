import Foundation
import SwiftProtobuf
import Synchronization

// `codec-peer-swift --inputs DIR --time WORKLOAD OPERATION` prints the least and the median nanoseconds of an operation;
// `--repeat N` in the place of `--time` runs it N times and prints nothing, for counters of instructions and allocations.

/// Keeps a value from being optimised away. Its address leaves the optimiser's sight; a call that is generic at run time
/// would cost more than some of what is measured.
@inline(__always)
func use<Value>(_ value: borrowing Value) {
    withUnsafePointer(to: value) { lastUsed.store(UInt(bitPattern: $0), ordering: .relaxed) }
}

private let lastUsed = Atomic<UInt>(0)

func fail(_ message: String) -> Never {
    FileHandle.standardError.write(Data("codec-peer-swift: \(message)\n".utf8))
    exit(2)
}

func step<M: Message>(_: M.Type, _ operation: String, _ bytes: [UInt8], _ json: [UInt8]) throws -> (() throws -> Void)?
{
    let message = try M(serializedBytes: bytes)
    let again: [UInt8] = try message.serializedBytes()
    // Maps come in the order of a hash table, so only the length can be compared.
    guard again.count == bytes.count else { fail("a message does not survive a round trip") }
    switch operation {
    case "decode": return { use(try M(serializedBytes: bytes)) }
    case "encode": return { use(try message.serializedBytes() as [UInt8]) }
    case _ where json.isEmpty: return nil
    case "binary-to-json": return { use(try M(serializedBytes: bytes).jsonUTF8Bytes() as [UInt8]) }
    case "json-to-binary": return { use(try M(jsonUTF8Bytes: json).serializedBytes() as [UInt8]) }
    case "message-to-json": return { use(try message.jsonUTF8Bytes() as [UInt8]) }
    case "json-to-message": return { use(try M(jsonUTF8Bytes: json)) }
    default: return nil
    }
}

func step(_ workload: String, _ operation: String, inputs: String) throws -> (() throws -> Void)? {
    let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: "\(inputs)/\(workload).bin")))
    let json = (try? Data(contentsOf: URL(fileURLWithPath: "\(inputs)/\(workload).json"))).map { [UInt8]($0) } ?? []
    switch workload {
    case "small": return try step(Bench_Codec_Small.self, operation, bytes, json)
    case "nested": return try step(Bench_Codec_Course.self, operation, bytes, json)
    case "blob", "text": return try step(Bench_Codec_Blob.self, operation, bytes, json)
    case "packed": return try step(Bench_Codec_PackedVarint.self, operation, bytes, json)
    case "doubles": return try step(Bench_Codec_PackedDouble.self, operation, bytes, json)
    case "struct": return try step(Bench_Codec_Struct.self, operation, bytes, json)
    default: return nil
    }
}

/// Short samples, so that the least of them was not interrupted.
func time(_ step: () throws -> Void) throws {
    let clock = ContinuousClock()
    var rounds = 1
    while try clock.measure({ for _ in 0..<rounds { try step() } }) < .milliseconds(1) { rounds *= 2 }
    var samples: [Double] = []
    for _ in 0..<25 {
        let spent = try clock.measure { for _ in 0..<rounds { try step() } }
        samples.append(
            (Double(spent.components.seconds) * 1e9 + Double(spent.components.attoseconds) / 1e9) / Double(rounds))
    }
    samples.sort()
    print(samples[0], samples[samples.count / 2])
}

let arguments = CommandLine.arguments
guard arguments.count >= 6, arguments[1] == "--inputs" else {
    fail("usage: --inputs DIR (--time | --repeat N) WORKLOAD OPERATION")
}
let names = Array(arguments.suffix(2))
guard let step = try step(names[0], names[1], inputs: arguments[2]) else {
    print("none")
    exit(0)
}
if arguments[3] == "--time" {
    try time(step)
} else if let count = Int(arguments[4]) {
    for _ in 0..<count { try step() }
}
