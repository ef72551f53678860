/// One setting that a process takes, from the command line or the environment.
public struct Flag: Sendable {
    /// `listen` is given as `--listen VALUE`, `--listen=VALUE` or `WEFT_LISTEN`.
    public let name: String
    /// What stands for the value in the help: `ADDRESS`. Nil for a switch, which takes none.
    public let placeholder: String?
    public let fallback: String?
    public let help: String
    /// Other environment variables that are read when `WEFT_<NAME>` is not set, such as `DATABASE_URL`.
    public let environment: [String]

    public init(
        _ name: String, _ placeholder: String?, default fallback: String? = nil, environment: [String] = [],
        help: String
    ) {
        self.name = name
        self.placeholder = placeholder
        self.fallback = fallback
        self.environment = environment
        self.help = help
    }

    var variable: String {
        "WEFT_" + name.uppercased().map { $0 == "-" ? "_" : $0 }
    }
}
