import ConformanceAPI
import Descriptors
import ProtoWire

/// Answers requests of protobuf's conformance runner: reads a message in one format and writes it in another.
///
///     conformance-testee            by generated types
///     conformance-testee --dynamic  by tables alone
@main
enum Testee {
    static func main() throws {
        let isDynamic = CommandLine.arguments.dropFirst().contains("--dynamic")
        GeneratedTypes.register(Contracts.files)
        let frames = Frames()
        while let bytes = try frames.next() {
            var response = Conformance.ConformanceResponse()
            do {
                let request = try Conformance.ConformanceRequest(decoding: bytes)
                response.result = answer(to: request, isDynamic)
            } catch {
                response.result = .runtimeError("the request does not decode: \(error)")
            }
            try frames.answer(response.encoded())
        }
    }

    static func answer(
        to request: Conformance.ConformanceRequest, _ isDynamic: Bool
    ) -> Conformance.ConformanceResponse.Result {
        // The runner first asks which failures are expected: none are.
        if request.messageType == "conformance.FailureSet" { return .protobufPayload([]) }
        let name = request.messageType
        guard let codec = isDynamic ? DynamicCodec.find(name) : TypedCodecs.find(name) else {
            return .runtimeError("there is no type \(name)")
        }
        return codec.convert(request)
    }
}
