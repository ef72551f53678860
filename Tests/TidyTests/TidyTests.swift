import Testing

/// The habits of the house that a machine can keep.
struct TidyTests {
    /// Decides in values: no sockets, clocks, chance or waiting.
    static let core = [
        "Sources/Timebase", "Sources/Bytes", "Sources/ProtoWire", "Sources/HTTP2", "Sources/HTTP1",
        "Sources/Resilience",
        "Sources/Exchange", "Sources/Descriptors", "Sources/Policy", "codegen/ProtoSyntax", "codegen/ProtoResolve",
        "codegen/SwiftEmit", "codegen/CEL", "codegen/RuleEmit", "codegen/ProtoCheck", "codegen/ProtoLint",
        "codegen/ProtoBreaking", "codegen/ProtoFormat", "Sources/Validation",
    ]
    /// Linked by the sidecar, the edge, the control plane and services.
    static let withoutFoundation =
        core + [
            "Sources/Reactor", "Sources/Transport", "Sources/RPC", "Sources/WebProtocols", "Sources/Postgres",
            "Sources/Reflection",
            "Sources/ServiceKit", "Sources/Membership", "Sources/Edge", "Sources/Control", "Sources/Services",
            "Sources/weft-edge", "Sources/weft-control", "sidecar",
        ]

    @Test("the tree is read at all, in every top folder")
    func treeIsRead() {
        for folder in ["Sources", "codegen", "sidecar", "Tests"] {
            #expect(SourceTree.project.files(under: [folder]).count > 5, "nothing was read under \(folder)")
        }
    }

    @Test("no file has more than 400 lines")
    func fileLength() {
        for file in SourceTree.project.files {
            #expect(file.lines.count <= 401, "\(file.path) has \(file.lines.count) lines")
        }
    }

    @Test("no function has more than 60 lines")
    func functionLength() {
        for file in SourceTree.project.files {
            for function in file.functions {
                #expect(
                    function.length <= 60,
                    "\(file.path):\(function.line): \(function.name) has \(function.length) lines")
            }
        }
    }

    @Test("the rule for functions sees a function that is too long")
    func functionLengthSees() {
        let body = Array(repeating: Substring("        work()"), count: 60)
        let lines: [Substring] =
            ["struct A {", "    public static func long(", "        a: Int", "    ) {"] + body + ["    }", "}"]
        let file = SourceTree.File(path: "A.swift", lines: lines)
        #expect(file.functions.map(\.length) == [64])
    }

    @Test("core targets read no clock, draw no chance and never wait")
    func coreIsPure() {
        let banned = [
            "ContinuousClock", "SuspendingClock", "SystemRandomNumberGenerator", ".random(", "Task {", "Task.sleep",
        ]
        for file in SourceTree.project.files(under: Self.core) {
            for (index, line) in file.lines.enumerated() where !isComment(line) {
                for word in banned {
                    #expect(!line.contains(word), "\(file.path):\(index + 1) uses \(word)")
                }
                // The emitter writes code that waits, in texts of its own.
                let isEmitter = file.path.hasPrefix("codegen/SwiftEmit/")
                #expect(isEmitter || !isAsync(line), "\(file.path):\(index + 1) is async")
            }
        }
    }

    @Test("Foundation stays out of what the mesh runs on")
    func noFoundation() {
        for file in SourceTree.project.files(under: Self.withoutFoundation) {
            for (index, line) in file.lines.enumerated() {
                #expect(
                    !line.contains("import Foundation") && !line.contains("import Dispatch"),
                    "\(file.path):\(index + 1) imports Foundation or Dispatch")
            }
        }
    }

    @Test("what the compiler cannot check has its proof beside it")
    func unprovenClaims() {
        for file in SourceTree.project.files where !file.path.hasPrefix("Tests/") {
            for (index, line) in file.lines.enumerated() where !isComment(line) {
                for claim in ["@unchecked Sendable", "nonisolated(unsafe)", "try!"] where line.contains(claim) {
                    let above = index > 0 ? file.lines[index - 1] : ""
                    #expect(
                        line.contains("//") || isComment(above), "\(file.path):\(index + 1): \(claim) without a reason")
                }
            }
        }
    }

    @Test("no line is left to be done later")
    func nothingForLater() {
        let marks = ["TO" + "DO", "FIX" + "ME", "XX" + "X:"]
        for file in SourceTree.project.files {
            for (index, line) in file.lines.enumerated() {
                for mark in marks {
                    #expect(!line.contains(mark), "\(file.path):\(index + 1): \(mark)")
                }
            }
        }
    }

    private func isComment(_ line: Substring) -> Bool {
        line.drop { $0 == " " }.hasPrefix("//")
    }

    private func isAsync(_ line: Substring) -> Bool {
        line.contains(" async ") && (line.contains("func ") || line.contains("-> ")) || line.contains("await ")
    }
}
