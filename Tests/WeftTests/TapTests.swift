import Bytes
import Compression
import Descriptors
import Foundation
import MeshAPI
import ProtoWire
import Testing

@testable import weft

/// What `weft tap` shows of calls, and what it hides.
@Suite struct TapTests {
    private static let contract = """
        syntax = "proto3";
        package p;
        import "google/protobuf/any.proto";

        message Login {
          string user = 1;
          string password = 2 [debug_redact = true];
          Card card = 3 [debug_redact = true];
          repeated string codes = 4 [debug_redact = true];
          Card open_card = 5;
          map<string, Card> by_name = 6;
          repeated Card cards = 7;
          google.protobuf.Any any = 8;
          bytes key_bytes = 9 [debug_redact = true];
          Level level = 10;
          repeated Level levels = 11;
          string card_text = 12;
        }
        message Card {
          string number = 1 [debug_redact = true];
          string name = 2;
        }
        enum Level {
          LEVEL_UNSPECIFIED = 0;
          LEVEL_LOW = 1;
          LEVEL_SECRET = 2 [debug_redact = true];
        }
        service S {
          rpc Get(Login) returns (Card);
        }
        """

    private static func index() throws -> ContractIndex {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("weft-tap-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appendingPathComponent("p.proto")
        try contract.write(to: file, atomically: true, encoding: .utf8)
        return ContractIndex(try ProtoFiles.compile([file.path], importPaths: [folder.path]))
    }

    @Test(arguments: [
        (#"{"user":"ana","password":"x"}"#, #"{"user":"ana","password":"[REDACTED]"}"#),
        (#"{"card":{"number":"1","name":"a"},"user":"b"}"#, #"{"card":"[REDACTED]","user":"b"}"#),
        (#"{"codes":["a","b"]}"#, #"{"codes":"[REDACTED]"}"#),
        (#"{"openCard":{"number":"1","name":"a"}}"#, #"{"openCard":{"number":"[REDACTED]","name":"a"}}"#),
        (
            #"{"byName":{"number":{"number":"1","name":"a"},"b":{}}}"#,
            #"{"byName":{"number":{"number":"[REDACTED]","name":"a"},"b":{}}}"#
        ),
        (
            #"{"cards":[{"number":"1"},{"name":"n"},{"number":"2"}]}"#,
            #"{"cards":[{"number":"[REDACTED]"},{"name":"n"},{"number":"[REDACTED]"}]}"#
        ),
        (
            #"{"any":{"@type":"type.googleapis.com/p.Card","number":"1","name":"a"}}"#,
            #"{"any":{"@type":"type.googleapis.com/p.Card","number":"[REDACTED]","name":"a"}}"#
        ),
        (#"{"keyBytes":"AAE="}"#, #"{"keyBytes":"[REDACTED]"}"#),
        (#"{"level":"LEVEL_SECRET"}"#, #"{"level":"[REDACTED]"}"#),
        (#"{"level":"LEVEL_LOW"}"#, #"{"level":"LEVEL_LOW"}"#),
        (#"{"levels":["LEVEL_LOW","LEVEL_SECRET"]}"#, #"{"levels":["LEVEL_LOW","[REDACTED]"]}"#),
        (
            #"{"cardText":"\"password\":\"x\"","password":"a\"b}"}"#,
            #"{"cardText":"\"password\":\"x\"","password":"[REDACTED]"}"#
        ),
        (#"{}"#, #"{}"#),
    ])
    func `what a contract marks is hidden, wherever it stands`(_ json: String, _ shown: String) throws {
        let index = try Self.index()
        let pool = try DescriptorPool(index.files)
        guard case .method(let method, _)? = index.find("p.S/Get"), let types = pool.types(of: method) else {
            Issue.record("the contract has the method")
            return
        }
        // Over the binary form, so that the text is the transcoder's own.
        let transcoder = JSONTranscoder(pool: pool)
        let bytes = try Array(json.utf8).withUnsafeBytes { try transcoder.jsonToBinary(types.input, $0) }
        let text = try transcoder.binaryToJSON(types.input, bytes)
        #expect(JSONRedactor(index.files).redacted(text, type: types.input.fullName) == shown)
    }

    // MARK: A transcript

    private static func event(_ kind: WeftAdminV1.TapResponse.Event, endpoint: String = "") -> WeftAdminV1.TapResponse {
        var event = WeftAdminV1.TapResponse()
        event.call = 5
        event.direction = "inbound"
        event.caller = "spiffe://mesh/ns/n/sa/web"
        event.callee = "course"
        event.method = "p.S/Get"
        event.endpoint = endpoint
        event.requestId = "r1"
        event.event = kind
        return event
    }

    private static func head(_ fields: [(String, String)] = []) -> WeftAdminV1.TapResponse.Event {
        var head = WeftAdminV1.TapHead()
        head.fields = fields.map { name, value in
            var field = WeftAdminV1.TapField()
            field.name = name
            field.value = value
            return field
        }
        return .head(head)
    }

    private static func message(
        _ content: [UInt8], isRequest: Bool = true, size: Int? = nil, isCompressed: Bool = false
    ) -> WeftAdminV1.TapResponse.Event {
        var message = WeftAdminV1.TapMessage()
        message.content = content
        message.isRequest = isRequest
        message.size = UInt32(size ?? content.count)
        message.isCompressed = isCompressed
        return .message(message)
    }

    private static func end(_ code: UInt32, _ message: String = "", reason: (String, String, String)? = nil)
        -> WeftAdminV1.TapResponse.Event
    {
        var end = WeftAdminV1.TapEnd()
        end.code = code
        end.message = message
        end.tookUs = 1234
        if let (phase, cause, subject) = reason {
            var why = WeftWhyV1.Why()
            why.phase = phase
            why.cause = cause
            why.subject = subject
            end.why = why
        }
        return .end(end)
    }

    /// user: "ana", password: "x"
    private static let login: [UInt8] = [0x0a, 3] + Array("ana".utf8) + [0x12, 1, UInt8(ascii: "x")]

    private static func lines(
        _ events: [WeftAdminV1.TapResponse.Event], isJSON: Bool = false, showsMessages: Bool = true
    ) throws -> [String] {
        var printer = TapPrinter(try TapDecoder(try index()), isJSON: isJSON, showsMessages: showsMessages)
        return events.flatMap {
            printer.lines(of: event($0, endpoint: "127.0.0.1:1"), number: 1, member: "course-1")
        }
    }

    @Test func `a call is told from its head to its end`() throws {
        #expect(
            try Self.lines([
                Self.head([("user-agent", "grpc\u{1b}[2J")]), Self.message(Self.login),
                Self.message([0x12, 1, 0x61], isRequest: false), Self.end(0),
            ]) == [
                "#1 web > course  p.S/Get  inbound at course-1, r1",
                "#1   user-agent: grpc [2J",
                #"#1 > {"user":"ana","password":"[REDACTED]"}"#,
                #"#1 < {"name":"a"}"#,
                "#1 OK after 1.2 ms, by 127.0.0.1:1",
            ])
    }

    @Test func `a failure says why`() throws {
        #expect(
            try Self.lines([
                Self.end(14, "x", reason: ("PICK", "no_endpoints", "course")), Self.end(5, "no such course"),
                .missed(3),
            ]) == [
                "#1 UNAVAILABLE after 1.2 ms, by 127.0.0.1:1: PICK.no_endpoints[course]",
                "#1 NOT_FOUND after 1.2 ms, by 127.0.0.1:1: no such course",
                "… 3 events were left out: they came faster than they were read",
            ])
    }

    @Test func `what cannot be decoded is told by its size, and nothing of it is shown`() throws {
        let shown = try Self.lines([
            Self.message(Array(Self.login.prefix(4)), size: 900), Self.message([0xff, 0xff]),
            Self.message([1, 2, 3], isCompressed: true),
        ])
        #expect(shown[0] == "#1 > (900 bytes, of which 4 were taken)")
        #expect(shown[1].hasPrefix("#1 > (2 bytes that are no p.Login: "))
        #expect(shown[2].hasPrefix("#1 > (3 bytes that are no p.Login: "))
    }

    @Test(arguments: [MessageEncoding.gzip, .deflate]) func `compressed messages are decoded`(
        _ encoding: MessageEncoding
    )
        throws
    {
        var deflater = Deflater(encoding)
        let bytes = Self.login.withUnsafeBytes { deflater.compress($0) }.array
        #expect(
            try Self.lines([Self.head([("grpc-encoding", encoding.rawValue)]), Self.message(bytes, isCompressed: true)])
                .last == #"#1 > {"user":"ana","password":"[REDACTED]"}"#)
        // An answer's encoding is not told: its bytes say it.
        #expect(
            try Self.lines([Self.message(bytes, isCompressed: true)]).last
                == #"#1 > {"user":"ana","password":"[REDACTED]"}"#)
    }

    @Test func `as JSON a message is decoded, and its bytes are not there`() throws {
        let line = try #require(try Self.lines([Self.message(Self.login)], isJSON: true).first)
        let object = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
        #expect(object["member"] as? String == "course-1")
        #expect((object["decoded"] as? [String: String]) == ["user": "ana", "password": "[REDACTED]"])
        #expect((object["message"] as? [String: Any])?["content"] == nil)
        #expect(!line.contains(Base64.encode(Self.login)))
    }

    @Test func `without a wish for messages none is shown`() throws {
        #expect(
            try Self.lines([Self.head([("a", "b")]), Self.message(Self.login), Self.end(0)], showsMessages: false).count
                == 2)
    }

    @Test func `codes are named or numbered`() throws {
        #expect(try TapCommand.code("unavailable") == 14)
        #expect(try TapCommand.code("5") == 5)
        #expect(throws: (any Error).self) { try TapCommand.code("17") }
        #expect(throws: (any Error).self) { try TapCommand.code("gone") }
    }
}
