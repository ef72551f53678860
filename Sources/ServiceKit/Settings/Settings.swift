/// What a process was told to do, read from its arguments and environment at once, with every fault in one report.
///
/// An argument wins over the environment, the environment over the default.
public struct Settings: Sendable {
    private var values: [String: String] = [:]

    /// Why the settings cannot be used: every fault, one a line.
    public struct Faults: Error, Sendable {
        public let lines: [String]
    }

    public init(_ flags: [Flag], arguments: [String], environment: [String: String]) throws(Faults) {
        var faults: [String] = []
        for flag in flags {
            let named = [flag.variable] + flag.environment
            values[flag.name] = named.lazy.compactMap { environment[$0] }.first ?? flag.fallback
        }
        var rest = arguments[...]
        while let argument = rest.popFirst() {
            guard argument.hasPrefix("--") else {
                faults.append("unexpected argument '\(argument)'")
                continue
            }
            let parts = argument.dropFirst(2).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let name = String(parts[0])
            guard let flag = flags.first(where: { $0.name == name }) else {
                let known = flags.map { "--" + $0.name }.joined(separator: ", ")
                faults.append("unknown option '--\(name)'; known are \(known)")
                continue
            }
            if flag.placeholder == nil {
                values[name] = parts.count > 1 ? String(parts[1]) : "true"
            } else if parts.count > 1 {
                values[name] = String(parts[1])
            } else if let value = rest.popFirst() {
                values[name] = value
            } else {
                faults.append("option '--\(name)' needs a value: \(flag.placeholder ?? "")")
            }
        }
        if !faults.isEmpty {
            throw Faults(lines: faults)
        }
    }

    public subscript(name: String) -> String? {
        get { values[name] }
        set { values[name] = newValue }
    }

    public func isOn(_ name: String) -> Bool { values[name] == "true" || values[name] == "1" }
}

extension Settings {
    /// The text of `--help`.
    public static func help(_ program: String, _ purpose: String, _ flags: [Flag]) -> String {
        var text = "\(purpose)\n\nUSAGE: \(program) [OPTIONS]\n\nOPTIONS:\n"
        for flag in flags {
            let left = "  --\(flag.name)" + (flag.placeholder.map { " \($0)" } ?? "")
            let padding = String(repeating: " ", count: max(2, 32 - left.count))
            let fallback = flag.fallback.map { " (default \($0))" } ?? ""
            let variables = ([flag.variable] + flag.environment).joined(separator: ", ")
            text += "\(left)\(padding)\(flag.help)\(fallback) [\(variables)]\n"
        }
        return text + "  --help                        Show this help.\n"
    }
}
