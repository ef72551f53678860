import CLinux
import Glibc

/// What this process holds, as the kernel and malloc count it.
enum Memory {
    /// Pages in memory, in KiB.
    static var resident: Int { status("VmRSS:") }
    /// The most that there was since `forgetPeak`, in KiB.
    static var peak: Int { status("VmHWM:") }
    /// Bytes that are allocated, in KiB: freed ones do not count, though the process may keep their pages.
    static var heap: Int { weft_heap_in_use() / 1024 }

    static func forgetPeak() {
        guard let file = fopen("/proc/self/clear_refs", "w") else { return }
        fputs("5", file)
        fclose(file)
    }

    static var openDescriptors: Int {
        guard let folder = opendir("/proc/self/fd") else { return -1 }
        defer { closedir(folder) }
        var count = 0
        while readdir(folder) != nil { count += 1 }
        return count
    }

    private static func status(_ field: String) -> Int {
        guard let file = fopen("/proc/self/status", "r") else { return -1 }
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 256)
        while fgets(&line, Int32(line.count), file) != nil {
            let text = line.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }  // it has 256 places
            if text.hasPrefix(field) { return Int(text.filter(\.isNumber)) ?? -1 }
        }
        return -1
    }
}
