import ConformanceAPI

/// Messages of one type, in any of the formats: by generated code or by tables.
protocol Codec: Sendable {
    associatedtype Value

    func binary(_ bytes: [UInt8]) throws -> Value
    func json(_ text: String, ignoresUnknown: Bool) throws -> Value
    func text(_ text: String) throws -> Value

    func binary(of value: Value) throws -> [UInt8]
    func json(of value: Value) throws -> String
    func text(of value: Value, printsUnknown: Bool) throws -> String
}

extension Codec {
    typealias Answer = Conformance.ConformanceResponse.Result

    func convert(_ request: Conformance.ConformanceRequest) -> Answer {
        let value: Value
        do {
            switch request.payload {
            case .protobufPayload(let bytes)?: value = try binary(bytes)
            case .jsonPayload(let text)?:
                let ignoresUnknown = request.testCategory == .jsonIgnoreUnknownParsingTest
                value = try json(text, ignoresUnknown: ignoresUnknown)
            case .textPayload(let text)?: value = try self.text(text)
            case .jspbPayload?: return .skipped("JSPB exists inside Google only")
            case nil: return .runtimeError("the request has no payload")
            }
        } catch {
            return .parseError("\(error)")
        }
        do {
            switch request.requestedOutputFormat {
            case .protobuf: return .protobufPayload(try binary(of: value))
            case .json: return .jsonPayload(try json(of: value))
            case .textFormat:
                return .textPayload(try text(of: value, printsUnknown: request.printUnknownFields))
            case .jspb: return .skipped("JSPB exists inside Google only")
            default: return .runtimeError("there is no format \(request.requestedOutputFormat.rawValue)")
            }
        } catch {
            return .serializeError("\(error)")
        }
    }
}
