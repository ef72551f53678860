/// The functions of the language, of its strings extension, and of protovalidate, by what they take.
///
/// Source: cel-spec langdef, "List of Standard Definitions"; cel-go ext/strings; protovalidate's `library`.
enum Functions {
    struct Overload {
        let parameters: [CELType]
        let result: CELType
        /// Whether it may be called as `function(value)`, as `value.function()`, or either way.
        var form = Form.method
    }

    enum Form {
        case method, function, either
    }

    private static func method(_ target: CELType, _ rest: CELType..., to result: CELType) -> Overload {
        Overload(parameters: [target] + rest, result: result)
    }

    private static func function(_ parameter: CELType, to result: CELType) -> Overload {
        Overload(parameters: [parameter], result: result, form: .function)
    }

    static let table: [String: [Overload]] = strings.merging(conversions) { $0 + $1 }.merging(times) { $0 + $1 }

    private static let strings: [String: [Overload]] = [
        "size": [
            Overload(parameters: [.string], result: .int, form: .either),
            Overload(parameters: [.bytes], result: .int, form: .either),
            Overload(parameters: [.list(.anything)], result: .int, form: .either),
            Overload(parameters: [.map(.anything, .anything)], result: .int, form: .either),
        ],
        "startsWith": [method(.string, .string, to: .bool), method(.bytes, .bytes, to: .bool)],
        "endsWith": [method(.string, .string, to: .bool), method(.bytes, .bytes, to: .bool)],
        "contains": [method(.string, .string, to: .bool), method(.bytes, .bytes, to: .bool)],
        "matches": [Overload(parameters: [.string, .string], result: .bool, form: .either)],
        "charAt": [method(.string, .int, to: .string)],
        "indexOf": [method(.string, .string, to: .int), method(.string, .string, .int, to: .int)],
        "lastIndexOf": [method(.string, .string, to: .int), method(.string, .string, .int, to: .int)],
        "lowerAscii": [method(.string, to: .string)],
        "upperAscii": [method(.string, to: .string)],
        "replace": [
            method(.string, .string, .string, to: .string), method(.string, .string, .string, .int, to: .string),
        ],
        "split": [
            method(.string, .string, to: .list(.string)), method(.string, .string, .int, to: .list(.string)),
        ],
        "substring": [method(.string, .int, to: .string), method(.string, .int, .int, to: .string)],
        "trim": [method(.string, to: .string)],
        "join": [method(.list(.string), to: .string), method(.list(.string), .string, to: .string)],
        "isEmail": [method(.string, to: .bool)], "isHostname": [method(.string, to: .bool)],
        "isIp": [method(.string, to: .bool), method(.string, .int, to: .bool)],
        "isIpPrefix": [
            method(.string, to: .bool), method(.string, .int, to: .bool), method(.string, .bool, to: .bool),
            method(.string, .int, .bool, to: .bool),
        ],
        "isUri": [method(.string, to: .bool)], "isUriRef": [method(.string, to: .bool)],
        "isHostAndPort": [method(.string, .bool, to: .bool)],
        "isNan": [method(.double, to: .bool)],
        "isInf": [method(.double, to: .bool), method(.double, .int, to: .bool)],
        "unique": [method(.list(.anything), to: .bool)],
    ]

    private static let conversions: [String: [Overload]] = [
        "int": [.int, .uint, .double, .string, .timestamp].map { function($0, to: .int) },
        "uint": [.uint, .int, .double, .string].map { function($0, to: .uint) },
        "double": [.double, .int, .uint, .string].map { function($0, to: .double) },
        "bool": [.bool, .string].map { function($0, to: .bool) },
        "string": [.string, .int, .uint, .double, .bool, .bytes, .timestamp, .duration].map {
            function($0, to: .string)
        },
        "bytes": [.bytes, .string].map { function($0, to: .bytes) },
        "duration": [.duration, .string].map { function($0, to: .duration) },
        "timestamp": [.timestamp, .string, .int].map { function($0, to: .timestamp) },
    ]

    private static let times: [String: [Overload]] = {
        let dates = ["getFullYear", "getMonth", "getDate", "getDayOfMonth", "getDayOfWeek", "getDayOfYear"]
        let clocks = ["getHours", "getMinutes", "getSeconds", "getMilliseconds"]
        var table: [String: [Overload]] = [:]
        for name in dates + clocks {
            table[name] = [method(.timestamp, to: .int), method(.timestamp, .string, to: .int)]
        }
        for name in clocks { table[name]?.append(method(.duration, to: .int)) }
        return table
    }()

    /// The overload that takes these types.
    static func find(_ name: String, _ types: [CELType], isMethod: Bool) -> Overload? {
        table[name]?.first { overload in
            let isCallable = overload.form == .either || (overload.form == .method) == isMethod
            return isCallable && overload.parameters.count == types.count
                && zip(types, overload.parameters).allSatisfy { $0.fits($1) }
        }
    }
}
