import Logging
import Testing
import Timebase

@testable import ServiceKit

struct SettingsTests {
    private let flags = [
        Flag("listen", "ADDRESS", default: "127.0.0.1:1", help: ""), Flag("quiet", nil, help: ""),
        Flag("database-url", "URL", environment: ["DATABASE_URL"], help: ""),
    ]

    @Test("an argument wins over the environment, the environment over the default")
    func order() throws {
        #expect(try Settings(flags, arguments: [], environment: [:])["listen"] == "127.0.0.1:1")
        let environment = ["WEFT_LISTEN": "a:2", "DATABASE_URL": "postgres:///x"]
        #expect(try Settings(flags, arguments: [], environment: environment)["listen"] == "a:2")
        let both = try Settings(flags, arguments: ["--listen=b:3", "--quiet"], environment: environment)
        #expect(both["listen"] == "b:3")
        #expect(both["database-url"] == "postgres:///x")
        #expect(both.isOn("quiet"))
        #expect(try Settings(flags, arguments: ["--listen", "c:4"], environment: [:])["listen"] == "c:4")
    }

    @Test("every fault is told at once")
    func faults() {
        do {
            _ = try Settings(flags, arguments: ["--lisen", "x", "--listen"], environment: [:])
            Issue.record("the settings were taken")
        } catch {
            #expect(error.lines.count == 3)
            #expect(error.lines[0].contains("--lisen") && error.lines[0].contains("--listen"))
            #expect(error.lines[2].contains("needs a value"))
        }
    }

    @Test(
        "the time of day in RFC 3339",
        arguments: [
            (WallTime(seconds: 0), "1970-01-01T00:00:00.000Z"),
            (WallTime(seconds: 1_709_164_800, nanoseconds: 5_000_000), "2024-02-29T00:00:00.005Z"),
            (WallTime(seconds: -1), "1969-12-31T23:59:59.000Z"),
            (WallTime(seconds: 4_102_444_799, nanoseconds: 999_999_999), "2099-12-31T23:59:59.999Z"),
        ])
    func wallTime(time: WallTime, text: String) {
        #expect(time.rfc3339 == text)
    }

    @Test("a log line's text cannot break out of its JSON")
    func escaping() {
        var text = JSONText()
        text.open()
        text.member("a", "x\"\\\n\u{1}é")
        text.member("b", 3)
        text.close()
        #expect(text.text == #"{"a":"x\"\\\n\u0001é","b":3}"#)
    }
}

struct MetricsTests {
    @Test("series are found again, and text is Prometheus'")
    func text() {
        let registry = MetricsRegistry()
        registry.counter("calls_total", "Calls.", ["method": "A\"b"]).add(2)
        registry.counter("calls_total", "Calls.", ["method": "A\"b"]).add()
        registry.gauge("open", "Open.").set(4)
        registry.histogram("d_seconds", "D.").record(.milliseconds(3))
        let text = registry.prometheusText
        #expect(text.contains("# TYPE calls_total counter\ncalls_total{method=\"A\\\"b\"} 3\n"))
        #expect(text.contains("open 4\n"))
        #expect(
            text.contains("d_seconds_bucket{le=\"0.002\"} 0\n") && text.contains("d_seconds_bucket{le=\"0.004\"} 1\n"))
        #expect(text.contains("d_seconds_count 1\n"))
    }
}
