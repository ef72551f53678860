import RPC
import Testing
import Timebase

@Suite("Timeouts, messages and metadata as text")
struct TextTests {
    @Test(
        "a timeout is written in the finest unit that holds it, rounded up",
        arguments: [
            (Duration.zero, "0n"), (.nanoseconds(1), "1n"), (.nanoseconds(99_999_999), "99999999n"),
            (.nanoseconds(100_000_000), "100000u"), (.nanoseconds(100_000_001), "100001u"),
            (.seconds(99), "99000000u"), (.seconds(100), "100000m"), (.milliseconds(99_999_999), "99999999m"),
            (.seconds(100_000), "100000S"), (.seconds(100_000_000), "1666667M"),
            (.seconds(7_000_000_000), "1944445H"), (.seconds(-1), "0n"),
        ])
    func timeoutText(duration: Duration, text: String) {
        #expect(GRPCTimeout.text(for: duration) == text)
    }

    @Test("the longest time that can be said is said for longer ones")
    func longest() {
        #expect(GRPCTimeout.text(for: .seconds(Int64.max)) == "2562048H")
        #expect(GRPCTimeout.parse("99999999H") == .nanoseconds(Int64.max))
    }

    @Test(
        "a timeout is read in each unit",
        arguments: [
            ("1n", Duration.nanoseconds(1)), ("2u", .microseconds(2)), ("3m", .milliseconds(3)), ("4S", .seconds(4)),
            ("5M", .seconds(300)), ("6H", .seconds(21_600)), ("0S", .zero), ("00000001S", .seconds(1)),
        ])
    func timeoutParse(text: String, duration: Duration) {
        #expect(GRPCTimeout.parse(text) == duration)
    }

    @Test(
        "what is no timeout is not read as one",
        arguments: ["", "S", "1", "123456789S", "-1S", "+1S", "1.5S", "1s", "1h", " 1S", "1S ", "1 S", "1SS", "x1S"])
    func timeoutRefused(text: String) {
        #expect(GRPCTimeout.parse(text) == nil)
    }

    @Test(
        "a message keeps its text through percent-encoding",
        arguments: [
            ("plain text ~!", "plain text ~!"), ("100%", "100%25"), ("a\tb\r\n", "a%09b%0D%0A"),
            ("\u{263a}\u{1f608}", "%E2%98%BA%F0%9F%98%88"), ("\u{7f}\u{1f} ", "%7F%1F "), ("", ""),
        ])
    func percent(text: String, encoded: String) {
        #expect(PercentCoding.encode(text) == encoded)
        #expect(PercentCoding.decode(encoded) == text)
    }

    @Test(
        "a badly encoded message is read as far as it can be",
        arguments: [
            ("%", "%"), ("%4", "%4"), ("%zz", "%zz"), ("a%4", "a%4"), ("%41%", "A%"), ("%e2%98%ba", "\u{263a}"),
            ("%ff", "\u{fffd}"), ("%%41", "%A"), ("%25%32%35", "%25"),
        ])
    func percentLenient(encoded: String, text: String) {
        #expect(PercentCoding.decode(encoded) == text)
    }

    @Test("metadata keeps repeated names in order, text trimmed and bytes in unpadded base64")
    func metadata() throws {
        var metadata = Metadata()
        try metadata.add("k", " one ")
        try metadata.add("b-bin", bytes: [0, 255, 1, 2])
        try metadata.add("k", "two")
        #expect(metadata.values("k") == ["one", "two"])
        #expect(metadata["b-bin"] == "AP8BAg")
        #expect(metadata.binaryValues("b-bin") == [[0, 255, 1, 2]])
        #expect(metadata.description == "k: one, b-bin: AP8BAg, k: two")
        metadata.remove("k")
        #expect(metadata.count == 1)
    }

    @Test(
        "names of HTTP and gRPC, and names that are none, are refused",
        arguments: [
            (":path", MetadataError.Kind.invalidName), ("", .invalidName), ("Upper", .invalidName),
            ("a b", .invalidName),
            ("k\u{e9}", .invalidName), ("grpc-timeout", .reservedName), ("grpc-x", .reservedName),
            ("te", .reservedName),
            ("content-type", .reservedName), ("user-agent", .reservedName), ("host", .reservedName),
            ("connection", .reservedName), ("x-bin", .invalidName),
        ])
    func names(name: String, kind: MetadataError.Kind) {
        #expect {
            var metadata = Metadata()
            try metadata.add(name, "v")
        } throws: {
            ($0 as? MetadataError)?.kind == kind
        }
    }

    @Test("values that a header cannot hold are refused", arguments: ["a\nb", "a\rb", "a\0", "\u{e9}", "a\tb"])
    func values(value: String) {
        #expect {
            var metadata = Metadata()
            try metadata.add("k", value)
        } throws: {
            ($0 as? MetadataError)?.kind == .invalidValue
        }
    }

    @Test("bytes need a name that ends in -bin")
    func bytesName() {
        #expect(throws: MetadataError.self) {
            var metadata = Metadata()
            try metadata.add("k", bytes: [1])
        }
    }
}
