import Descriptors
import ProtoResolve
import Testing

/// Comments reach `SourceCodeInfo`, where the generator finds its documentation.
struct CommentTests {
    private func locations(_ text: String) -> [[Int32]: SourceCodeInfo.Location] {
        let (files, _) = Files.compile(["a.proto": text])
        let all = files.last?.sourceCodeInfo?.location ?? []
        return Dictionary(all.map { ($0.path, $0) }) { first, _ in first }
    }

    @Test("comments above, behind and apart")
    func commentsAreAttached() {
        let found = locations(
            """
            // Of the file.

            // Of syntax.
            syntax = "proto3";
            /* A block
             * of two lines. */
            message M {  // Behind the brace.
              // Apart.

              // Above.
              int32 a = 1;  // Behind.
              int32 b = 2;
              // Below b.

              int32 c = 3;
            }
            """)
        #expect(found[[12]]?.leadingDetachedComments == [" Of the file.\n"])
        #expect(found[[12]]?.leadingComments == " Of syntax.\n")
        #expect(found[[4, 0]]?.leadingComments == " A block\n of two lines. ")
        #expect(found[[4, 0]]?.trailingComments == " Behind the brace.\n")
        #expect(found[[4, 0, 2, 0]]?.leadingDetachedComments == [" Apart.\n"])
        #expect(found[[4, 0, 2, 0]]?.leadingComments == " Above.\n")
        #expect(found[[4, 0, 2, 0]]?.trailingComments == " Behind.\n")
        #expect(found[[4, 0, 2, 1]]?.trailingComments == " Below b.\n")
        #expect(found[[4, 0, 2, 2]]?.leadingComments == nil)
    }

    @Test("a comment on one line with both neighbours belongs to neither")
    func ambiguousCommentsAreDetached() {
        let found = locations("syntax = \"proto3\";\nmessage M { int32 a = 1; /* whose? */ int32 b = 2; }\n")
        #expect(found[[4, 0, 2, 0]]?.trailingComments == nil)
        #expect(found[[4, 0, 2, 1]]?.leadingComments == nil)
        #expect(found[[4, 0, 2, 1]]?.leadingDetachedComments == [" whose? "])
    }

    @Test("columns are bytes, and a tab goes on to the next multiple of 8")
    func columnsCountTabs() {
        let found = locations("syntax = \"proto3\";\nmessage M {\n\t/* ü */\tint32 a = 1;\n}\n")
        #expect(found[[4, 0, 2, 0]]?.span == [2, 24, 36])
    }
}
