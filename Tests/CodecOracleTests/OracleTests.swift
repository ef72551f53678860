import API
import BenchAPI
import Bytes
import Descriptors
import InteropAPI
import MeshAPI
import ProtoWire
import Testing
import WellKnown

/// The codecs against libprotobuf-c and against themselves, on random messages of random schemas. A failure names its seed.
struct OracleTests {
    /// Every seed is a schema; each is asked for this many messages.
    private static let messages: UInt64 = 12

    @Test("random schemas: libprotobuf-c and JSON by table give the same bytes back", arguments: UInt64(0)..<60)
    func randomSchemas(seed: UInt64) throws {
        let pool = try DescriptorPool([RandomSchema.file(seed: seed, allowsGroups: false)])
        var oracle = ProtobufC()
        for round in 0..<Self.messages {
            let table = try #require(pool.message("random.M\(round % 2)"))
            var random = RandomMessage(seed: seed << 8 | round)
            let bytes = random.bytes(of: table)
            #expect(oracle.rewritten(bytes, of: table) == bytes, "libprotobuf-c, message \(round)")
            try checkJSON(bytes, table, pool, round)
        }
    }

    @Test("random schemas with delimited messages: JSON by table gives the same bytes back", arguments: UInt64(0)..<30)
    func randomGroups(seed: UInt64) throws {
        let pool = try DescriptorPool([RandomSchema.file(seed: 3 * seed + 2, allowsGroups: true)])
        for round in 0..<Self.messages {
            let table = try #require(pool.message("random.M\(round % 2)"))
            var random = RandomMessage(seed: seed << 8 | round)
            try checkJSON(random.bytes(of: table), table, pool, round)
        }
    }

    private func checkJSON(_ bytes: [UInt8], _ table: MessageTable, _ pool: DescriptorPool, _ round: UInt64) throws {
        let transcoder = JSONTranscoder(pool: pool)
        let json = try transcoder.binaryToJSON(table, bytes)
        #expect(try transcoder.jsonToBinary(table, json) == bytes, "JSON, message \(round): \(json)")
    }

    static let generated: [any Message.Type] = [
        BenchCodec.Small.self, BenchCodec.Course.self, BenchCodec.Struct.self, BenchCodec.PackedDouble.self,
        GrpcTesting.SimpleRequest.self, GrpcTesting.StreamingOutputCallResponse.self,
        LearnCourseV1.Course.self, LearnCourseV1.ListCoursesResponse.self,
        WeftControlV1.Snapshot.self, GoogleProtobuf.FileDescriptorProto.self, GoogleProtobuf.Struct.self,
        GoogleProtobuf.UninterpretedOption.self, GoogleApi.HttpRule.self,
    ]

    @Test(
        "generated types: libprotobuf-c and the generated codec give the same bytes back",
        arguments: 0..<generated.count)
    func generatedTypes(index: Int) throws {
        try check(Self.generated[index])
    }

    private func check<Value: Message>(_: Value.Type) throws {
        let table = Value.table
        var oracle = ProtobufC()
        for seed in 0..<40 {
            var random = RandomMessage(seed: UInt64(seed))
            let bytes = random.bytes(of: table)
            let message = try Value(decoding: bytes)
            #expect(message.encoded() == bytes, "\(table.fullName), seed \(seed)")
            #expect(message.encodedChunk(headroom: 5).withUnsafeBytes { Array($0) } == bytes)
            #expect(try Value(decoding: bytes) == message)
            #expect(oracle.rewritten(bytes, of: table) == bytes, "libprotobuf-c, \(table.fullName), seed \(seed)")
        }
    }
}
