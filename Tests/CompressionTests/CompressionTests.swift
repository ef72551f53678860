import Testing

@testable import Compression

@Test(
    "encodings have the names that the wire uses",
    arguments: zip(MessageEncoding.allCases, ["identity", "deflate", "gzip"]))
func names(_ encoding: MessageEncoding, _ name: String) {
    #expect(encoding.rawValue == name)
}
