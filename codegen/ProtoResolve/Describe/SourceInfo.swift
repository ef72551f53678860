import Descriptors
import ProtoSyntax

/// The places and comments of all declarations, in protoc's order: as its parser meets them, the outer before the inner.
func sourceInfo(
    of draft: Draft, in source: Source, _ program: Program, retainingSource: Bool
) -> SourceCodeInfo {
    var writer = SourceInfoWriter(source)
    for set in draft.optionSets where set.isPresent {
        writer.enter(set, program, retainingSource)
    }
    writer.write(draft.tree)
    return writer.info
}

/// Walks the tree once more, counts declarations as they were counted, and writes a location for each part.
///
/// Paths are field numbers and indices of descriptor.proto (`SourceCodeInfo.Location.path`).
struct SourceInfoWriter {
    var info = SourceCodeInfo()
    private let source: Source
    /// How many of a kind were met at a level: the index of the next.
    private var counts: [[Int32]: Int32] = [:]
    /// By the path of the options, by where an option begins: the path of what it sets.
    private var optionPaths: [[Int32]: [Int: [Int32]]] = [:]
    /// Options of which nothing is left in the descriptor.
    private var stripped: Set<[Int32]> = []

    init(_ source: Source) {
        self.source = source
    }

    /// What the options set. What is stripped from the descriptor has no place any more.
    mutating func enter(_ set: OptionSet, _ program: Program, _ retainingSource: Bool) {
        if set.encoded(program, retainingSource: retainingSource).isEmpty { stripped.insert(set.path) }
        for (option, path) in zip(set.written, set.paths) {
            guard let path, retainingSource || !path.fields.contains(where: { program.field($0).isSourceOnly })
            else { continue }
            optionPaths[set.path, default: [:]][option.span.start] = path.numbers
        }
    }

    // MARK: - Locations

    mutating func add(_ path: [Int32], _ span: Span, _ comments: Comments = Comments()) {
        var location = SourceCodeInfo.Location()
        location.path = path
        let start = source.position(at: span.start)
        let end = source.position(at: span.end)
        location.span = [Int32(start.line), Int32(start.column)]
        if end.line != start.line { location.span.append(Int32(end.line)) }
        location.span.append(Int32(end.column))
        location.leadingComments = comments.leading
        location.trailingComments = comments.trailing
        location.leadingDetachedComments = comments.detached
        info.location.append(location)
    }

    /// The path of the next element of a repeated field.
    mutating func next(_ parent: [Int32], _ number: Int32) -> [Int32] {
        let list = parent + [number]
        defer { counts[list, default: 0] += 1 }
        return list + [counts[list, default: 0]]
    }

    /// One option: the field that it sets, and the options as a whole before it.
    mutating func add(_ option: OptionSyntax, under path: [Int32]) {
        guard !stripped.contains(path) else { return }
        add(path, option.span)
        addSetting(option, under: path)
    }

    private mutating func addSetting(_ option: OptionSyntax, under path: [Int32]) {
        guard let target = optionPaths[path]?[option.span.start] else { return }
        add(target, option.span, option.comments)
    }

    mutating func add(_ options: CompactOptions?, under path: [Int32]) {
        guard let options, !stripped.contains(path) else { return }
        add(path, options.span)
        for option in options.options { addSetting(option, under: path) }
    }

    // MARK: - Files

    mutating func write(_ tree: FileSyntax) {
        addFile(tree)
        if let syntax = tree.syntax {
            add([12], syntax.span, syntax.comments)
        }
        for item in tree.items {
            switch item {
            case .package(let package): add([2], package.span, package.comments)
            case .importFile(let statement): write(statement)
            case .option(let option): add(option, under: [8])
            case .message(let message): write(message, at: next([], 4))
            case .enumeration(let enumeration): write(enumeration, at: next([], 5))
            case .service(let service): write(service, at: next([], 6))
            case .extend(let extend): write(extend, list: [7], parent: [], nested: 4)
            }
        }
    }

    /// From the first token to the last; where there is none, protoc goes back to the beginning of the file.
    private mutating func addFile(_ tree: FileSyntax) {
        add([], tree.span)
        guard tree.items.isEmpty, tree.syntax == nil, tree.span.start == source.bytes.count else { return }
        let start = source.position(at: tree.span.start)
        guard start.line > 0 else { return }
        info.location[0].span = [Int32(start.line), Int32(start.column), 0, 0]
    }

    private mutating func write(_ statement: ImportStatement) {
        let isOptionOnly = statement.modifier == .optionOnly
        add(next([], isOptionOnly ? 15 : 3), statement.span, statement.comments)
        guard let span = statement.modifierSpan else { return }
        switch statement.modifier {
        case .reexported: add(next([], 10), span)
        case .weak: add(next([], 11), span)
        case .optionOnly, nil: break
        }
    }

    // MARK: - Messages

    private mutating func write(_ message: MessageSyntax, at path: [Int32]) {
        add(path, message.span, message.comments)
        add(path + [1], message.name.span)
        writeItems(of: message, at: path)
    }

    private mutating func writeItems(of message: MessageSyntax, at path: [Int32]) {
        for item in message.items {
            switch item {
            case .field(let field): write(field, at: next(path, 2), extendee: nil, parent: path, nested: 3)
            case .oneof(let oneof): write(oneof, in: path)
            case .message(let nested): write(nested, at: next(path, 3))
            case .enumeration(let enumeration): write(enumeration, at: next(path, 4))
            case .extend(let extend): write(extend, list: path + [6], parent: path, nested: 3)
            case .extensions(let extensions): write(extensions, in: path)
            case .reserved(let reserved): write(reserved, ranges: path + [9], names: path + [10])
            case .option(let option): add(option, under: path + [7])
            }
        }
    }

    private mutating func write(_ oneof: OneofSyntax, in parent: [Int32]) {
        let path = next(parent, 8)
        add(path, oneof.span, oneof.comments)
        add(path + [1], oneof.name.span)
        for item in oneof.items {
            switch item {
            case .option(let option): add(option, under: path + [2])
            case .field(let field): write(field, at: next(parent, 2), extendee: nil, parent: parent, nested: 3)
            }
        }
    }

    private mutating func write(_ extend: ExtendSyntax, list: [Int32], parent: [Int32], nested: Int32) {
        add(list, extend.span, extend.comments)
        for field in extend.fields {
            let path = next(Array(list.dropLast()), list[list.count - 1])
            write(field, at: path, extendee: extend.extendee, parent: parent, nested: nested)
        }
    }

    private mutating func write(
        _ field: FieldSyntax, at path: [Int32], extendee: Identifier?, parent: [Int32], nested: Int32
    ) {
        add(path, field.span, field.comments)
        if let extendee { add(path + [2], extendee.span) }
        if let label = field.label { add(path + [4], label.span) }
        switch field.type {
        case .scalar(_, let span), .group(let span): add(path + [5], span)
        case .named(let name): add(path + [6], name.span)
        case .map(_, _, let span): add(path + [6], span)
        }
        add(path + [1], field.name.span)
        add(path + [3], field.numberSpan)
        writeOptions(of: field, at: path)
        if let group = field.group {
            let groupPath = next(parent, nested)
            add(groupPath, field.span, group.comments)
            add(groupPath + [1], group.name.span)
            add(path + [6], group.name.span)
            writeItems(of: group, at: groupPath)
        } else if case .map = field.type {
            _ = next(parent, nested)  // The entry's message has a place among its siblings, but none in the file.
        }
    }

    private mutating func writeOptions(of field: FieldSyntax, at path: [Int32]) {
        guard let options = field.options else { return }
        if !stripped.contains(path + [8]) { add(path + [8], options.span) }
        for option in options.options {
            switch option.plainName {
            case "default":
                add(path + [7], option.valueSpan)
            case "json_name":
                add(path + [10], option.span)
                add(path + [10], option.valueSpan)
            default:
                addSetting(option, under: path + [8])
            }
        }
    }

    // MARK: - Ranges

    private mutating func write(_ extensions: ExtensionsSyntax, in parent: [Int32]) {
        add(parent + [5], extensions.span, extensions.comments)
        let paths = extensions.ranges.map { range in
            let path = next(parent, 5)
            addBounds(range, at: path)
            return path
        }
        for path in paths { add(extensions.options, under: path + [3]) }
    }

    private mutating func addBounds(_ range: RangeSyntax, at path: [Int32]) {
        add(path, range.span)
        add(path + [1], range.firstSpan)
        add(path + [2], range.lastSpan)
    }

    private mutating func write(_ reserved: ReservedSyntax, ranges: [Int32], names: [Int32]) {
        let list = reserved.names.isEmpty ? ranges : names
        add(list, reserved.span, reserved.comments)
        let (parent, number) = (Array(list.dropLast()), list[list.count - 1])
        for range in reserved.ranges { addBounds(range, at: next(parent, number)) }
        for name in reserved.names { add(next(parent, number), name.span) }
    }

    // MARK: - Enums and services

    private mutating func write(_ enumeration: EnumSyntax, at path: [Int32]) {
        add(path, enumeration.span, enumeration.comments)
        add(path + [1], enumeration.name.span)
        for item in enumeration.items {
            switch item {
            case .option(let option):
                add(option, under: path + [3])
            case .reserved(let reserved):
                write(reserved, ranges: path + [4], names: path + [5])
            case .value(let value):
                let valuePath = next(path, 2)
                add(valuePath, value.span, value.comments)
                add(valuePath + [1], value.name.span)
                add(valuePath + [2], value.numberSpan)
                add(value.options, under: valuePath + [3])
            }
        }
    }

    private mutating func write(_ service: ServiceSyntax, at path: [Int32]) {
        add(path, service.span, service.comments)
        add(path + [1], service.name.span)
        for item in service.items {
            switch item {
            case .option(let option): add(option, under: path + [3])
            case .method(let method): write(method, at: next(path, 2))
            }
        }
    }

    private mutating func write(_ method: MethodSyntax, at path: [Int32]) {
        add(path, method.span, method.comments)
        add(path + [1], method.name.span)
        if let stream = method.input.streamSpan { add(path + [5], stream) }
        add(path + [2], method.input.name.span)
        if let stream = method.output.streamSpan { add(path + [6], stream) }
        add(path + [3], method.output.name.span)
        for option in method.options ?? [] { add(option, under: path + [4]) }
    }
}
