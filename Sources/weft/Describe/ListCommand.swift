import ArgumentParser
import Descriptors

/// `weft list`: the services, or the methods of one.
struct ListCommand: WaitingCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the services of the mesh, of a server or of a contract; or a service's methods.")

    @OptionGroup var source: SourceOptions

    @Argument(help: "The full name of a service, to list its methods.")
    var service: String?

    func run() async throws {
        let contract = try await ContractSource.open(source, needsServer: false)
        guard let service else {
            contract.index.services.forEach { print($0) }
            return
        }
        guard case .service(let found)? = contract.index.find(service) else {
            throw Fault.unknown(service, in: contract.index)
        }
        found.method.forEach { print("\(service)/\($0.name ?? "")") }
    }
}

/// `weft describe`: a symbol as its contract declares it.
struct DescribeCommand: WaitingCommand {
    static let configuration = CommandConfiguration(
        commandName: "describe", abstract: "Show a service, method, message or enum as its contract declares it.")

    @OptionGroup var source: SourceOptions

    @Argument(help: "A full name: learn.course.v1.Course, learn.course.v1.CourseService/GetCourse.")
    var symbol: String

    func run() async throws {
        let contract = try await ContractSource.open(source, needsServer: false)
        guard let found = contract.index.find(symbol) else { throw Fault.unknown(symbol, in: contract.index) }
        print(ContractPrinter.text(of: found), terminator: "")
    }
}

extension Fault {
    /// The contract has no such symbol; the nearest ones are named.
    static func unknown(_ symbol: String, in index: ContractIndex) -> any Error {
        let near = index.suggestions(for: symbol)
        let hint = near.isEmpty ? "see 'weft list'" : "did you mean \(near.joined(separator: " or "))?"
        return usage("the contract has no '\(symbol)'; \(hint)")
    }
}
