import Testing
@testable import Traces

/// The words of OpenTelemetry, as its users know them.
@Suite struct TraceSettingsTests {
    private static let endpoint = "OTEL_EXPORTER_OTLP_ENDPOINT"

    @Test(arguments: [
        [:], [endpoint: ""], [endpoint: "http://a:1", "OTEL_SDK_DISABLED": "true"],
        [endpoint: "http://a:1", "OTEL_TRACES_EXPORTER": "none"], ["OTEL_SERVICE_NAME": "a"],
    ])
    func `nothing is traced`(environment: [String: String]) throws {
        #expect(try TraceSettings(environment: environment) == nil)
    }

    @Test(arguments: [
        ("http://collector:4317", "collector:4317", false), ("https://c.example:443/", "c.example:443", true),
        ("http://collector", "collector:4317", false), ("collector:5317", "collector:5317", false),
        ("http://[::1]:4317", "[::1]:4317", false), ("http://[::1]", "[::1]:4317", false),
        ("unix:///run/otel.sock", "unix:/run/otel.sock", false),
    ])
    func `endpoints`(text: String, target: String, isSecure: Bool) throws {
        let settings = try #require(try TraceSettings(environment: [Self.endpoint: text]))
        #expect(settings.target == target && settings.isSecure == isSecure)
    }

    @Test func `what is said of traces alone goes before what is said of all`() throws {
        let settings = try #require(
            try TraceSettings(environment: [
                Self.endpoint: "http://a:1", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://b:2",
                "OTEL_EXPORTER_OTLP_HEADERS": "x=1",
                "OTEL_EXPORTER_OTLP_TRACES_HEADERS": "authorization=Basic%20YQ==, y = 2",
                "OTEL_EXPORTER_OTLP_TIMEOUT": "500", "OTEL_SERVICE_NAME": "shop", "OTEL_RESOURCE_ATTRIBUTES": "a=b",
            ]))
        #expect(settings.target == "b:2" && settings.timeout == .milliseconds(500) && settings.serviceName == "shop")
        #expect(settings.headers.map { "\($0.key): \($0.value)" } == ["authorization: Basic YQ==", "y: 2"])
        #expect(settings.attributes.map(\.key) == ["a"])
    }

    @Test(arguments: [
        ("always_on", Sampler(ratio: 1, followsParent: false)), ("parentbased_always_off", Sampler(ratio: 0)),
        ("traceidratio", Sampler(ratio: 0.5, followsParent: false)), ("parentbased_traceidratio", Sampler(ratio: 0.5)),
    ])
    func `samplers`(name: String, sampler: Sampler) throws {
        let settings = try TraceSettings(environment: [
            Self.endpoint: "http://a:1", "OTEL_TRACES_SAMPLER": name, "OTEL_TRACES_SAMPLER_ARG": "0.5",
        ])
        #expect(settings?.sampler == sampler)
    }

    @Test func `all faults are told at once, by the names of their variables`() {
        let faults = #expect(throws: TraceSettings.Faults.self) {
            try TraceSettings(environment: [
                Self.endpoint: "ftp://a", "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf", "OTEL_TRACES_SAMPLER": "x",
                "OTEL_TRACES_SAMPLER_ARG": "2", "OTEL_BSP_MAX_QUEUE_SIZE": "0", "OTEL_EXPORTER_OTLP_HEADERS": "novalue",
            ])
        }
        let names = faults?.lines.map { String($0.prefix { $0 != ":" }) } ?? []
        #expect(
            names.sorted() == [
                "OTEL_BSP_MAX_QUEUE_SIZE", Self.endpoint, "OTEL_EXPORTER_OTLP_HEADERS", "OTEL_EXPORTER_OTLP_PROTOCOL",
                "OTEL_TRACES_SAMPLER", "OTEL_TRACES_SAMPLER_ARG",
            ])
    }
}
