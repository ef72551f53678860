/// The five characters by which Postgres tells errors apart (PostgreSQL 15, appendix A).
public struct SQLState: RawRepresentable, Hashable, Sendable {
    public let rawValue: String

    public init(rawValue: String) {
        self.rawValue = rawValue
    }

    public static let uniqueViolation = SQLState(rawValue: "23505")
    public static let foreignKeyViolation = SQLState(rawValue: "23503")
    public static let notNullViolation = SQLState(rawValue: "23502")
    public static let checkViolation = SQLState(rawValue: "23514")
    public static let serializationFailure = SQLState(rawValue: "40001")
    public static let deadlockDetected = SQLState(rawValue: "40P01")
    public static let queryCanceled = SQLState(rawValue: "57014")
    public static let adminShutdown = SQLState(rawValue: "57P01")
    public static let undefinedTable = SQLState(rawValue: "42P01")
    public static let undefinedDatabase = SQLState(rawValue: "3D000")
    public static let syntaxError = SQLState(rawValue: "42601")
    public static let invalidText = SQLState(rawValue: "22P02")
    public static let featureNotSupported = SQLState(rawValue: "0A000")
    public static let invalidStatementName = SQLState(rawValue: "26000")
    public static let failedTransaction = SQLState(rawValue: "25P02")

    /// The first two characters: the class that an unknown code still belongs to.
    public var errorClass: String { String(rawValue.prefix(2)) }

    /// Connection exceptions (08), insufficient resources (53), and the operator's interventions but for the cancelling of one
    /// statement (57).
    var isUnavailable: Bool {
        switch errorClass {
        case "08", "53": true
        case "57": self != .queryCanceled
        default: false
        }
    }
}
