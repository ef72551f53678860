/// Why bytes are not the message that they were said to be, and at which byte that showed.
public struct DecodeError: Error, Equatable, Sendable {
    /// The rule that was broken.
    public enum Kind: UInt8, Sendable {
        /// The bytes end inside a value, or a length points past their end.
        case truncated
        /// A varint goes on after ten bytes.
        case malformedVarint
        /// A tag with field number 0, an unknown wire type, or more than 32 bits.
        case invalidTag
        /// An end-group tag without its start, or a group without its end.
        case unmatchedGroup
        /// A `string` field that is not UTF-8.
        case invalidUTF8
        /// A view was asked for a sub-message that comes in several pieces, which only decoding merges.
        case splitMessage
        /// Messages lie deeper in each other than `WireReader.maximumDepth`, or than the caller allows.
        case tooDeep
        /// There are more bytes than the caller allows.
        case tooLarge
        /// A field that must be there is not.
        case missingRequired
    }

    public let kind: Kind
    /// Counts from the first byte of the outermost message.
    public let offset: Int
    @usableFromInline let place: Place?

    /// One reference, so that the error stays small enough to be returned in registers.
    @usableFromInline
    final class Place: Sendable {
        let path: String

        init(_ path: String) {
            self.path = path
        }
    }

    @inlinable
    public init(_ kind: Kind, at offset: Int) {
        self.kind = kind
        self.offset = offset
        place = nil
    }

    /// A field that must be there is not; its path is as `Message.missingField()` says it.
    public init(missing path: String, at offset: Int) {
        kind = .missingRequired
        self.offset = offset
        place = Place(path)
    }

    /// The field that is missing, `row[2].whole.id`; nil for all other rules.
    public var path: String? { place?.path }

    public static func == (left: DecodeError, right: DecodeError) -> Bool {
        left.kind == right.kind && left.offset == right.offset && left.path == right.path
    }
}

extension DecodeError: CustomStringConvertible {
    public var description: String {
        let rule =
            switch kind {
            case .truncated: "the bytes end inside a value"
            case .malformedVarint: "a varint is longer than ten bytes"
            case .invalidTag: "a tag is not valid"
            case .unmatchedGroup: "a group is not closed where it was opened"
            case .invalidUTF8: "a string is not UTF-8"
            case .splitMessage: "a sub-message comes in several pieces"
            case .tooDeep: "messages are nested deeper than \(WireReader.maximumDepth) levels, or than was allowed"
            case .tooLarge: "the message is larger than was allowed"
            case .missingRequired: "the required field '\(path ?? "")' is missing"
            }
        return "\(rule), at byte \(offset)"
    }
}
