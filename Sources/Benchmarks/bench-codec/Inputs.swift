import Glibc

/// The workloads as files, `small.bin` and `small.json`: what the peers are measured with.
func writeInputs(to folder: String) {
    for workload in Workloads.all() {
        save(workload.bytes, to: "\(folder)/\(workload.name).bin")
        if let json = workload.json { save(json, to: "\(folder)/\(workload.name).json") }
    }
}

private func save(_ bytes: [UInt8], to path: String) {
    guard let file = fopen(path, "wb"), fwrite(bytes, 1, bytes.count, file) == bytes.count, fclose(file) == 0 else {
        fail("\(path) cannot be written")
    }
}

func fail(_ message: String) -> Never {
    let text = Array("bench-codec: \(message)\n".utf8)
    _ = write(STDERR_FILENO, text, text.count)
    exit(2)
}
