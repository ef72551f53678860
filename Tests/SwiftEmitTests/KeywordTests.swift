import ProtoWire
import SwiftEmit
import Testing

private typealias Fields = GoldensKeywords.Fields
private typealias Nested = GoldensKeywords.Nested

/// Words that Swift, its library or the runtime have taken. That the golden compiles is most of the test.
@Suite struct KeywordTests {
    @Test func takenWordsAreFields() throws {
        var fields = Fields()
        (fields.any, fields.self_) = (1, "s")
        fields.description = nil
        #expect(try Fields(decoding: fields.encoded()) == fields && fields.encoded() == [8, 1, 18, 1, 0x73])
    }

    @Test func libraryNamesAreNestedTypes() throws {
        var nested = Nested()
        nested.f0 = Nested.String()
        nested.text = "library's own"
        nested.optional = .bytes([1])
        nested.inner = Nested.Inner()
        #expect(nested.textOrDefault == "library's own" && nested.missingField() == "Inner.data".lowercased())
        nested.inner?.data = []
        nested[Nested.self_] = "extension"
        #expect(try Nested(decoding: nested.encoded()) == nested)
    }

    @Test(.enabled(if: PythonPeer.isThere, "the Python environment is made by `make setup`"))
    func takenWordsChangeNoBytes() throws {
        let peer = try PythonPeer(knowing: [GoldensKeywords.keywordsFile])
        var fields = Fields()
        (fields.any, fields.self_) = (1, "s")
        #expect(try peer.again(fields) == fields.encoded())
        var message = GoldensKeywords.Extensible()
        message[GoldensKeywords.any] = 5
        #expect(try peer.again(message) == message.encoded())
        var cases = GoldensKeywords.Cases()
        cases.choice = .self_("s")
        #expect(try peer.again(cases) == cases.encoded())
    }

    /// Structs 24 deep in each other take the compiler minutes, so what lies deeper than eight levels is an extension.
    @Test func deepNestingIsLaidOutFlat() throws {
        let source = try Contract.emitted(try Contract.all()).first { $0.text.contains("struct Deep") }
        let lines = (source?.text ?? "").split(separator: Character("\n"))
        let indentation = lines.map { $0.prefix { $0 == " " }.count }.max() ?? .max
        #expect(indentation < 60 && source?.text.contains("extension GoldensKeywords.Deep.Deep.Deep") == true)
    }
}
