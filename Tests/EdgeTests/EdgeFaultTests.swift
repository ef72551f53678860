import Bytes
@testable import Edge
import Exchange
import ProtoWire
import RPC
import Testing

/// What an outsider learns of a failure.
@Suite struct EdgeFaultTests {
    private func fault(_ failure: Failure?, status: String, message: String) -> EdgeFault {
        var fields: Fields = ["grpc-status": status, "grpc-message": message]
        if let failure { fields.append(.weftWhy, Base64.encode(Why(failure).encoded(), padded: false)) }
        return EdgeFault(StatusTrailers(fields), Why(in: fields))
    }

    @Test func `a failure of the mesh is told coarsely`() {
        let failure = Failure(.pick, .allEjected, subject: "course", detail: "10.0.0.2:4143 (5 faults in a row)")
        let told = fault(failure, status: "14", message: "PICK.all_ejected[course]: \(failure.detail)")
        #expect(told.httpStatus == 503 && told.reason == .unavailable)
        #expect(told.message == "the service cannot be reached at the moment")
        let text = String(decoding: told.body(requestID: "r1"), as: UTF8.self)
        #expect(text.contains("\"reason\":\"unavailable\"") && text.contains("\"requestId\":\"r1\""))
        #expect(!text.contains("10.0.0.2") && !text.contains("ejected"))
    }

    @Test func `an application's own words stay`() {
        #expect(fault(nil, status: "5", message: "no such course").message == "no such course")
        let accompanied = fault(Failure(.retry, .appStatus, subject: "course"), status: "14", message: "closed today")
        #expect(accompanied.message == "closed today" && accompanied.reason == nil)
    }

    @Test func `an application that tells its own story of an inner failure keeps its words`() {
        let inner = Failure(.wait, .deadline, subject: "10.0.0.9:1", detail: "no answer")
        let told = fault(inner, status: "9", message: "the course cannot be checked now")
        #expect(told.message == "the course cannot be checked now" && told.reason == .timeout && told.code == 9)
    }

    @Test func `every reason has words for outsiders without its subject`() {
        for guide in ReasonGuide.all where guide.cause != .appStatus {
            for phase in guide.phases {
                let failure = Failure(phase, guide.cause, subject: "10.1.2.3:4", detail: "secret")
                let told = fault(failure, status: String(guide.code.rawValue), message: failure.reason)
                #expect(told.reason != nil && !told.message.contains("10.1.2.3"), "\(failure.reason)")
            }
        }
    }
}
