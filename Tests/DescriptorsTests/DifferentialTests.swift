import Bytes
import ProtoWire
import Testing

@testable import Descriptors

/// Seeded random messages, compared with Python's protobuf in both directions.
@Suite struct DifferentialTests {
    static let types = ["test.v1.Everything", "test.v1.Known", "test.v1.Legacy"]

    /// The printer's options that `oracle.py` calls by number.
    static func options(_ variant: Int) -> JSONTranscoder.PrintOptions {
        var options = JSONTranscoder.PrintOptions()
        switch variant {
        case 1: options.usesOriginalNames = true
        case 2: options.emitsDefaults = true
        case 3: options.usesEnumNumbers = true
        default: break
        }
        return options
    }

    @Test(arguments: [1, 2, 3])
    func `JSON and back says what Python says`(seed: Int) throws {
        let (pool, cases) = try Oracle.make(seed: seed, count: 150, types: Self.types)
        let transcoder = JSONTranscoder(pool: pool)
        var answers: [Oracle.Answer] = []
        for (index, sample) in cases.enumerated() {
            let table = try #require(pool.message(sample.type))
            do {
                let json = try transcoder.binaryToJSON(table, sample.binary, Self.options(sample.variant))
                answers.append(answer(sample, "json\(sample.variant)", Array(json.utf8)))
                let fromTheirs = try transcoder.jsonToBinary(table, sample.json)
                // Reading JSON cannot bring back what JSON does not carry, so Python's reading of it is the original.
                answers.append(answer(sample, "reparsed\(sample.variant)", fromTheirs))
                answers.append(answer(sample, "reparsed\(sample.variant)", try transcoder.jsonToBinary(table, json)))
            } catch {
                Issue.record("\(index): \(sample.type): \(error)\n\(sample.json)")
            }
        }
        let differences = try Oracle.check(answers)
        #expect(differences == "")
    }

    @Test(arguments: [5, 6])
    func `text and back says what Python says`(seed: Int) throws {
        let (pool, cases) = try Oracle.make(seed: seed, count: 150, types: Self.types)
        let answers = cases.enumerated().flatMap { index, sample in text(sample, index, pool) }
        let differences = try Oracle.check(answers)
        #expect(differences == "")
    }

    /// Groups, delimited messages, closed enums, extensions, required fields, odd names and numbers, in four dialects.
    @Test(arguments: 1...12)
    func `random contracts say what Python says`(seed: Int) throws {
        let (pool, cases) = try Oracle.make(schema: seed, count: 40)
        let transcoder = JSONTranscoder(pool: pool)
        var answers: [Oracle.Answer] = []
        for (index, sample) in cases.enumerated() {
            let table = try #require(pool.message(sample.type))
            answers += text(sample, index, pool)
            do {
                let json = try transcoder.binaryToJSON(table, sample.binary, Self.options(sample.variant))
                answers.append(answer(sample, "json\(sample.variant)", Array(json.utf8)))
                let fromTheirs = try transcoder.jsonToBinary(table, sample.json, Self.partial)
                answers.append(answer(sample, "reparsed\(sample.variant)", fromTheirs))
                let message = try DynamicMessage(table, decoding: sample.binary)
                answers.append(answer(sample, "binary", message.bytes))
                #expect(try message.canonicalBytes() == message.bytes)
            } catch {
                Issue.record("\(index): \(sample.type): \(error)\n\(sample.json)")
            }
        }
        let differences = try Oracle.check(answers, schema: seed)
        #expect(differences == "")
    }

    /// Python's JSON leaves required fields out that its text of a merged message has.
    static let partial: JSONTranscoder.ParseOptions = {
        var options = JSONTranscoder.ParseOptions()
        options.allowsPartial = true
        return options
    }()

    /// Our text of the message, and what we make of Python's.
    private func text(_ sample: Oracle.Case, _ index: Int, _ pool: DescriptorPool) -> [Oracle.Answer] {
        var options = TextFormat.PrintOptions()
        options.isSingleLine = index % 2 == 0
        options.expandsAny = index % 3 != 0
        var partial = TextFormat.ParseOptions()
        partial.allowsPartial = true
        do {
            let format = TextFormat(pool: pool)
            guard let table = pool.message(sample.type) else { throw Oracle.Missing(description: sample.type) }
            let text = try format.binaryToText(table, sample.binary, options)
            return [
                answer(sample, "text", Array(text.utf8)),
                answer(sample, "binary", try format.textToBinary(table, sample.text, partial)),
                answer(sample, "binary", try format.textToBinary(table, text, partial)),
            ]
        } catch {
            Issue.record("\(index): \(sample.type): \(error)\n\(sample.text)")
            return []
        }
    }

    @Test func `generated code reads and writes what Python does`() throws {
        let (_, cases) = try Oracle.make(seed: 4, count: 150, types: ["test.v1.Everything"])
        var answers: [Oracle.Answer] = []
        for sample in cases {
            let message = try TestV1.Everything(decoding: sample.binary)
            #expect(message.unknownFields.isEmpty)
            let bytes = message.encoded()
            #expect(message.encodedChunk(headroom: 5).array == bytes)
            answers.append(answer(sample, "binary", bytes))
            // A type that knows other fields keeps what it does not know.
            let blind = try TestV1.Nothing(decoding: bytes)
            answers.append(answer(sample, "binary", blind.encoded()))
        }
        let differences = try Oracle.check(answers)
        #expect(differences == "")
    }

    private func answer(_ sample: Oracle.Case, _ kind: String, _ payload: [UInt8]) -> Oracle.Answer {
        Oracle.Answer(type: sample.type, original: sample.binary, kind: kind, payload: payload)
    }
}
