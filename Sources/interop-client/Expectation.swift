import RPC

/// A test that did not come out as it should.
struct Unexpected: Error, CustomStringConvertible {
    let description: String
}

func expect<Value: Equatable>(_ found: Value, _ wanted: Value, _ subject: String) throws {
    guard found == wanted else { throw Unexpected(description: "\(subject) is \(found), not \(wanted)") }
}

/// The error that a call must end with, looked at by the caller for more than its code.
@discardableResult
func expectError(_ code: StatusCode, _ body: () async throws -> Void) async throws -> RPCError {
    do {
        try await body()
    } catch let error as RPCError {
        guard error.code == code else { throw Unexpected(description: "the call ended as \(error), not as \(code)") }
        return error
    }
    throw Unexpected(description: "the call ended well, not as \(code)")
}
