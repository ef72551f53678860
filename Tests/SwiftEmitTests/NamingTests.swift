import SwiftEmit
import Testing

@Suite struct NamingTests {
    @Test(arguments: [
        ("learn.course.v1", "LearnCourseV1"), ("google.protobuf", "GoogleProtobuf"), ("a_b.c", "ABC"),
        ("", "Unpackaged"), ("error", "ErrorPackage"), ("any", "AnyPackage"), ("wire.reader", "WireReaderPackage"),
    ])
    func aPackageIsANamespace(_ package: String, _ name: String) {
        #expect(Naming.namespace(package) == name)
    }

    @Test(arguments: [
        ("video_url", "videoUrl"), ("sf_32", "sf32"), ("GetCourse", "getCourse"), ("HTTPRule", "httpRule"),
        ("URL", "url"),
        ("_private", "private"), ("a__b", "aB"), ("camelCase", "camelCase"), ("_1", "x1"), ("_", "x"),
    ])
    func aMemberIsLowerCamel(_ contract: String, _ name: String) {
        #expect(Naming.lowerCamel(contract) == name)
    }

    @Test(arguments: [("snake_case", "SnakeCase"), ("HTTPRule", "HTTPRule"), ("x", "X"), ("_9", "X9")])
    func aTypeIsUpperCamel(_ contract: String, _ name: String) {
        #expect(Naming.upperCamel(contract) == name)
    }

    @Test(arguments: [
        ("LEVEL_BEGINNER", "Level", "beginner"), ("SERVING_STATUS_NOT_SERVING", "ServingStatus", "notServing"),
        ("NOT_SERVING", "ServingStatus", "notServing"), ("LEVELED", "Level", "leveled"),
        ("EDITION_2023", "Edition", "edition2023"),
        ("LEVEL_", "Level", "level"), ("HTTP2_MODE_ON", "HTTP2Mode", "on"), ("mixedCase", "Level", "mixedCase"),
    ])
    func aValueGoesWithoutItsEnum(_ value: String, _ of: String, _ name: String) {
        #expect(Naming.enumValue(value, of: of) == name)
    }

    @Test(arguments: [
        ("ServingStatus", "SERVING_STATUS"), ("HTTPRule", "HTTP_RULE"), ("Utf8Validation", "UTF8_VALIDATION"),
        ("a", "A"),
    ])
    func anEnumHasAPrefix(_ name: String, _ prefix: String) {
        #expect(Naming.upperSnake(name) == prefix)
    }

    @Test func aScopeTellsEqualNamesApart() {
        var scope = NameScope(taken: ["Type"])
        #expect(scope.claim("a") == "a")
        #expect(scope.claim("a") == "a_")
        #expect(scope.claim("a") == "a__")
        #expect(scope.claim("Type", else: "Message") == "TypeMessage")
        #expect(scope.claim("Type", else: "Message") == "TypeMessage_")
    }
}
