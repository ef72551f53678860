/// A linked message type, ready for use without generated code: JSON, binding, reflection.
///
/// It is a pointer into plain memory that a `DescriptorPool` made and that lives as long as the process. So tables
/// refer to each other freely, and walking them counts no references: that is what makes transcoding by table faster
/// than decoding.
public struct MessageTable: @unchecked Sendable, Hashable {  // the memory never changes once the pool is built
    struct Raw {
        let fullName: Text
        var special: WellKnownType
        var isMapEntry: Bool
        var fields: UnsafeMutablePointer<FieldTable.Raw>
        var fieldCount: Int
        var oneofCount: Int
        /// For each number below 64, one more than the field's index; 0 if there is no such field.
        var dense: UnsafeMutablePointer<UInt16>
        /// By JSON name, by original name, and extensions by `[full.name]`.
        var names: NameIndex
        var oneofNames: UnsafeMutablePointer<Text>
        /// The old wire form in which every extension is an item of a group.
        var isMessageSet: Bool
        /// True if the message or one that it may hold has a required field.
        var hasRequired = false
        /// True if the pool knows extensions of the message or of one that it may hold.
        var hasExtensions = false
        /// Names of fields that are gone, which the text format passes over.
        var reservedNames: UnsafeMutablePointer<Text>
        var reservedCount: Int
    }

    let raw: UnsafePointer<Raw>

    public var fullName: String { raw.pointee.fullName.string }
    public var wellKnown: WellKnownType { raw.pointee.special }
    public var isMapEntry: Bool { raw.pointee.isMapEntry }

    /// In the order of their numbers; extensions that the pool knows are among them.
    public var fields: [FieldTable] {
        (0..<raw.pointee.fieldCount).map { field(at: $0) }
    }

    @inline(__always)
    func field(at index: Int) -> FieldTable {
        FieldTable(raw: UnsafePointer(raw.pointee.fields + index))
    }

    /// The field with this number.
    @inline(__always)
    public func field(number: UInt32) -> FieldTable? {
        if number < 64 {
            let entry = raw.pointee.dense[Int(number)]
            return entry == 0 ? nil : field(at: Int(entry) - 1)
        }
        return sparseField(number)
    }

    private func sparseField(_ number: UInt32) -> FieldTable? {
        var low = 0
        var high = raw.pointee.fieldCount
        while low < high {
            let middle = (low + high) / 2
            if raw.pointee.fields[middle].number < number { low = middle + 1 } else { high = middle }
        }
        guard low < raw.pointee.fieldCount, raw.pointee.fields[low].number == number else { return nil }
        return field(at: low)
    }

    /// The field with this JSON name or original name; an extension's is `[full.name]`.
    public func field(named name: String) -> FieldTable? {
        var name = name
        return name.withUTF8 { field(named: Text($0)) }
    }

    func field(named name: Text) -> FieldTable? {
        raw.pointee.names.find(name).map { field(at: $0) }
    }

    /// The names that the contract reserves, because fields that had them are gone.
    public var reservedNames: [String] {
        (0..<raw.pointee.reservedCount).map { raw.pointee.reservedNames[$0].string }
    }

    public static func == (left: MessageTable, right: MessageTable) -> Bool { left.raw == right.raw }

    public func hash(into hasher: inout Hasher) { hasher.combine(raw) }
}

/// A field of a linked message type.
public struct FieldTable: @unchecked Sendable, Equatable {  // the memory never changes once the pool is built
    struct Raw {
        let number: UInt32
        let kind: FieldKind
        let isRepeated: Bool
        var isMap: Bool
        let isPacked: Bool
        let hasPresence: Bool
        let isRequired: Bool
        let isExtension: Bool
        /// An extension of a message set, which the wire has as an item of a group.
        let isSetItem: Bool
        /// A message that the wire has as a length and its bytes, as nearly all are.
        let isFramed: Bool
        /// How many levels a message's JSON is deeper: a `Value` is none of its own, only the list or object in it is.
        let jsonLevels: Int
        let checksUTF8: Bool
        let index: Int
        /// The oneof's index, or -1. The oneof of a proto3 `optional` counts too: it has one member.
        let oneof: Int
        let name: Text
        let jsonName: Text
        /// `"jsonName":`, as it stands in JSON.
        let jsonKey: Text
        let originalKey: Text
        /// What the text format calls it: a group by its type, an extension by `[full.name]`.
        let textName: Text
        var message: UnsafePointer<MessageTable.Raw>?
        var enumeration: UnsafePointer<EnumTable.Raw>?
    }

    let raw: UnsafePointer<Raw>

    public var name: String { raw.pointee.name.string }
    public var jsonName: String { raw.pointee.jsonName.string }
    public var number: UInt32 { raw.pointee.number }
    public var kind: FieldKind { raw.pointee.kind }
    /// True for maps too: on the wire they are repeated entries.
    public var isRepeated: Bool { raw.pointee.isRepeated }
    public var isMap: Bool { raw.pointee.isMap }
    public var isPacked: Bool { raw.pointee.isPacked }
    /// True if the field knows whether it was set, even to its default.
    public var hasPresence: Bool { raw.pointee.hasPresence }
    public var isRequired: Bool { raw.pointee.isRequired }
    public var isExtension: Bool { raw.pointee.isExtension }
    /// The type of a message field; a map's entry type.
    public var message: MessageTable? { raw.pointee.message.map { MessageTable(raw: $0) } }
    public var enumeration: EnumTable? { raw.pointee.enumeration.map { EnumTable(raw: $0) } }
    public var oneofIndex: Int? { raw.pointee.oneof < 0 ? nil : raw.pointee.oneof }

    /// The key and the value of a map field.
    var entry: (key: FieldTable, value: FieldTable) {
        guard isMap, let message else { preconditionFailure("only a map field has entries") }
        return (message.field(at: 0), message.field(at: 1))
    }

    /// The tag of one value that is not packed.
    var tag: UInt32 { raw.pointee.number << 3 | raw.pointee.kind.wireType }
    var packedTag: UInt32 { raw.pointee.number << 3 | 2 }

    /// True if a value with this tag is one of the field; others are kept as unknown.
    @inline(__always)
    func accepts(_ tag: UInt32) -> Bool {
        tag & 7 == kind.wireType || (tag & 7 == 2 && isRepeated && kind.isPackable)
    }

    public static func == (left: FieldTable, right: FieldTable) -> Bool { left.raw == right.raw }
}
