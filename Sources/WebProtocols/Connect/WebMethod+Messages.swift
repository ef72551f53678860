import Bytes
import Descriptors
import RPC

extension WebMethod {
    /// Fields that the contract does not have yet are passed over, as the binary form does it: old services meet new callers.
    private static let parsing: JSONTranscoder.ParseOptions = {
        var options = JSONTranscoder.ParseOptions()
        options.ignoresUnknown = true
        return options
    }()

    /// The binary form of a request message.
    func request(_ text: UnsafeRawBufferPointer) throws(RPCError) -> Chunk {
        do {
            var writer = JSONWriter(capacity: text.count, headroom: EnvelopeReader.prefixLength)
            try contract.transcoder.jsonToBinary(contract.input, text, WebMethod.parsing, into: &writer)
            return writer.takeChunk()
        } catch {
            throw RPCError(.invalidArgument, "the request is no JSON of its contract: \(error)")
        }
    }

    /// The JSON form of a reply.
    func reply(_ bytes: UnsafeRawBufferPointer) throws(RPCError) -> Chunk {
        do {
            var writer = JSONWriter(capacity: bytes.count * 2 + 64, headroom: EnvelopeReader.prefixLength)
            try contract.transcoder.binaryToJSON(contract.output, bytes, into: &writer)
            return writer.takeChunk()
        } catch {
            throw RPCError(.internal, "the reply does not fit its contract: \(error)")
        }
    }
}
