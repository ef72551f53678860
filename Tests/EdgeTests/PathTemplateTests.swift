import Testing

@testable import Edge

/// The grammar of `google.api.http` templates.
struct PathTemplateTests {
    @Test(
        "templates that are refused, and why",
        arguments: [
            ("v1/a", "begins with '/'"), ("/v1//a", "empty segment"), ("/v1/{id", "not closed"),
            ("/v1/{}", "field path"),
            ("/v1/{a=**}/b", "last segment"), ("/v1/{a={b}}", "cannot nest"), ("/v1/{a}/{a}", "stands twice"),
            ("/v1/a:", "not a verb"), ("/v1/a:b/c", "not a verb"), ("/v1/{1a}", "field path"), ("/", "empty segment"),
        ])
    func refused(template: String, why: String) {
        do {
            let parsed = try PathTemplate(template)
            Issue.record("\(template) was taken as \(parsed)")
        } catch {
            #expect(error.message.contains(why), "\(template): \(error.message)")
        }
    }

    @Test("a variable knows its segments, and the verb stands apart")
    func parts() throws {
        let template = try PathTemplate("/v1/learners/{learner_id}/files/{file.name=docs/**}:copy")
        #expect(template.verb == "copy")
        #expect(template.variables.map(\.fieldPath) == ["learner_id", "file.name"])
        #expect(template.variables.map(\.isMulti) == [false, true])
        #expect(
            template.segments == [
                .literal("v1"), .literal("learners"), .one, .literal("files"), .literal("docs"), .rest,
            ])
    }
}
