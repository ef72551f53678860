import CPostgres

/// One row of an answer; its columns are read by name, as the type that the reader asks for.
///
///     let title: String = try row.value("title")
///     let minutes: Int32? = try row.value("minutes")
public struct Row: Sendable {
    let answer: Answer
    let index: Int32

    /// Reads the column `name`. A missing column, another type, or a NULL where none is expected is `.unreadable`.
    public func value<Value: ColumnValue>(
        _ name: String, as type: Value.Type = Value.self
    ) throws(PostgresFailure) -> Value {
        guard let column = answer.column(name) else {
            throw PostgresFailure(.unreadable, "the answer has no column \(name)", statement: answer.statement)
        }
        return try value(at: column)
    }

    /// Reads the column at `place`, counted from 0.
    public func value<Value: ColumnValue>(
        at place: Int, as type: Value.Type = Value.self
    ) throws(PostgresFailure) -> Value {
        precondition(place >= 0 && place < answer.columnCount, "the answer has no column at this place")
        defer { withExtendedLifetime(answer) {} }  // the cell points into it
        do {
            return try Value(reading: answer.cell(row: index, column: Int32(place)))
        } catch {
            throw PostgresFailure(
                .unreadable, "column \(answer.columnName(place)): \(error.reason)", statement: answer.statement)
        }
    }
}

/// What the server answered to one statement.
public struct Reply: Sendable {
    let answer: Answer

    public var rows: [Row] { (0..<answer.rowCount).map { Row(answer: answer, index: $0) } }
    /// How many rows the statement inserted, changed, deleted or returned.
    public var affected: Int { answer.affected }
    /// What was done, as the server calls it: `COMMIT`, `INSERT 0 1`.
    var tag: String { answer.tag }
}

/// A PGresult, freed with its last row.
final class Answer: @unchecked Sendable {  // a finished PGresult is never written again; reading it is free of state
    private let result: OpaquePointer
    let statement: String
    let rowCount: Int32
    let columnCount: Int

    init(adopting result: OpaquePointer, statement: String) {
        self.result = result
        self.statement = statement
        rowCount = PQntuples(result)
        columnCount = Int(PQnfields(result))
    }

    deinit {
        PQclear(result)
    }

    var tag: String { PQcmdStatus(result).map { String(cString: $0) } ?? "" }
    var affected: Int { PQcmdTuples(result).flatMap { Int(String(cString: $0)) } ?? 0 }

    func column(_ name: String) -> Int? {
        let column = PQfnumber(result, name)
        return column >= 0 ? Int(column) : nil
    }

    func columnName(_ place: Int) -> String {
        PQfname(result, Int32(place)).map { String(cString: $0) } ?? "\(place)"
    }

    func cell(row: Int32, column: Int32) -> Cell {
        let type = PQftype(result, column)
        if PQgetisnull(result, row, column) == 1 { return Cell(bytes: nil, type: type) }
        let start = PQgetvalue(result, row, column)
        let length = Int(PQgetlength(result, row, column))
        return Cell(bytes: UnsafeRawBufferPointer(start: start, count: length), type: type)
    }
}
