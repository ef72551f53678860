import Bytes
import Descriptors
import ProtoWire

/// What is measured; the peers know the same names.
enum Operation: String, CaseIterable {
    case decode
    /// One field of a message that is not decoded.
    case viewField = "view-field"
    /// A fresh array, as peers give a fresh string or block.
    case encode
    /// Into memory that is used again, as a transport does.
    case encodeInto = "encode-into"
    /// What Weft's transport sends: memory of its own with room for a prefix.
    case encodeChunk = "encode-chunk"
    case binaryToJSON = "binary-to-json"
    case jsonToBinary = "json-to-binary"
    case messageToJSON = "message-to-json"
    case jsonToMessage = "json-to-message"
}

/// A message to be measured.
struct Workload<Value: Message> {
    let name: String
    let message: Value
    /// Large bytes and numbers say nothing about JSON.
    var measuresJSON = true
    /// Asks for one field of the message in these bytes; nil if that is not measured.
    var view: ((_ bytes: [UInt8]) throws -> Void)?
}

protocol Measurable {
    var name: String { get }
    /// The message in the binary format.
    var bytes: [UInt8] { get }
    /// The message as JSON, or nil if that is not measured.
    var json: [UInt8]? { get }
    /// One run of an operation, or nil if it is not measured.
    func step(_ operation: Operation) -> (() throws -> Void)?
}

extension Workload: Measurable {
    var bytes: [UInt8] {
        let bytes = message.encoded()
        guard let decoded = try? Value(decoding: bytes), decoded == message else {
            preconditionFailure("\(name) does not survive a round trip")
        }
        return bytes
    }

    var json: [UInt8]? {
        guard measuresJSON else { return nil }
        let transcoder = JSONTranscoder()
        guard let text = try? transcoder.binaryToJSON(Value.table, bytes),
            let back = try? transcoder.jsonToBinary(Value.table, text), back == bytes
        else { preconditionFailure("\(name) does not survive JSON") }
        return Array(text.utf8)
    }

    func step(_ operation: Operation) -> (() throws -> Void)? {
        let bytes = bytes
        let message = message
        switch operation {
        case .decode: return { use(try Value(decoding: bytes)) }
        case .viewField: return view.map { view in { try view(bytes) } }
        case .encode: return { use(message.encoded()) }
        case .encodeInto:
            let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count + 1024, alignment: 8)
            return {
                var writer = WireWriter(borrowing: memory)
                message.encode(into: &writer)
                use(writer)
            }
        case .encodeChunk: return { use(message.encodedChunk(headroom: 5)) }
        case .binaryToJSON, .jsonToBinary, .messageToJSON, .jsonToMessage:
            return json.flatMap { jsonStep(operation, bytes, $0) }
        }
    }

    private func jsonStep(_ operation: Operation, _ bytes: [UInt8], _ json: [UInt8]) -> (() throws -> Void)? {
        let transcoder = JSONTranscoder()
        let table = Value.table
        let text = String(decoding: json, as: UTF8.self)
        switch operation {
        case .binaryToJSON:
            return {
                var writer = JSONWriter(capacity: 2 * bytes.count)
                try bytes.withUnsafeBytes { try transcoder.binaryToJSON(table, $0, into: &writer) }
            }
        case .jsonToBinary:
            return {
                var writer = JSONWriter(capacity: json.count)
                try json.withUnsafeBytes { try transcoder.jsonToBinary(table, $0, into: &writer) }
            }
        case .messageToJSON:
            let message = message
            return { use(try message.jsonString()) }
        case .jsonToMessage: return { use(try Value(json: text)) }
        default: return nil
        }
    }
}
