import Postgres
import Testing
import Timebase

@Suite("Values go to the server and come back")
struct ValuesTests {
    static let texts = [
        "", "plain", "Tiếng Việt", "Tie\u{302}\u{301}ng", "日本語 🧑‍🏫", "a\"b\\c{d},e", "\u{1}\u{7f}\u{10ffff}", "NULL",
        "line\nfeed",
    ]

    @Test("a text is itself again, alone and in an array", arguments: texts)
    func text(_ text: String) async throws {
        let rows = try await ValuesTests.pool.query(
            "SELECT $1::text AS one, $2::text[] AS many, length($1) AS length",
            [.text(text), .texts([text, nil, text])])
        #expect(try rows[0].value("one") == text)
        #expect(try Array(rows[0].value("one", as: String.self).unicodeScalars) == Array(text.unicodeScalars))
        #expect(try rows[0].value("many", as: [String?].self) == [text, nil, text])
        #expect(try rows[0].value("length") == text.unicodeScalars.count)
    }

    @Test("integers of every width", arguments: [0, 1, -1, 32_767, -32_768] as [Int64])
    func integer(_ value: Int64) async throws {
        let row = try await ValuesTests.pool.query(
            "SELECT $1::int2 AS two, $1::int4 AS four, $1::int8 AS eight", [.integer(value)])[0]
        #expect(try row.value("two") == value)
        #expect(try row.value("four") == Int32(value))
        #expect(try row.value("eight") == Int(value))
    }

    @Test("the ends of 64 bits, and a number too wide for its reader")
    func wideIntegers() async throws {
        let row = try await ValuesTests.pool.query(
            "SELECT $1::int8 AS low, $2::int8 AS high", [.integer(.min), .integer(.max)])[0]
        #expect(try row.value("low") == Int64.min)
        #expect(try row.value("high") == Int64.max)
        #expect(throws: PostgresFailure.self) { try row.value("high", as: Int32.self) }
    }

    @Test("floating-point numbers", arguments: [0, -0.0, 0.1, 1e300, -.infinity, .infinity, .leastNonzeroMagnitude])
    func double(_ value: Double) async throws {
        let row = try await ValuesTests.pool.query("SELECT $1::float8 AS value", [.double(value)])[0]
        #expect(try row.value("value", as: Double.self).bitPattern == value.bitPattern)
    }

    @Test("booleans, NULLs, JSON, bytes")
    func others() async throws {
        let every = (0...255).map { UInt8($0) }
        let row = try await ValuesTests.pool.query(
            """
            SELECT $1::bool AS yes, $2::bool AS no, $3::text AS missing, $4::jsonb AS document, $5::bytea AS bytes,
                ''::bytea AS none, $6::int4[] AS numbers, '{}'::text[] AS nothing
            """,
            [true, false, nil, .json(#"{"a": ["ế", null]}"#), .bytes(every), .integers([1, nil, -3])])[0]
        #expect(try row.value("yes") == true)
        #expect(try row.value("no") == false)
        #expect(try row.value("missing", as: String?.self) == nil)
        #expect(try row.value("document") == #"{"a": ["ế", null]}"#)
        #expect(try row.value("bytes") == every)
        #expect(try row.value("none", as: [UInt8].self) == [])
        #expect(try row.value("numbers", as: [Int32?].self) == [1, nil, -3])
        #expect(try row.value("nothing", as: [String].self) == [])
    }

    static let times = [
        WallTime(seconds: 0), WallTime(seconds: 946_684_800),
        WallTime(seconds: 1_795_234_567, nanoseconds: 123_456_000),
        WallTime(seconds: -1, nanoseconds: 999_999_000), WallTime(seconds: -62_135_596_800),
        WallTime(seconds: 253_402_300_799, nanoseconds: 999_999_000),
    ]

    @Test("times, before and after 1970 and 2000", arguments: times)
    func time(_ time: WallTime) async throws {
        let row = try await ValuesTests.pool.query(
            "SELECT $1::timestamptz AS time, extract(epoch FROM $1::timestamptz)::text AS epoch", [.time(time)])[0]
        #expect(try row.value("time") == time)
        let whole = time.nanoseconds == 0 || time.seconds >= 0
        if whole { #expect(try row.value("epoch", as: String.self).hasPrefix("\(time.seconds)")) }
    }

    @Test("an infinite time is refused, not misread")
    func infinity() async throws {
        let row = try await ValuesTests.pool.query("SELECT 'infinity'::timestamptz AS time")[0]
        #expect(throws: PostgresFailure.self) { try row.value("time", as: WallTime.self) }
    }

    @Test("a version 7 id is what Postgres calls a uuid, and sorts by its time")
    func uniqueID() async throws {
        var chance = Chance(seed: 7)
        let early = UniqueID.v7(at: WallTime(seconds: 1_700_000_000, nanoseconds: 999_000_000), by: &chance)
        let late = UniqueID.v7(at: WallTime(seconds: 1_700_000_001), by: &chance)
        let row = try await ValuesTests.pool.query(
            "SELECT $1::uuid AS id, $1::uuid::text AS text, $1::uuid < $2::uuid AS sorts", [.uuid(early), .uuid(late)])[
                0]
        #expect(try row.value("id") == early)
        #expect(try row.value("text") == early.description)
        #expect(try row.value("sorts") == true)
        #expect(early < late)
        #expect(early.description.dropFirst(14).first == "7")
        #expect(UniqueID(early.description.uppercased()) == early)
    }

    @Test(
        "what is no UUID is not read as one",
        arguments: [
            "", "0", "01930e9c3f2a7c4d8e5f0123456789ab", "01930e9c-3f2a-7c4d-8e5f-0123456789a",
            "01930e9c-3f2a-7c4d-8e5f-0123456789abc", "01930e9c-3f2a-7c4d-8e5f_0123456789ab",
            "g1930e9c-3f2a-7c4d-8e5f-0123456789ab", "01930e9c-3f2a-7c4d-8e5f-0123456789é",
        ])
    func notUnique(_ text: String) {
        #expect(UniqueID(text) == nil)
    }

    @Test("a NUL byte in a text is refused before anything is sent")
    func nul() async throws {
        for parameter: Parameter in [.text("a\0b"), .texts(["a\0"]), .json("\0")] {
            let failure = await #expect(throws: PostgresFailure.self) {
                try await ValuesTests.pool.query(Statement("nul", "SELECT $1::text"), [parameter])
            }
            #expect(failure?.kind == .invalidParameter)
            #expect(failure?.statement == "nul")
        }
    }

    @Test("a reader of the wrong column or type is told what is there")
    func unreadable() async throws {
        let row = try await ValuesTests.pool.query(
            "SELECT 1::int4 AS one, NULL::text AS missing, 1.5::numeric AS exact")[0]
        func reason(_ body: () throws -> Void) -> String {
            do {
                try body()
                return ""
            } catch {
                return (error as? PostgresFailure)?.message ?? "\(error)"
            }
        }
        #expect(reason { _ = try row.value("two", as: Int.self) } == "the answer has no column two")
        #expect(reason { _ = try row.value("one", as: String.self) } == "column one: expected text, found int4")
        #expect(reason { _ = try row.value("missing", as: String.self) } == "column missing: expected text, found NULL")
        #expect(
            reason { _ = try row.value("exact", as: Double.self) }
                == "column exact: expected a floating-point number, found numeric")
    }

    private static let pool: PostgresPool = {
        do {
            return try TestServer.newPool()
        } catch {
            preconditionFailure("no pool: \(error)")
        }
    }()
}
