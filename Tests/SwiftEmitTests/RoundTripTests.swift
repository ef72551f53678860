import ProtoWire
import Testing
import WellKnown

private typealias Everything = GoldensEverythingV1.Everything

@Suite(.enabled(if: PythonPeer.isThere, "the Python environment is made by `make setup`"))
struct RoundTripTests {
    /// Every field has a value, so that one that is read or written wrongly shows.
    static func full(depth: Int = 1) -> GoldensEverythingV1.Everything {
        var it = Everything()
        (it.i32, it.i64, it.u32, it.u64) = (-1, .min, .max, .max)
        (it.s32, it.s64, it.f32, it.f64) = (.min, -1, .max, 1)
        (it.sf32, it.sf64, it.ratio, it.exact) = (-5, .min, 1.5, -0.0)
        (it.flag, it.text, it.data, it.level) = (
            true, "Tiếng Việt \u{10FFFF}", [0, 255], GoldensEverythingV1.Level(rawValue: 77)
        )
        (it.minutes, it.note, it.maybe, it.key) = (0, "", .unspecified, [])
        it.point = point(1, 2)
        it.points = [point(0, 0), point(-0.0, .infinity)]
        it.when = GoogleProtobuf.Timestamp()
        it.when?.seconds = 1_700_000_000
        var list = GoogleProtobuf.ListValue()
        list.values = [value(.numberValue(1)), value(.nullValue(.nullValue)), value(.stringValue(""))]
        it.anything = value(.listValue(list))
        (it.ints, it.zigzags, it.words) = ([0, -1, 300, .max], [.min, .max, 0], [1, .max])
        (it.doubles, it.flags, it.levels) = ([0, -1.5], [true, false], [.beginner, .level2nd, .unspecified])
        (it.loose, it.names, it.blobs) = ([1, 2], ["", "b"], [[], [1]])
        it.labels = ["a": "1", "b": ""]
        it.counts = [-1: 5]
        it.ranks = ["x": .advanced]
        it.places = [7: point(3, 4)]
        it.answers = [true: [1]]
        it.weights = [-9: 0.25]
        it.between = 64
        if depth > 0 {
            it.content = .whole(full(depth: depth - 1))
            it.parent = full(depth: depth - 1)
            it.children = [Everything(), full(depth: depth - 1)]
            it.family = ["me": full(depth: depth - 1)]
        }
        return it
    }

    private static func point(_ x: Double, _ y: Double) -> Everything.Point {
        var point = Everything.Point()
        (point.x, point.y) = (x, y)
        return point
    }

    private static func value(_ kind: GoogleProtobuf.Value.Kind) -> GoogleProtobuf.Value {
        var value = GoogleProtobuf.Value()
        value.kind = kind
        return value
    }

    @Test func allKindsGoThereAndBack() throws {
        let peer = try PythonPeer(knowing: [GoldensEverythingV1.everythingFile])
        let message = RoundTripTests.full()
        let bytes = try peer.again(message)
        #expect(bytes == message.encoded())
        #expect(try Everything(decoding: bytes) == message)
    }

    @Test func eachMemberOfAOneofGoesThereAndBack() throws {
        let peer = try PythonPeer(knowing: [GoldensEverythingV1.everythingFile])
        let contents: [Everything.Content] = [
            .textContent(""), .videoUrl("u"), .spot(Everything.Point()), .rank(.unspecified), .whole(Everything()),
            .nothing(false),
        ]
        for content in contents {
            var message = Everything()
            message.content = content
            message.between = 5
            let bytes = try peer.again(message)
            #expect(bytes == message.encoded())
            #expect(try Everything(decoding: bytes).content == content)
        }
    }

    /// What Python reads out of our bytes, in its own words: a wrong number or type would not cancel out here.
    @Test func pythonReadsWhatWasMeant() throws {
        let peer = try PythonPeer(knowing: [GoldensEverythingV1.everythingFile])
        var message = Everything()
        (message.s64, message.sf32, message.ratio) = (-3, -4, 0.5)
        message.level = .beginner
        message.note = ""
        message.zigzags = [-1]
        message.weights = [-9: 0.25]
        message.content = .rank(.advanced)
        #expect(
            try peer.json(message)
                == #"{"s64": "-3", "sf32": -4, "ratio": 0.5, "level": "LEVEL_BEGINNER", "note": "", "zigzags": ["-1"], "#
                + #""weights": {"-9": 0.25}, "rank": "LEVEL_ADVANCED"}"#)
    }

    @Test func weReadWhatPythonMeant() throws {
        let peer = try PythonPeer(knowing: [GoldensEverythingV1.everythingFile])
        let bytes = try peer.make(
            Everything.self,
            #"{"u64": "18446744073709551615", "f32": 9, "data": "AAE=", "maybe": "LEVEL_UNSPECIFIED", "doubles": [1, "NaN"], "#
                + #""answers": {"false": ""}, "spot": {"y": 2}, "when": "1970-01-01T00:00:01Z", "parent": {"text": "up"}}"#
        )
        let message = try Everything(decoding: bytes)
        #expect(message.u64 == .max && message.f32 == 9 && message.data == [0, 1] && message.maybe == .unspecified)
        #expect(message.doubles.first == 1 && message.doubles.last?.isNaN == true)
        #expect(message.answers[false] == [])
        #expect(message.content == .spot(RoundTripTests.point(0, 2)))
        #expect(message.when?.seconds == 1 && message.parent?.text == "up")
    }

    @Test func groupsAndRequiredFieldsGoThereAndBack() throws {
        let peer = try PythonPeer(knowing: [GoldensLegacy.legacyFile])
        var old = GoldensLegacy.Old()
        (old.id, old.name, old.count, old.color) = (0, "", 0, .green)
        (old.numbers, old.packedNumbers) = ([1, 2], [3, 4])
        old.part = GoldensLegacy.Old.Part()
        old.part?.text = "in a group"
        old.part?.inner = GoldensLegacy.Old.Part.Inner()
        old.part?.inner?.depth = 2
        old.row = [1, 2].map { (cell: Int32) in
            var row = GoldensLegacy.Old.Row()
            row.cell = cell
            row.whole = GoldensLegacy.Old()
            row.whole?.id = cell
            return row
        }
        var branch = GoldensLegacy.Old.Branch()
        branch.leaf = 9
        old.choice = .branch(branch)
        let bytes = try peer.again(old)
        #expect(bytes == old.encoded())
        #expect(try GoldensLegacy.Old(decoding: bytes) == old)
    }

    @Test func featuresGoThereAndBack() throws {
        let peer = try PythonPeer(knowing: [GoldensEdition.editionFile])
        var inner = GoldensEdition.Featured()
        inner.required = 1
        var message = inner
        (message.explicit, message.implicit, message.packed, message.expanded) = (0, 7, [1, 2], [3, 4])
        (message.delimited, message.prefixed, message.many) = (inner, inner, [inner, inner])
        message.byName = ["a": inner]
        let bytes = try peer.again(message)
        #expect(bytes == message.encoded())
        #expect(try GoldensEdition.Featured(decoding: bytes) == message)
    }

    @Test func takenNamesChangeNoBytes() throws {
        let peer = try PythonPeer(knowing: [GoldensNamesV1.namesFile])
        var message = GoldensNamesV1.TypeMessage()
        (message.self_, message.init_, message.default, message.in) = (.self1st, "i", 1, 0)
        (message.unknownFields_, message.tag, message.writer) = ([1], [2], false)
        message.reader = GoldensNamesV1.TypeMessage()
        message.value = .none_(1)
        message.box = ["b": GoldensNamesV1.TypeMessage()]
        let bytes = try peer.again(message)
        #expect(bytes == message.encoded())
        #expect(try GoldensNamesV1.TypeMessage(decoding: bytes) == message)
    }
}
