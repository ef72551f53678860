import ProtoWire

/// Turns messages from the binary format into canonical JSON and back, by table, without building either in memory.
///
/// This is faster than decoding into structs and printing those, because it makes no strings and no arrays; so the
/// edge, the command line and `Message.jsonString()` all use it. Source: protobuf.dev, "ProtoJSON Format".
public struct JSONTranscoder: Sendable {
    /// How JSON is written.
    public struct PrintOptions: Sendable {
        /// Writes scalars without presence, lists and maps even if they are empty; never unset messages or oneofs.
        public var emitsDefaults = false
        /// Writes `video_url`, not `videoUrl`.
        public var usesOriginalNames = false
        /// Writes enums as numbers.
        public var usesEnumNumbers = false
        /// Puts each member on its own line, this many spaces further in than what holds it; 0 for no lines at all.
        public var indentation = 0

        public init() {}
    }

    /// How JSON is read.
    public struct ParseOptions: Sendable {
        /// Passes over keys, and names of enum values, that the contract does not have; otherwise they are errors.
        public var ignoresUnknown = false
        /// Takes a message some of whose required fields are missing.
        public var allowsPartial = false

        public init() {}
    }

    /// How deep objects and lists may lie in each other.
    ///
    /// What counts is JSON's own nesting: a `Struct` in a `Struct` is one level more, although the binary form has three.
    static let maximumDepth = WireReader.maximumDepth + 1

    /// How deep the binary form of JSON within `maximumDepth` can be: a level of a `Struct` is a map's entry, a `Value`
    /// and the next `Struct`.
    package static let maximumWireDepth = 3 * maximumDepth + 1

    /// Where the types of `google.protobuf.Any` are found.
    public let pool: DescriptorPool?

    public init(pool: DescriptorPool? = nil) {
        self.pool = pool
    }

    /// Writes the JSON form of a message after what the writer already holds.
    public func binaryToJSON(
        _ table: MessageTable, _ bytes: UnsafeRawBufferPointer, _ options: PrintOptions = PrintOptions(),
        into writer: inout JSONWriter
    ) throws(JSONError) {
        let start = writer.count
        var printer = JSONPrinter(pool: pool, options: options)
        try printer.message(table, bytes, JSONTranscoder.maximumDepth, &writer)
        if options.indentation > 0 { indent(&writer, from: start, options.indentation) }
    }

    private func indent(_ writer: inout JSONWriter, from start: Int, _ spaces: Int) {
        let compact = Array(writer.bytes[start...])
        writer.truncate(to: start)
        compact.withUnsafeBytes { JSONIndenter(spaces: spaces).write($0, into: &writer) }
    }

    public func binaryToJSON(
        _ table: MessageTable, _ bytes: [UInt8], _ options: PrintOptions = PrintOptions()
    ) throws(JSONError) -> String {
        var writer = JSONWriter(capacity: bytes.count * 2)
        try bytes.withUnsafeBufferPointer { (buffer) throws(JSONError) in
            try binaryToJSON(table, UnsafeRawBufferPointer(buffer), options, into: &writer)
        }
        return writer.string
    }

    /// Writes the JSON form of one field of a message, as `response_body` of an HTTP rule asks for.
    public func binaryToJSON(
        field: FieldTable, of table: MessageTable, _ bytes: UnsafeRawBufferPointer,
        _ options: PrintOptions = PrintOptions(), into writer: inout JSONWriter
    ) throws(JSONError) {
        var printer = JSONPrinter(pool: pool, options: options)
        let start = writer.count
        try printer.loneField(field, table, bytes, JSONTranscoder.maximumDepth, &writer)
        if options.indentation > 0 { indent(&writer, from: start, options.indentation) }
    }

    /// The binary form of the message that JSON text says.
    public func jsonToBinary(
        _ table: MessageTable, _ text: UnsafeRawBufferPointer, _ options: ParseOptions = ParseOptions()
    ) throws(JSONError) -> [UInt8] {
        var writer = JSONWriter(capacity: text.count)
        try jsonToBinary(table, text, options, into: &writer)
        return writer.array
    }

    public func jsonToBinary(
        _ table: MessageTable, _ text: String, _ options: ParseOptions = ParseOptions()
    ) throws(JSONError) -> [UInt8] {
        try Array(text.utf8).withUnsafeBufferPointer { (buffer) throws(JSONError) in
            try jsonToBinary(table, UnsafeRawBufferPointer(buffer), options)
        }
    }

    /// Writes the binary form after what the writer already holds.
    public func jsonToBinary(
        _ table: MessageTable, _ text: UnsafeRawBufferPointer, _ options: ParseOptions = ParseOptions(),
        into writer: inout JSONWriter
    ) throws(JSONError) {
        let start = writer.count
        var parser = JSONParser(text, pool: pool, options: options)
        do {
            try parser.topLevel(table, &writer)
        } catch {
            throw parser.located(error)
        }
        guard table.raw.pointee.hasRequired, !options.allowsPartial else { return }
        let written = Array(writer.bytes[start...])
        if let path = try? RequiredCheck.missing(in: table, written) {
            throw JSONError(path: path, problem: "the field is required and is not there")
        }
    }

    /// The binary form of a message in which one field has the value that JSON text says, as `body` of an HTTP rule
    /// means.
    public func jsonToBinary(
        field: FieldTable, _ text: UnsafeRawBufferPointer, _ options: ParseOptions = ParseOptions()
    ) throws(JSONError) -> [UInt8] {
        var writer = JSONWriter(capacity: text.count)
        var parser = JSONParser(text, pool: pool, options: options)
        do {
            try parser.topLevel(field: field, &writer)
        } catch {
            throw parser.located(error).inside(field.jsonName)
        }
        return writer.array
    }
}
