import Bytes
import Testing

@Suite("Names that the mesh reads are known by their bytes")
struct FieldNameTests {
    @Test("every name is read back", arguments: Fields.Name.allCases.filter { $0 != .other })
    func readBack(_ name: Fields.Name) {
        #expect(Array(name.text.utf8).withUnsafeBufferPointer { Fields.Name($0) } == name)
    }

    @Test(
        "a name that is nearly one is another",
        arguments: ["", "t", "content-typo", "grpc-messagf", "grpc-messag", "x-request-ie"])
    func others(_ text: String) {
        #expect(Array(text.utf8).withUnsafeBufferPointer { Fields.Name($0) } == .other)
    }
}
