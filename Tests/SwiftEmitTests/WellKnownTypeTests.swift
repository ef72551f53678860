import ProtoWire
import Testing
import WellKnown

private typealias Timestamp = GoogleProtobuf.Timestamp
private typealias Span = GoogleProtobuf.Duration
private typealias Json = GoogleProtobuf.Value

/// The types that every contract shares are as natural as Swift's own.
@Suite struct WellKnownTypeTests {
    static let spans: [(span: Swift.Duration, seconds: Int64, nanos: Int32, text: String)] = [
        (.zero, 0, 0, "0s"), (.milliseconds(1500), 1, 500_000_000, "1.500s"),
        (.nanoseconds(-1), 0, -1, "-0.000000001s"),
        (.milliseconds(-1500), -1, -500_000_000, "-1.500s"), (.microseconds(7), 0, 7000, "0.000007s"),
        (.seconds(315_576_000_000), 315_576_000_000, 0, "315576000000s"),
    ]

    @Test(arguments: spans)
    func durationsAreSwifts(_ row: (span: Swift.Duration, seconds: Int64, nanos: Int32, text: String)) {
        let duration = Span(row.span)
        #expect(duration == Span(seconds: row.seconds, nanos: row.nanos) && duration.isValid)
        #expect(Swift.Duration(duration) == row.span && duration.text == row.text && Span(text: row.text) == duration)
    }

    @Test func durationsHaveARange() {
        #expect(Span(.seconds(315_576_000_001)) == Span(seconds: 315_576_000_000))
        #expect(Span(.seconds(-9_000_000_000_000)) == Span(seconds: -315_576_000_000))
        #expect(
            Span(Swift.Duration(secondsComponent: 0, attosecondsComponent: 1_999_999_999)) == Span(seconds: 0, nanos: 1)
        )
        #expect(!Span(seconds: 1, nanos: -1).isValid && Span(seconds: 1, nanos: -1).text == nil)
        #expect(!Span(seconds: 0, nanos: 1_000_000_000).isValid && !Span(seconds: .max).isValid)
        #expect(Span(text: "1") == nil && Span(text: "s") == nil && Span(text: "1.5") == nil && Span(text: "é") == nil)
        #expect("1.5s" as Span > "-2s" && ("0.1s" as Span).nanos == 100_000_000)
    }

    static let moments: [(read: String, seconds: Int64, nanos: Int32, text: String)] = [
        ("1970-01-01T00:00:00Z", 0, 0, "1970-01-01T00:00:00Z"),
        ("1972-01-01T10:00:20.021-05:00", 63_126_020, 21_000_000, "1972-01-01T15:00:20.021Z"),
        ("0001-01-01T00:00:00Z", -62_135_596_800, 0, "0001-01-01T00:00:00Z"),
        ("9999-12-31T23:59:59.999999999Z", 253_402_300_799, 999_999_999, "9999-12-31T23:59:59.999999999Z"),
        ("2000-02-29T23:59:59.000001Z", 951_868_799, 1000, "2000-02-29T23:59:59.000001Z"),
        ("1969-12-31T23:59:59.5Z", -1, 500_000_000, "1969-12-31T23:59:59.500Z"),
    ]

    @Test(arguments: moments)
    func momentsAreText(_ row: (read: String, seconds: Int64, nanos: Int32, text: String)) {
        let moment = Timestamp(seconds: row.seconds, nanos: row.nanos)
        #expect(Timestamp(rfc3339: row.read) == moment && moment.rfc3339 == row.text && moment.isValid)
    }

    @Test(arguments: [
        "", "1970-01-01", "1970-01-01T00:00:00", "1970-02-30T00:00:00Z", "1970-01-01T24:00:00Z", "1970-01-01t00:00:00z",
        "0000-01-01T00:00:00Z", "0001-01-01T00:00:00+01:00", "1970-01-01T00:00:00.Z", "1970-01-01T00:00:00.0000000001Z",
    ])
    func whatIsNoMomentIsNil(_ text: String) {
        #expect(Timestamp(rfc3339: text) == nil)
    }

    @Test func momentsAreCounted() {
        let start: Timestamp = "2026-01-01T00:00:00.900Z"
        #expect(start + .milliseconds(200) == "2026-01-01T00:00:01.100Z")
        #expect(start - .milliseconds(1000) == "2025-12-31T23:59:59.900Z")
        #expect(Timestamp(seconds: 0) - .nanoseconds(1) == Timestamp(seconds: -1, nanos: 999_999_999))
        #expect(start - (start + .seconds(3)) == .seconds(-3) && start < start + .nanoseconds(1))
        #expect(Timestamp(seconds: .max) + .seconds(1) == Timestamp(seconds: .max))
        #expect(Timestamp(seconds: .max).rfc3339 == nil)
    }

    @Test(.enabled(if: PythonPeer.isThere, "the Python environment is made by `make setup`"))
    func pythonWritesTheSameText() throws {
        let peer = try PythonPeer(knowing: [GoogleProtobuf.timestampFile, GoogleProtobuf.durationFile])
        for row in WellKnownTypeTests.moments {
            #expect(try peer.json(Timestamp(seconds: row.seconds, nanos: row.nanos)) == "\"\(row.text)\"")
        }
        for row in WellKnownTypeTests.spans { #expect(try peer.json(Span(row.span)) == "\"\(row.text)\"") }
    }

    @Test func valuesAreLiterals() {
        var settings: GoogleProtobuf.Struct = ["name": "weft", "limits": [1, 2.5, nil], "on": true, "in": ["a": [:]]]
        #expect(settings["name"]?.text == "weft" && settings["on"]?.flag == true)
        #expect(
            settings["limits"]?.list?.map(\.number) == [1, 2.5, nil] && settings["limits"]?.list?[2].isNull == true)
        #expect(settings["in"]?.fields?["a"]?.fields?.fields.isEmpty == true && settings["none"] == nil)
        settings["name"] = nil
        settings["on"] = .some(nil)
        #expect(settings["name"] == nil && settings["on"]?.isNull == true && settings["on"]?.text == nil)
        let list: GoogleProtobuf.ListValue = ["a", 1]
        #expect(list[0].text == "a" && Json([Json("a"), Json(1)]).list == list.values)
    }

    @Test func wrappersAreLiterals() {
        let (limit, name, ratio): (GoogleProtobuf.Int32Value, GoogleProtobuf.StringValue, GoogleProtobuf.DoubleValue)
        (limit, name, ratio) = (20, "n", 0.5)
        let (flag, bytes): (GoogleProtobuf.BoolValue, GoogleProtobuf.BytesValue) = (true, [1, 2])
        #expect(limit.value == 20 && name.value == "n" && ratio.value == 0.5 && flag.value && bytes.value == [1, 2])
        #expect(GoogleProtobuf.UInt64Value(.max).value == .max && GoogleProtobuf.FloatValue(1.5) == 1.5)
    }

    @Test func anyHoldsAMessage() throws {
        let packed = GoogleProtobuf.AnyMessage(packing: "1.5s" as Span)
        #expect(packed.typeUrl == "type.googleapis.com/google.protobuf.Duration" && packed.isPacking(Span.self))
        #expect(try packed.unpack(as: Span.self) == "1.5s")
        #expect(try packed.unpack(as: Timestamp.self) == nil)
        let registry = TypeRegistry([Timestamp.self, Span.self])
        #expect(try packed.unpack(by: registry) as? Span == "1.5s")
        #expect(try packed.unpack(by: TypeRegistry()) == nil)
        var broken = packed
        broken.value = [0xFF]
        #expect(throws: DecodeError.self) { try broken.unpack(by: registry) }
        broken.typeUrl = "example.com/a/google.protobuf.Duration"
        #expect(broken.typeName == "google.protobuf.Duration" && GoogleProtobuf.AnyMessage().typeName.isEmpty)
    }
}
