import Bytes

/// The fields that both sides know from the start, by index (RFC 7541 Appendix A).
struct StaticTable: @unchecked Sendable {  // nobody writes after the initializer
    static let standard = StaticTable()

    static let count = 61

    /// The fields at their index less one, each with its index as identity.
    let fields: FieldsView
    /// For each length of a name, the fields whose name has it: a bit an index.
    private let byLength: ImmortalTable<UInt64>
    /// For each known name, the first index that has it; 0 if there is none.
    private let byName: ImmortalTable<UInt8>

    private init() {
        var fields = Fields()
        var byLength = [UInt64](repeating: 0, count: 32)
        var byName = [UInt8](repeating: 0, count: 256)
        for (place, (name, value)) in staticFields.enumerated() {
            var text = name
            var worth = value
            text.withUTF8 { name in
                worth.withUTF8 { value in
                    let known = Fields.Name(name)
                    fields.append(known, spelled: name, value, isSensitive: false, identity: UInt64(place + 1))
                    byLength[name.count] |= 1 << UInt64(place + 1)
                    if known != .other, byName[Int(known.rawValue)] == 0 {
                        byName[Int(known.rawValue)] = UInt8(place + 1)
                    }
                }
            }
        }
        self.fields = fields.makeImmortalView()
        self.byLength = ImmortalTable(byLength)
        self.byName = ImmortalTable(byName)
    }

    /// The index of the field with this name, and whether it has the value too; nil if the name is not in the table.
    func find(
        _ known: Fields.Name, _ name: UnsafeBufferPointer<UInt8>, _ value: UnsafeBufferPointer<UInt8>
    ) -> (index: Int, isWhole: Bool)? {
        guard known == .other else { return find(known, value) }
        guard name.count < byLength.count else { return nil }
        var candidates = byLength[name.count]
        var first: Int?
        while candidates != 0 {
            let index = candidates.trailingZeroBitCount
            candidates &= candidates - 1
            let field = fields[index - 1]
            guard ByteRuns.areEqual(name, field.name) else { continue }
            if ByteRuns.areEqual(value, field.value) { return (index, true) }
            first = first ?? index
        }
        return first.map { ($0, false) }
    }

    /// Fields with the same name stand behind one another.
    private func find(_ known: Fields.Name, _ value: UnsafeBufferPointer<UInt8>) -> (index: Int, isWhole: Bool)? {
        let first = Int(byName[Int(known.rawValue)])
        guard first > 0 else { return nil }
        var index = first
        while index <= Self.count, fields[index - 1].known == known {
            if ByteRuns.areEqual(value, fields[index - 1].value) { return (index, true) }
            index += 1
        }
        return (first, false)
    }
}

private let staticFields: [(String, String)] = [
    (":authority", ""), (":method", "GET"), (":method", "POST"), (":path", "/"), (":path", "/index.html"),
    (":scheme", "http"), (":scheme", "https"), (":status", "200"), (":status", "204"), (":status", "206"),
    (":status", "304"), (":status", "400"), (":status", "404"), (":status", "500"), ("accept-charset", ""),
    ("accept-encoding", "gzip, deflate"), ("accept-language", ""), ("accept-ranges", ""), ("accept", ""),
    ("access-control-allow-origin", ""), ("age", ""), ("allow", ""), ("authorization", ""), ("cache-control", ""),
    ("content-disposition", ""), ("content-encoding", ""), ("content-language", ""), ("content-length", ""),
    ("content-location", ""), ("content-range", ""), ("content-type", ""), ("cookie", ""), ("date", ""), ("etag", ""),
    ("expect", ""), ("expires", ""), ("from", ""), ("host", ""), ("if-match", ""), ("if-modified-since", ""),
    ("if-none-match", ""), ("if-range", ""), ("if-unmodified-since", ""), ("last-modified", ""), ("link", ""),
    ("location", ""), ("max-forwards", ""), ("proxy-authenticate", ""), ("proxy-authorization", ""), ("range", ""),
    ("referer", ""), ("refresh", ""), ("retry-after", ""), ("server", ""), ("set-cookie", ""),
    ("strict-transport-security", ""), ("transfer-encoding", ""), ("user-agent", ""), ("vary", ""), ("via", ""),
    ("www-authenticate", ""),
]
