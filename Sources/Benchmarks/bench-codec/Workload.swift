import Bytes
import Descriptors
import ProtoWire

/// A message to be measured.
struct Workload<Value: Message> {
    let name: String
    let message: Value
    /// Large bytes and numbers say nothing about JSON.
    var measuresJSON = true
}

protocol Measurable {
    /// Measures what `names` ask for: none is everything, else a workload and perhaps a subject.
    func measure(only names: [String]) -> [Row]
}

extension Workload: Measurable {
    func measure(only names: [String]) -> [Row] {
        guard names.isEmpty || names[0] == name else { return [] }
        let bytes = message.encoded()
        guard let decoded = try? Value(decoding: bytes), decoded == message else {
            preconditionFailure("\(name) does not survive a round trip")
        }
        var steps: [(String, () -> Void)] = [
            ("decode", { use(try? Value(decoding: bytes)) }),
            ("encode", { use(message.encoded()) }),
            ("encode-chunk", { use(message.encodedChunk(headroom: 5)) }),
        ]
        if measuresJSON { steps += jsonSteps(bytes) }
        return steps.filter { names.count < 2 || names[1] == $0.0 }.map { subject, step in
            Row(bench: name, subject: subject, nanoseconds: nanoseconds(step), size: bytes.count)
        }
    }

    private func jsonSteps(_ bytes: [UInt8]) -> [(String, () -> Void)] {
        let transcoder = JSONTranscoder()
        let table = Value.table
        guard let text = try? transcoder.binaryToJSON(table, bytes),
            let back = try? transcoder.jsonToBinary(table, text), back == bytes
        else {
            preconditionFailure("\(name) does not survive JSON")
        }
        let json = Array(text.utf8)
        return [
            (
                "to-json",
                {
                    var writer = JSONWriter(capacity: 2 * bytes.count)
                    bytes.withUnsafeBytes { try? transcoder.binaryToJSON(table, $0, into: &writer) }
                }
            ),
            (
                "from-json",
                {
                    var writer = JSONWriter(capacity: json.count)
                    json.withUnsafeBytes { try? transcoder.jsonToBinary(table, $0, into: &writer) }
                }
            ),
        ]
    }
}
