import ProtoWire

/// Turns messages from the binary format into protobuf's text format and back, by table.
///
///     title: "Swift"
///     lessons {
///       minutes: 5
///     }
///
/// It is the form for people: configuration, test data, logs, the command line.
/// Source: protobuf.dev, "Text Format Language Specification".
public struct TextFormat: Sendable {
    /// How text is written.
    public struct PrintOptions: Sendable {
        /// Puts everything on one line.
        public var isSingleLine = false
        /// Writes unknown fields by their numbers. Such text is for people alone: no reader takes it back.
        public var printsUnknown = false
        /// Writes the message that an `Any` holds as `[type.googleapis.com/pkg.Type] { … }`, if its type is known.
        public var expandsAny = true

        public init() {}
    }

    /// How text is read.
    public struct ParseOptions: Sendable {
        /// Takes a message some of whose required fields are missing.
        public var allowsPartial = false
        /// Passes over fields and extensions that the contract does not have; otherwise they are errors.
        public var ignoresUnknown = false

        public init() {}
    }

    /// How deep messages may lie in each other, as in the binary format.
    static let maximumDepth = WireReader.maximumDepth + 1
    /// Text beyond this is refused: offsets and places in it are not meant for more, and no person wrote it.
    static let maximumSize = 1 << 30

    /// Where extensions and the types of `google.protobuf.Any` are found.
    public let pool: DescriptorPool?

    public init(pool: DescriptorPool? = nil) {
        self.pool = pool
    }

    /// The text form of a message.
    public func binaryToText(
        _ table: MessageTable, _ bytes: UnsafeRawBufferPointer, _ options: PrintOptions = PrintOptions()
    ) throws(TextFormatError) -> String {
        var writer = JSONWriter(capacity: bytes.count * 3)
        let printer = TextPrinter(pool: pool, options: options)
        do {
            try printer.message(table, bytes, indent: 0, TextFormat.maximumDepth, &writer)
        } catch {
            throw TextFormatError(problem: error.description)
        }
        if options.isSingleLine, writer.count > 0 { writer.truncate(to: writer.count - 1) }
        return writer.string
    }

    public func binaryToText(
        _ table: MessageTable, _ bytes: [UInt8], _ options: PrintOptions = PrintOptions()
    ) throws(TextFormatError) -> String {
        try bytes.withUnsafeBufferPointer { (buffer) throws(TextFormatError) in
            try binaryToText(table, UnsafeRawBufferPointer(buffer), options)
        }
    }

    /// The binary form of the message that text says.
    public func textToBinary(
        _ table: MessageTable, _ text: UnsafeRawBufferPointer, _ options: ParseOptions = ParseOptions()
    ) throws(TextFormatError) -> [UInt8] {
        guard text.count <= TextFormat.maximumSize else {
            throw TextFormatError(problem: "the text has \(text.count) bytes; \(TextFormat.maximumSize) are the most")
        }
        var writer = JSONWriter(capacity: text.count)
        var parser = TextParser(text, pool: pool, options: options)
        do {
            try parser.topLevel(table, &writer)
        } catch {
            throw parser.located(error)
        }
        let bytes = writer.array
        if !options.allowsPartial { try requireAll(table, bytes) }
        return bytes
    }

    public func textToBinary(
        _ table: MessageTable, _ text: String, _ options: ParseOptions = ParseOptions()
    ) throws(TextFormatError) -> [UInt8] {
        try Array(text.utf8).withUnsafeBufferPointer { (buffer) throws(TextFormatError) in
            try textToBinary(table, UnsafeRawBufferPointer(buffer), options)
        }
    }

    private func requireAll(_ table: MessageTable, _ bytes: [UInt8]) throws(TextFormatError) {
        guard let path = try? RequiredCheck.missing(in: table, bytes) else { return }
        throw TextFormatError(path: path, problem: "the field is required and is not there")
    }
}
