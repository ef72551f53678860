import BenchAPI
import ProtoWire

/// The messages: shapes and sizes as in the study of generated codecs, so that numbers compare with it.
enum Workloads {
    static func all() -> [any Measurable] {
        [
            Workload(name: "small", message: small),
            Workload(name: "nested", message: course, view: titleOfCourse),
            Workload(name: "blob", message: blob, measuresJSON: false),
            Workload(name: "text", message: text, measuresJSON: false),
            Workload(name: "packed", message: varints, measuresJSON: false),
            Workload(name: "doubles", message: doubles, measuresJSON: false),
            Workload(name: "struct", message: structure(depth: 4), measuresJSON: true),
        ]
    }

    static var small: BenchCodec.Small {
        var small = BenchCodec.Small()
        small.count = 42
        small.sequence = 1_234_567_890_123
        small.flags = 7
        small.active = true
        small.ratio = 0.25
        small.name = "a request of a few words"
        small.samples = [1, 20, 300, 4000, 50_000, -1, 0, 9]
        return small
    }

    static var course: BenchCodec.Course {
        var course = BenchCodec.Course()
        course.id = "course-00000042"
        course.title = "An introduction to looms and weaving"
        course.description = String(repeating: "A paragraph about the course. ", count: 8)
        course.created = BenchCodec.Moment()
        course.created?.seconds = 1_700_000_000
        course.created?.nanos = 123_000_000
        course.lessons = (0..<5).map { lesson in
            var value = BenchCodec.Lesson()
            value.id = "lesson-\(lesson)-of-course-42"
            value.title = "Lesson \(lesson)"
            value.content = String(repeating: "Some text of the lesson. ", count: 6)
            value.labels = ["language": "en", "level": "beginner", "topic": "weaving", "author": "somebody known"]
            value.exercises = (0..<4).map { exercise in
                var item = BenchCodec.Exercise()
                item.id = "exercise-\(lesson)-\(exercise)"
                item.prompt = "Which of these answers is right?"
                item.choices = ["the first one", "the second one", "another"]
                item.answer = Int32(exercise % 3)
                item.weight = Double(exercise) + 0.5
                item.kind = .choice
                return item
            }
            return value
        }
        return course
    }

    /// What a proxy does that routes by one field.
    private static func titleOfCourse(_ bytes: [UInt8]) throws {
        let view = BenchCodec.Course.View(bytes.span.bytes)
        guard let title = try view.title, title.count > 0 else { preconditionFailure("the course has a title") }
        use(title.count)
    }

    static var blob: BenchCodec.Blob {
        var blob = BenchCodec.Blob()
        blob.data = (0..<65_536).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        return blob
    }

    static var text: BenchCodec.Blob {
        var blob = BenchCodec.Blob()
        blob.text = String(repeating: "sixteen letters ", count: 4096)
        return blob
    }

    static var varints: BenchCodec.PackedVarint {
        var message = BenchCodec.PackedVarint()
        var state: UInt64 = 1
        for _ in 0..<10_000 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            // Lengths from one to five bytes, in no order.
            let bits = 7 * ((state >> 60) % 5 + 1)
            let mask: UInt64 = (1 << bits) - 1
            message.values.append(Int64(bitPattern: (state >> 24) & mask))
        }
        return message
    }

    static var doubles: BenchCodec.PackedDouble {
        var message = BenchCodec.PackedDouble()
        message.values = (0..<10_000).map { Double($0) * 0.37 }
        return message
    }

    static func structure(depth: Int) -> BenchCodec.Struct {
        var structure = BenchCodec.Struct()
        structure.fields["number"] = value(.numberValue(Double(depth) * 1.5))
        structure.fields["a string of some length"] = value(.stringValue("a value of some length"))
        structure.fields["flag"] = value(.boolValue(true))
        structure.fields["nothing"] = value(.nullValue(BenchCodec.NullValue(rawValue: 0)))
        guard depth > 0 else { return structure }
        var list = BenchCodec.ListValue()
        list.values = (0..<4).map { value(.numberValue(Double($0))) }
        structure.fields["list"] = value(.listValue(list))
        for name in ["left", "right"] { structure.fields[name] = value(.structValue(Self.structure(depth: depth - 1))) }
        return structure
    }

    private static func value(_ kind: BenchCodec.Value.Kind) -> BenchCodec.Value {
        var value = BenchCodec.Value()
        value.kind = kind
        return value
    }
}
