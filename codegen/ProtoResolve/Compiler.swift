public import Descriptors
public import ProtoSyntax

/// Turns `.proto` files into descriptors.
///
/// It reads no disk: the caller answers which bytes stand behind an import path, so it runs the same in the command line,
/// in a test and in an editor. Well-known files (`google/protobuf/*.proto`) that the caller does not have are built in.
///
///     let compiler = Compiler { path in files[path] }
///     let (files, report) = compiler.compile(["learn/course/v1/course.proto"])
///     print(ReportRenderer().render(report))
public struct Compiler {
    public struct Options: Sendable {
        /// Places and comments of every declaration in `sourceCodeInfo`; the generator takes its documentation from them.
        public var includesSourceInfo = true
        /// Options whose field says `retention = RETENTION_SOURCE` are for the compiler; plugins may want them all the same
        /// (protoc `--retain_options`).
        public var retainsSourceOptions = false
        /// Takes files of `edition = "UNSTABLE"`, whose rules may change with every version (protoc
        /// `--experimental_editions`).
        public var allowsUnstable = false
        /// How many faults are kept.
        public var diagnosticLimit = Report.defaultLimit

        public init() {}
    }

    /// More files than any contract has: the bound of what a hostile import graph can make us read.
    public static let mostFiles = 10_000

    private let options: Options
    private let read: (String) -> [UInt8]?

    /// `read` answers the bytes of the file that imports call `path`, or `nil` if there is none.
    public init(options: Options = Options(), reading read: @escaping (_ path: String) -> [UInt8]?) {
        self.options = options
        self.read = read
    }

    /// The named files and all that they import, each behind what it imports, as `protoc --include_imports` orders them.
    ///
    /// Without errors in the report there is a descriptor for every file. With errors there are none: a descriptor that is
    /// half right is worse than none.
    public func compile(_ paths: [String]) -> (files: [FileDescriptorProto], report: Report) {
        var report = Report(limit: options.diagnosticLimit)
        var loader = Loader(read: read)
        var program = Program()
        // The built-in descriptor.proto is the same for all: it is compiled once. It comes first, so its places are right.
        if read(Loader.descriptorPath) == nil {
            _ = report.add(Prelude.shared.source)
            loader.adopt(Prelude.shared.file)
            program = Prelude.shared.program
        } else {
            loader.load(Loader.descriptorPath, from: nil, &report)
        }
        for path in paths { loader.load(path, from: nil, &report) }
        if !options.allowsUnstable {
            for file in loader.loaded where file.tree.dialect == .unstable {
                report.error(
                    .unknownSyntax, "edition \"UNSTABLE\" is for experiments alone", at: file.tree.syntax?.nameSpan,
                    help: "write the latest edition, \"2026\"")
            }
        }
        for file in loader.loaded where program.fileIndex[file.tree.path] == nil {
            ProtoResolve.compile(file, into: &program, &report)
        }
        guard !report.hasErrors else { return ([], report) }
        let descriptors = order(of: paths, in: program).map { index in
            describe(index, of: program, in: report.source(program.files[index].tree.source), options)
        }
        return (descriptors, report)
    }

    /// The named files, each behind what it imports, in the order of the import statements. It leaves `descriptor.proto`
    /// out if nobody imports it.
    private func order(of paths: [String], in program: Program) -> [Int] {
        var order: [Int] = []
        var seen: Set<Int> = []
        func visit(_ path: String) {
            guard let index = program.fileIndex[path], seen.insert(index).inserted else { return }
            for statement in program.files[index].tree.imports { visit(statement.path) }
            order.append(index)
        }
        for path in paths { visit(path) }
        return order
    }
}

/// The built-in descriptor.proto, compiled: every run begins with it.
private struct Prelude: Sendable {
    let source: Source
    let file: LoadedFile
    let program: Program

    static let shared: Prelude = {
        var report = Report()
        var loader = Loader { _ in nil }
        loader.load(Loader.descriptorPath, from: nil, &report)
        var program = Program()
        for file in loader.loaded { ProtoResolve.compile(file, into: &program, &report) }
        guard let file = loader.loaded.first, report.isEmpty else {
            preconditionFailure("the built-in descriptor.proto is good")
        }
        return Prelude(source: report.source(file.tree.source), file: file, program: program)
    }()
}
