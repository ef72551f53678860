public import Timebase

/// A value for a place of a statement.
///
/// The server infers the type of each place from the SQL, so most values are sent in their text form, which every type
/// reads. Only those whose text would be ambiguous or wasteful are sent in binary: bytes, UUIDs, times. A place
/// whose type the SQL leaves open needs a cast: `$1::int8`.
public enum Parameter: Sendable, Equatable {
    case null
    case text(String)
    case integer(Int64)
    case double(Double)
    case bool(Bool)
    case uuid(UniqueID)
    /// A `timestamptz`, exact to the microsecond, which is all that Postgres keeps.
    case time(WallTime)
    /// The text of a JSON value, for `json` and `jsonb`.
    case json(String)
    case bytes([UInt8])
    /// A `text[]`.
    case texts([String?])
    /// An `int4[]` or `int8[]`.
    case integers([Int64?])
}

extension Parameter: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral,
    ExpressibleByNilLiteral
{
    public init(stringLiteral value: String) { self = .text(value) }
    public init(integerLiteral value: Int64) { self = .integer(value) }
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    public init(nilLiteral: ()) { self = .null }
}
