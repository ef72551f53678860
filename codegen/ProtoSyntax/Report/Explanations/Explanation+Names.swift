extension Explanation {
    /// The codes about files and names.
    static func ofNames(_ code: DiagnosticCode) -> Explanation? {
        names[code]
    }

    private static let names: [DiagnosticCode: Explanation] = [
        .fileNotFound: Explanation(
            "an import that is not there",
            """
            The path of an import is looked for under each import root in turn. It is written from such a root \
            on, not from the folder of the file that imports.
            """,
            wrong: #"""
                syntax = "proto3";
                import "google/protobuf/timestmp.proto";
                """#,
            right: #"""
                syntax = "proto3";
                import public "google/protobuf/timestamp.proto";
                """#),
        .importCycle: Explanation(
            "files that import each other",
            """
            A file must be finished before another can use its names, so the imports may not lead back to where \
            they began. The message shows the circle; what both sides need goes into a file of its own.
            """,
            wrong: #"""
                syntax = "proto3";
                import "a.proto";  // in a.proto itself
                """#,
            right: #"""
                syntax = "proto3";
                """#),
        .repeatedImport: Explanation(
            "the same file imported twice",
            """
            The second statement does nothing, or contradicts the first if one of them says `public`.
            """,
            wrong: #"""
                syntax = "proto3";
                import "google/protobuf/any.proto";
                import "google/protobuf/any.proto";
                message M { google.protobuf.Any a = 1; }
                """#,
            right: #"""
                syntax = "proto3";
                import "google/protobuf/any.proto";
                message M { google.protobuf.Any a = 1; }
                """#),
        .unusedImport: Explanation(
            "an import of which nothing is used",
            """
            Each import makes the generated code depend on that of the other file. It may go, unless it is \
            `public`: then it is there for others.
            """,
            wrong: #"""
                syntax = "proto3";
                import "google/protobuf/any.proto";
                message M {}
                """#,
            right: #"""
                syntax = "proto3";
                message M {}
                """#),
        .badPath: Explanation(
            "an import path that no file can have",
            """
            Import paths are relative to a root and use `/` on every system, so that each file has one name \
            alone. With `..`, an empty part or a backslash, one file could be imported by two names, and its \
            types would exist twice.
            """,
            wrong: #"""
                syntax = "proto3";
                import "../b.proto";
                """#,
            right: #"""
                syntax = "proto3";
                import public "google/protobuf/any.proto";
                """#),
        .duplicateName: Explanation(
            "a name that is taken",
            """
            Within a scope each name stands for one thing, of whatever kind. The values of an enum lie beside \
            the enum and not in it, as in C++, so two enums of a scope cannot share a value's name: the usual \
            remedy is the name of the enum as a prefix.
            """,
            wrong: #"""
                syntax = "proto3";
                enum Kind { UNKNOWN = 0; }
                enum Color { UNKNOWN = 0; }
                """#,
            right: #"""
                syntax = "proto3";
                enum Kind { KIND_UNKNOWN = 0; }
                enum Color { COLOR_UNKNOWN = 0; }
                """#),
        .unknownType: Explanation(
            "a type that is not declared",
            """
            The type is neither declared in the file nor in one that it imports. Names are looked up from the \
            innermost scope outwards; a point at the beginning names from the root.
            """,
            wrong: #"""
                syntax = "proto3";
                message M {
                  Usr author = 1;
                }
                message User {}
                """#,
            right: #"""
                syntax = "proto3";
                message M {
                  User author = 1;
                }
                message User {}
                """#),
        .notImported: Explanation(
            "a name of a file that is not imported",
            """
            The compiler has seen the name, in a file that others import. Each file imports what it uses by \
            itself; what its imports import counts only if they say `import public`.
            """,
            wrong: #"""
                syntax = "proto3";
                import "google/api/annotations.proto";
                message M { google.api.HttpRule rule = 1; }
                """#,
            right: #"""
                syntax = "proto3";
                import "google/protobuf/any.proto";
                message M { google.protobuf.Any rule = 1; }
                """#),
        .hiddenByScope: Explanation(
            "a name that means something nearer",
            """
            For a name with points, the innermost scope that has its first part wins, as in C++, and the rest \
            must be found there. So a package `a.b.a` hides the package `a` from whatever is in it. A point at \
            the beginning names from the root.
            """,
            wrong: #"""
                syntax = "proto3";
                package foo.bar;
                message M { foo.bar.Part p = 1; message foo {} }
                message Part {}
                """#,
            right: #"""
                syntax = "proto3";
                package foo.bar;
                message M { .foo.bar.Part p = 1; message foo {} }
                message Part {}
                """#),
        .wrongKind: Explanation(
            "a name of the wrong kind",
            """
            The name is known, but it stands for something that cannot stand here: requests and replies are \
            messages, types of fields are messages and enums, and what is extended is a message.
            """,
            wrong: #"""
                syntax = "proto3";
                service S { rpc Get(string) returns (M); }
                message M {}
                """#,
            right: #"""
                syntax = "proto3";
                service S { rpc Get(M) returns (M); }
                message M {}
                """#),
        .tooManyFiles: Explanation(
            "imports without end",
            """
            More than ten thousand files, or a chain of more than 256 imports one behind the other, is no \
            contract but a loop of whoever makes the files.
            """,
            wrong: #"""
                syntax = "proto3";
                import "f1.proto";  // which imports f2.proto, and so on
                """#,
            right: #"""
                syntax = "proto3";
                """#),
        .notExported: Explanation(
            "a type that is local to its file",
            """
            Since edition 2024 a type says with `export` or `local` whether other files may use it. Without a \
            word, `features.default_symbol_visibility` decides: types at the level of the file are exported, \
            nested ones are not.
            """,
            wrong: #"""
                edition = "2024";
                import "b.proto";
                message M { Hidden hidden = 1; }  // b.proto: local message Hidden {}
                """#,
            right: #"""
                edition = "2024";
                export message Seen {}
                message M { Seen seen = 1; }
                """#),
        .importOrder: Explanation(
            "an option import before the others",
            """
            Files that are imported for their options alone stand behind all other imports, so that both lists \
            can be read at a glance.
            """,
            wrong: #"""
                edition = "2024";
                import option "google/protobuf/cpp_features.proto";
                import "google/protobuf/any.proto";
                message M { google.protobuf.Any a = 1; }
                """#,
            right: #"""
                edition = "2024";
                import "google/protobuf/any.proto";
                import option "google/protobuf/cpp_features.proto";
                option features.(pb.cpp).string_type = VIEW;
                message M { google.protobuf.Any a = 1; }
                """#),
        .visibilityRules: Explanation(
            "a visibility that cannot be given",
            """
            With `features.default_symbol_visibility = STRICT`, the default since edition 2026, only types at \
            the level of the file can be exported. A nested enum may be exported all the same if its message is \
            nothing but a scope for it: it is local and says `reserved 1 to max;`.
            """,
            wrong: #"""
                edition = "2026";
                message M {
                  export message Inner {}
                }
                """#,
            right: #"""
                edition = "2026";
                export message Inner {}
                message M {
                  Inner inner = 1;
                }
                """#),
        .onlyForOptions: Explanation(
            "a type of a file imported for options",
            """
            `import option` makes a file's custom options known and nothing else: the generated code does not \
            link the other file, so its messages cannot be the types of fields.
            """,
            wrong: #"""
                edition = "2024";
                import option "google/protobuf/any.proto";
                message M { google.protobuf.Any a = 1; }
                """#,
            right: #"""
                edition = "2024";
                import "google/protobuf/any.proto";
                message M { google.protobuf.Any a = 1; }
                """#),
    ]
}
