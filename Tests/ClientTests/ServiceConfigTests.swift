@testable import Client
import Exchange
import Resilience
import Testing
import Timebase

@Suite struct ServiceConfigTests {
    @Test func `the whole of it is read`() throws {
        let config = try ServiceConfig(
            json: """
                {"methodConfig":[
                  {"name":[{"service":"a.B","method":"C"},{"service":"a.D"}],"timeout":"1.000000001s",
                   "waitForReady":true,"maxRequestMessageBytes":"1024","maxResponseMessageBytes":2048,
                   "retryPolicy":{"maxAttempts":9,"initialBackoff":"0.1s","maxBackoff":"10s","backoffMultiplier":1.5,
                     "retryableStatusCodes":["UNAVAILABLE",8,"aborted"]}},
                  {"name":[{}],"hedgingPolicy":{"maxAttempts":2,"hedgingDelay":"0.5s","nonFatalStatusCodes":[14]}}],
                 "retryThrottling":{"maxTokens":10,"tokenRatio":0.1},
                 "loadBalancingConfig":[{"grpclb":{}},{"round_robin":{}}],
                 "healthCheckConfig":{"serviceName":""}}
                """)
        let retry = RetryPlan(
            maxAttempts: 5, initialBackoff: .milliseconds(100), maxBackoff: .seconds(10), backoffMultiplier: 1.5,
            statuses: StatusSet([14, 8, 10]))
        let hedge = HedgePlan(maxAttempts: 2, delay: .milliseconds(500), nonFatal: StatusSet([14]))
        #expect(
            config.methods == [
                MethodConfig(
                    [.init(service: "a.B", method: "C"), .init(service: "a.D")], waitsForReady: true,
                    timeout: .seconds(1) + .nanoseconds(1), maxRequestMessageBytes: 1024, maxReplyMessageBytes: 2048,
                    attempts: .retry(retry)), MethodConfig([.all], attempts: .hedge(hedge)),
            ])
        #expect(config.retryThrottle == RetryThrottle(maxTokens: 10, tokenRatio: 0.1))
        #expect(config.balancing == .roundRobin && config.healthService == "" && config.unknown == [])
    }

    @Test func `an empty one says nothing`() throws {
        #expect(try ServiceConfig(json: "{}") == ServiceConfig())
    }

    @Test func `a method has the most exact of what is said of it`() throws {
        let config = ServiceConfig(methods: [
            MethodConfig([.all], timeout: .seconds(1)), MethodConfig([.init(service: "a.B")], timeout: .seconds(2)),
            MethodConfig([.init(service: "a.B", method: "C")], timeout: .seconds(3)),
        ])
        #expect(config.method("/a.B/C")?.timeout == .seconds(3))
        #expect(config.method("/a.B/D")?.timeout == .seconds(2))
        #expect(config.method("/x.Y/C")?.timeout == .seconds(1))
        #expect(ServiceConfig().method("/a.B/C") == nil)
    }

    @Test func `what is not known is passed over and listed`() throws {
        let config = try ServiceConfig(json: #"{"x":1,"methodConfig":[{"name":[{}],"methodTimeout":"1s"}]}"#)
        #expect(config.unknown == ["methodConfig[0].methodTimeout", "x"])
    }

    @Test(arguments: [
        (#"{"loadBalancingConfig":[{"pick_first":{"shuffleAddressList":true}}]}"#, Balancing.pickFirst(shuffles: true)),
        (#"{"loadBalancingConfig":[{"pick_first":{}}]}"#, .pickFirst()),
        (#"{"loadBalancingConfig":[{"least_loaded":{}}]}"#, .leastLoaded),
        (#"{"loadBalancingPolicy":"ROUND_ROBIN"}"#, .roundRobin),
        (#"{"loadBalancingPolicy":"pick_first"}"#, .pickFirst()),
    ])
    func `balancing is the first policy that is known`(json: String, expected: Balancing) throws {
        #expect(try ServiceConfig(json: json).balancing == expected)
    }

    static func method(_ settings: String) -> String { #"{"methodConfig":[{"name":[{}],\#(settings)}]}"# }
    static func retry(_ settings: String) -> String { method(#""retryPolicy":{\#(settings)}"#) }
    static let whole = #""maxAttempts":2,"initialBackoff":"1s","maxBackoff":"1s","backoffMultiplier":2"#

    @Test(arguments: [
        ("{", ["line 1, column 2: a name in quotes should stand here"]),
        ("[]", ["the file: an object should stand here, not a list"]),
        (
            method(#""timeout":"1""#), ["methodConfig[0].timeout: '1' is not a duration such as 1s or 0.25s"]
        ),
        (
            method(#""timeout":"-1s""#), ["methodConfig[0].timeout: '-1s' is not a duration such as 1s or 0.25s"]
        ),
        (
            method(#""timeout":"0.1234567891s""#),
            ["methodConfig[0].timeout: '0.1234567891s' is not a duration such as 1s or 0.25s"]
        ),
        (method(#""waitForReady":1"#), ["methodConfig[0].waitForReady: true or false should stand here, not a number"]),
        (
            method(#""maxRequestMessageBytes":"many""#),
            ["methodConfig[0].maxRequestMessageBytes: 'many' is not a number of bytes"]
        ),
        (
            retry(""),
            [
                "methodConfig[0].retryPolicy.maxAttempts: it is missing",
                "methodConfig[0].retryPolicy.initialBackoff: it is missing",
                "methodConfig[0].retryPolicy.maxBackoff: it is missing",
                "methodConfig[0].retryPolicy.backoffMultiplier: it is missing",
                "methodConfig[0].retryPolicy.retryableStatusCodes: it is missing",
            ]
        ),
        (
            retry(
                #""maxAttempts":1,"initialBackoff":"0s","maxBackoff":"1s","backoffMultiplier":0,"retryableStatusCodes":[]"#
            ),
            [
                "methodConfig[0].retryPolicy.maxAttempts: a whole number from 2 to 2147483647 should stand here",
                "methodConfig[0].retryPolicy.initialBackoff: it must be more than 0s",
                "methodConfig[0].retryPolicy.backoffMultiplier: a number above 0 should stand here",
                "methodConfig[0].retryPolicy.retryableStatusCodes: it must name a status",
            ]
        ),
        (
            retry(whole + #","retryableStatusCodes":["GONE",17]"#),
            [
                "methodConfig[0].retryPolicy.retryableStatusCodes[0]: a status such as \"UNAVAILABLE\" or 14 should stand here",
                "methodConfig[0].retryPolicy.retryableStatusCodes[1]: a status such as \"UNAVAILABLE\" or 14 should stand here",
                "methodConfig[0].retryPolicy.retryableStatusCodes: it must name a status",
            ]
        ),
        (
            method(#""retryPolicy":{\#(whole),"retryableStatusCodes":[14]},"hedgingPolicy":{"maxAttempts":2}"#),
            ["methodConfig[0].hedgingPolicy: a method has a retryPolicy or a hedgingPolicy, not both"]
        ),
        (
            #"{"methodConfig":[{"name":[{"method":"x"}]}]}"#,
            ["methodConfig[0].name[0].service: it is missing: a method has a service"]
        ),
        (
            #"{"methodConfig":[{"name":[{"service":"a"}]},{"name":[{"service":"a"}]}]}"#,
            ["methodConfig[1].name: a/ stands in more than one place"]
        ),
        (
            #"{"retryThrottling":{"maxTokens":1001,"tokenRatio":0}}"#,
            [
                "retryThrottling.maxTokens: a whole number from 1 to 1000 should stand here",
                "retryThrottling.tokenRatio: a number above 0 should stand here",
            ]
        ),
        (
            #"{"loadBalancingConfig":[{"xds":{}}]}"#,
            ["loadBalancingConfig: none of its policies is pick_first, round_robin or least_loaded"]
        ),
        (
            #"{"loadBalancingConfig":[{"a":{},"b":{}}]}"#,
            [
                "loadBalancingConfig[0]: an object with one policy should stand here",
                "loadBalancingConfig: none of its policies is pick_first, round_robin or least_loaded",
            ]
        ),
    ])
    func `what is wrong is said with its place`(json: String, faults: [String]) {
        #expect(throws: ServiceConfigError(faults: faults)) { try ServiceConfig(json: json) }
    }
}
