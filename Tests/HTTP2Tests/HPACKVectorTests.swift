import Bytes
import HTTP2
import Testing

/// The worked examples of RFC 7541 Appendix C.
@Suite("HPACK reads what its standard shows")
struct HPACKVectorTests {
    struct Conversation: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var tableSize = 4096
        /// Each block in hexadecimal, its fields, and what the table weighs afterwards.
        var blocks: [(hex: String, lines: [String], tableSize: Int)]
    }

    static let get = [":method: GET", ":scheme: http", ":path: /", ":authority: www.example.com"]
    static let custom = [
        ":method: GET", ":scheme: https", ":path: /index.html", ":authority: www.example.com",
        "custom-key: custom-value",
    ]
    static let moved = [
        ":status: 302", "cache-control: private", "date: Mon, 21 Oct 2013 20:13:21 GMT",
        "location: https://www.example.com",
    ]
    static let cookie = [
        ":status: 200", "cache-control: private", "date: Mon, 21 Oct 2013 20:13:22 GMT",
        "location: https://www.example.com", "content-encoding: gzip",
        "set-cookie: foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1",
    ]

    static let conversations: [Conversation] = [
        Conversation(
            testDescription: "C.2 single fields",
            blocks: [
                ("400a637573746f6d2d6b65790d637573746f6d2d686561646572", ["custom-key: custom-header"], 55),
                ("040c2f73616d706c652f70617468", [":path: /sample/path"], 55),
                ("100870617373776f726406736563726574", ["password: secret (secret)"], 55),
                ("82", [":method: GET"], 55),
            ]),
        Conversation(
            testDescription: "C.3 requests in plain bytes",
            blocks: [
                ("828684410f7777772e6578616d706c652e636f6d", get, 57),
                ("828684be58086e6f2d6361636865", get + ["cache-control: no-cache"], 110),
                ("828785bf400a637573746f6d2d6b65790c637573746f6d2d76616c7565", custom, 164),
            ]),
        Conversation(
            testDescription: "C.4 requests in Huffman's code",
            blocks: [
                ("828684418cf1e3c2e5f23a6ba0ab90f4ff", get, 57),
                ("828684be5886a8eb10649cbf", get + ["cache-control: no-cache"], 110),
                ("828785bf408825a849e95ba97d7f8925a849e95bb8e8b4bf", custom, 164),
            ]),
        Conversation(
            testDescription: "C.5 responses in plain bytes, with evictions", tableSize: 256,
            blocks: [
                (
                    "4803333032580770726976617465611d4d6f6e2c203231204f637420323031332032303a31333a323120474d54"
                        + "6e1768747470733a2f2f7777772e6578616d706c652e636f6d", moved, 222
                ),
                ("4803333037c1c0bf", [":status: 307"] + moved.dropFirst(), 222),
                (
                    "88c1611d4d6f6e2c203231204f637420323031332032303a31333a323220474d54c05a04677a69707738666f6f3d"
                        + "4153444a4b48514b425a584f5157454f50495541585157454f49553b206d61782d6167653d333630303b20766572"
                        + "73696f6e3d31", cookie, 215
                ),
            ]),
        Conversation(
            testDescription: "C.6 responses in Huffman's code, with evictions", tableSize: 256,
            blocks: [
                (
                    "488264025885aec3771a4b6196d07abe941054d444a8200595040b8166e082a62d1bff6e919d29ad171863c78f0b"
                        + "97c8e9ae82ae43d3", moved, 222
                ),
                ("4883640effc1c0bf", [":status: 307"] + moved.dropFirst(), 222),
                (
                    "88c16196d07abe941054d444a8200595040b8166e084a62d1bffc05a839bd9ab77ad94e7821dd7f2e6c7b335dfdf"
                        + "cd5b3960d5af27087f3672c1ab270fb5291f9587316065c003ed4ee5b1063d5007", cookie, 215
                ),
            ]),
    ]

    static func bytes(_ hex: String) -> [UInt8] {
        let digits = hex.compactMap(\.hexDigitValue)
        return stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
    }

    @Test("each block gives its fields and leaves the table as it should", arguments: conversations)
    func conversation(_ row: Conversation) throws {
        var decoder = HPACKDecoder(listLimit: 1 << 14)
        if row.tableSize != 4096 {
            // The examples take the smaller size as agreed; a peer would say so first.
            decoder.setTableLimit(row.tableSize)
            #expect(decoder.lines([0x3f, 0xe1, 0x01]) == .success([]))
        }
        for (hex, lines, tableSize) in row.blocks {
            #expect(try decoder.lines(Self.bytes(hex)).get().map(\.description) == lines)
            #expect(decoder.tableSize == tableSize)
        }
    }

    @Test("the encoder writes C.4's requests, but for what it keeps in plain bytes")
    func encoding() {
        var encoder = HPACKEncoder()
        let hex = Self.conversations[2].blocks.map(\.hex)
        #expect(encoder.block(fields(Self.get)) == Self.bytes(hex[0]))
        #expect(encoder.block(fields(Self.get + ["cache-control: no-cache"])) == Self.bytes(hex[1]))
        #expect(encoder.block(fields(Self.custom)) == Self.bytes(hex[2]))
    }

    private func fields(_ lines: [String]) -> Fields {
        var fields = Fields()
        for line in lines {
            let colon = line.dropFirst().firstIndex(of: ":") ?? line.endIndex
            fields.append(String(line[..<colon]), String(line[colon...].dropFirst(2)))
        }
        return fields
    }
}
