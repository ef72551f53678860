import Testing
import Timebase

/// Durations as contracts, configuration files and commands write them.
struct DurationTextTests {
    @Test(
        "texts that are durations",
        arguments: [
            ("800ms", Duration.milliseconds(800)), ("2s", .seconds(2)), ("1m30s", .seconds(90)), ("1h", .seconds(3600)),
            ("15us", .microseconds(15)), ("0s", .zero), ("1000000h", .seconds(3_600_000_000)),
        ] as [(String, Duration)])
    func read(text: String, duration: Duration) {
        #expect(Duration(text: text) == duration)
    }

    @Test(
        "texts that are no durations",
        arguments: [
            "", "s", "5", "5 s", " 5s", "-5s", "+5s", "5d", "1.5s", "9999999999999s", "1000001h", "\u{663}s",
            String(repeating: "1s", count: 33),
        ])
    func refused(text: String) {
        #expect(Duration(text: text) == nil)
    }
}
