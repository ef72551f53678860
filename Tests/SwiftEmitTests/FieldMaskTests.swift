import ProtoWire
import Testing
import WellKnown

private typealias Mask = GoogleProtobuf.FieldMask
private typealias Everything = GoldensEverythingV1.Everything
private typealias Featured = GoldensEdition.Featured

/// A mask is a set of fields, and what it selects can be taken over from another message.
@Suite struct FieldMaskTests {
    @Test func masksAreSets() {
        #expect((["b.c", "a", "b", "a.x", "b_c", "a"] as Mask).normalized() == ["a", "b", "b_c"])
        #expect((["a.b", "a-b", "a.b.c"] as Mask).normalized() == ["a.b", "a-b"])
        #expect((["a", "b.c"] as Mask).union(["b", "d"]) == ["a", "b", "d"])
        #expect((["a", "b.c", "d"] as Mask).intersection(["a.x", "b", "e"]) == ["a.x", "b.c"])
        #expect((["a", "b.c", "d"] as Mask).subtracting(["b", "d.x"]) == ["a", "d"])
        let mask: Mask = ["a.b"]
        #expect(mask.contains("a.b") && mask.contains("a.b.c") && !mask.contains("a") && !mask.contains("a.bc"))
    }

    private static func message(_ text: String, _ number: Int32) -> Everything {
        var message = Everything()
        (message.text, message.i32, message.ints) = (text, number, [number])
        message.point = Everything.Point()
        message.point?.x = Double(number)
        message.point?.y = -Double(number)
        return message
    }

    @Test func selectedFieldsAreTakenOver() throws {
        var course = FieldMaskTests.message("old", 1)
        let update = FieldMaskTests.message("new", 2)
        try (["text", "point.x"] as Mask).merge(from: update, into: &course)
        #expect(course.text == "new" && course.i32 == 1 && course.ints == [1])
        #expect(course.point?.x == 2 && course.point?.y == -1)
        // A field that the source does not have is cleared; a repeated field and a message are replaced.
        try (["text", "ints", "point", "i32"] as Mask).merge(from: Everything(), into: &course)
        #expect(course == Everything())
        try (["ints", "parent.parent.text"] as Mask).merge(from: update, into: &course)
        #expect(course.ints == [2] && course.parent == nil)
        var deep = Everything()
        deep.parent = Everything()
        deep.parent?.parent = update
        try (["parent.parent.text"] as Mask).merge(from: deep, into: &course)
        #expect(course.parent?.parent?.text == "new" && course.parent?.parent?.i32 == 0)
    }

    @Test func aOneofsOtherMemberGoes() throws {
        var message = Everything()
        message.content = .textContent("a")
        message.unknownFields = UnknownFields(bytes: [0x98, 0x3F, 1])
        var update = Everything()
        update.content = .spot(Everything.Point())
        try (["spot"] as Mask).merge(from: update, into: &message)
        #expect(message.content == .spot(Everything.Point()) && message.unknownFields.bytes == [0x98, 0x3F, 1])
    }

    @Test func groupsAreMessagesToo() throws {
        var message = Featured()
        var update = Featured()
        update.delimited = Featured()
        update.delimited?.explicit = 5
        update.delimited?.implicit = 6
        try (["delimited.explicit"] as Mask).merge(from: update, into: &message)
        #expect(message.delimited?.explicit == 5 && message.delimited?.implicit == 0)
        let kept = try (["delimited.implicit"] as Mask).keeping(update)
        #expect(kept.delimited?.explicit == nil && kept.delimited?.implicit == 6)
    }

    @Test(arguments: [
        ("nobody", "there is no field 'nobody'"), ("point.z", "there is no field 'z'"), ("", "there is no field ''"),
        ("point.", "it ends in a point"), ("text.x", "'text' is no singular message, so nothing lies below it"),
        ("points.x", "'points' is no singular message, so nothing lies below it"),
    ])
    func aPathThatDoesNotFitIsAnError(_ path: String, _ problem: String) {
        let error = #expect(throws: FieldMaskError.self) { try Mask([path]).keeping(Everything()) }
        #expect(error?.problem == problem)
        #expect(!Mask([path]).isValid(for: Everything.self))
    }
}
