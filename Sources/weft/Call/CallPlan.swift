import Descriptors
import ProtoWire
import RPC

/// One call, worked out: the method, its types, the requests in binary form.
struct CallPlan {
    let method: MethodDescriptor
    let requests: [RawMessage]
    let options: CallOptions
    private let output: MessageTable
    private let transcoder: JSONTranscoder

    init(
        method declared: MethodDescriptorProto, service: String, files: [FileDescriptorProto], json: [UInt8],
        options: CallOptions
    ) throws {
        let pool = try DescriptorPool(files)
        guard let types = pool.types(of: declared) else {
            throw Fault.failed("the contract lacks the types of \(service)/\(declared.name ?? "")")
        }
        let kind: MethodKind =
            switch (declared.clientStreaming == true, declared.serverStreaming == true) {
            case (false, false): .unary
            case (true, false): .clientStreaming
            case (false, true): .serverStreaming
            case (true, true): .bidirectional
            }
        let name = declared.name ?? ""
        method = MethodDescriptor(path: "/\(service)/\(name)", name: name, kind: kind, isIdempotent: false)
        self.options = options
        output = types.output
        let transcoder = JSONTranscoder(pool: pool)
        self.transcoder = transcoder
        requests = try JSONSequence.split(json).map { text in
            do {
                return RawMessage(
                    bytes: try text.withUnsafeBytes { raw in try transcoder.jsonToBinary(types.input, raw) })
            } catch {
                throw Fault.usage("the request is no \(types.input.fullName): \(error)")
            }
        }
        guard kind == .clientStreaming || kind == .bidirectional || requests.count == 1 else {
            throw Fault.usage("\(name) takes one request, and \(requests.count) are given")
        }
    }

    /// Makes the call and gives each reply's JSON to `show`, as it comes.
    func run(on channel: Channel, show: (String) -> Void) async throws {
        switch method.kind {
        case .unary:
            let reply: RawMessage = try await channel.unary(method, requests[0], call: nil, options: options)
            show(try json(reply))
        case .serverStreaming:
            try await channel.serverStreaming(method, requests[0], call: nil, options: options) {
                (replies: MessageReader<RawMessage>) in
                for try await reply in replies { show(try json(reply)) }
            }
        case .clientStreaming:
            let reply: RawMessage = try await channel.clientStreaming(method, call: nil, options: options) {
                (writer: MessageWriter<RawMessage>) in
                for request in requests { try await writer.write(request) }
            }
            show(try json(reply))
        case .bidirectional:
            try await channel.bidirectional(method, call: nil, options: options) {
                (writer: MessageWriter<RawMessage>, replies: MessageReader<RawMessage>) in
                for request in requests { try await writer.write(request) }
                await writer.finish()
                for try await reply in replies { show(try json(reply)) }
            }
        }
    }

    private func json(_ reply: RawMessage) throws -> String {
        try transcoder.binaryToJSON(output, reply.bytes)
    }
}

/// Splits text into the JSON objects that stand in it one after another.
enum JSONSequence {
    static func split(_ text: [UInt8]) throws -> [[UInt8]] {
        var objects: [[UInt8]] = []
        var start: Int?
        var depth = 0
        var isInString = false
        var isEscaped = false
        for (index, byte) in text.enumerated() {
            if isInString {
                if isEscaped {
                    isEscaped = false
                } else if byte == UInt8(ascii: "\\") {
                    isEscaped = true
                } else if byte == UInt8(ascii: "\"") {
                    isInString = false
                }
                continue
            }
            switch byte {
            case UInt8(ascii: "\""): isInString = true
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                if depth == 0 { start = start ?? index }
                depth += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                depth -= 1
                if depth == 0, let first = start {
                    objects.append(Array(text[first...index]))
                    start = nil
                }
            case 0x20, 0x09, 0x0A, 0x0D, UInt8(ascii: ","): break
            default: start = start ?? index
            }
        }
        // What is left is a scalar or broken text: the transcoder says what is wrong with it.
        if let start { objects.append(Array(text[start...])) }
        return objects.isEmpty ? [Array("{}".utf8)] : objects
    }
}
