// Measures the codecs: `bench-codec` prints a table, `bench-codec --json` the same rows for `.ci/bench`.
// A workload's name, and after it a subject's, measure those alone: `bench-codec course to-json`.

let names = CommandLine.arguments.dropFirst().filter { !$0.hasPrefix("--") }
let rows = Workloads.all().flatMap { $0.measure(only: Array(names)) }
if CommandLine.arguments.contains("--json") {
    print("[" + rows.map(\.json).joined(separator: ",\n ") + "]")
} else {
    for row in rows { print(row.text) }
}
