import Testing

@testable import ProtoWire

@Suite struct Base64Tests {
    /// RFC 4648 §10, and the characters in which the alphabets differ.
    static let rows: [(hex: String, text: String)] = [
        ("", ""), ("66", "Zg=="), ("666f", "Zm8="), ("666f6f", "Zm9v"), ("666f6f62", "Zm9vYg=="),
        ("666f6f6261", "Zm9vYmE="), ("666f6f626172", "Zm9vYmFy"), ("fbff", "+/8="),
    ]

    @Test(arguments: rows) func `both ways, in every dialect`(hex: String, text: String) {
        let plain = bytes(hex)
        let bare = text.filter { $0 != "=" }
        let safe = String(bare.map { $0 == "+" ? "-" : $0 == "/" ? "_" : $0 })
        #expect(Base64.encode(plain) == text)
        #expect(Base64.encode(plain, padded: false) == bare)
        #expect(Base64.encode(plain, padded: false, urlSafe: true) == safe)
        for dialect in [text, bare, safe] { #expect(Base64.decode(dialect) == plain) }
    }

    @Test(arguments: [
        "A", "=", "====", "Zg=", "Zg===", "Z===", "Z", "Zm9vY", "Zm9v=", "Zm 9", "Zm9v\n", "Zm9é", "*", "Zg=a",
    ])
    func `anything else is not base64`(text: String) {
        #expect(Base64.decode(text) == nil)
    }
}
