import Glibc

// Two long runs on real sockets: a million calls of all kinds that break off in every way, and gigabytes through a slow
// reader. Each says what it found and leaves with 1 if something did not hold.
switch SoakOptions.parse(Array(CommandLine.arguments.dropFirst())) {
case .failure(let fault):
    print("soak: \(fault.text)\n\n\(SoakOptions.usage)")
    exit(64)
case .success(.help): print(SoakOptions.usage)
case .success(.calls(let count, let seed)): finish { try CallSoak(calls: count, seed: seed).run() }
case .success(.pressure(let mebibytes)): finish { try PressureRun(mebibytes: mebibytes).run() }
}

func finish(_ body: () throws -> [String]) {
    do {
        let complaints = try body()
        for complaint in complaints { print("FAILED: \(complaint)") }
        fflush(nil)
        exit(complaints.isEmpty ? 0 : 1)
    } catch {
        print("soak: \(error)")
        fflush(nil)
        exit(1)
    }
}
