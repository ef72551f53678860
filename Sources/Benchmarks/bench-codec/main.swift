// Measures the codecs. `bench-codec [WORKLOAD [OPERATION]]` prints a table; `--write-inputs DIR` writes the messages for
// the peers. As the peers do: `--inputs DIR --time WORKLOAD OPERATION` prints the least and the median nanoseconds, and
// `--inputs DIR --repeat N WORKLOAD OPERATION` runs N times, for counters of instructions and allocations.

/// The asked operation; "none" is printed for one that is not measured, so that a table shows a gap and not a failure.
func step(_ names: ArraySlice<String>) -> (() throws -> Void)? {
    guard let name = names.first, let workload = Workloads.all().first(where: { $0.name == name }) else {
        fail("no workload is called \(names.first ?? "")")
    }
    let step = names.last.flatMap(Operation.init).flatMap(workload.step)
    if step == nil { print("none") }
    return step
}

let arguments = CommandLine.arguments.dropFirst()
switch (arguments.first, arguments.dropFirst(2).first) {
case ("--write-inputs", _) where arguments.count == 2: writeInputs(to: arguments[2])
case ("--inputs", "--time"):
    if let step = step(arguments.suffix(2)) {
        let time = try Timing(step)
        print(time.least, time.median)
    }
case ("--inputs", "--repeat"):
    if let step = step(arguments.suffix(2)), let count = Int(arguments[4]) {
        for _ in 0..<count { try step() }
    }
default:
    for workload in Workloads.all() where arguments.isEmpty || arguments.first == workload.name {
        for operation in Operation.allCases where arguments.count < 2 || arguments.last == operation.rawValue {
            guard let step = workload.step(operation) else { continue }
            let row = Row(
                workload: workload.name, operation: operation, time: try Timing(step), size: workload.bytes.count)
            print(row.text)
        }
    }
}
