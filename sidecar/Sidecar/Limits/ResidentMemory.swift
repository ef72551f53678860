import CLinux
import Glibc

/// What this process has in memory, as the kernel counts it (proc(5), `/proc/pid/statm`).
enum ResidentMemory {
    /// Bytes; 0 where the kernel does not say. Three system calls, 4 us.
    static func current() -> Int {
        let descriptor = open("/proc/self/statm", O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return 0 }
        defer { close(descriptor) }
        // Seven numbers of pages; the second is what is resident.
        return withUnsafeTemporaryAllocation(byteCount: 128, alignment: 1) { buffer in
            let count = read(descriptor, buffer.baseAddress, buffer.count)
            guard count > 0 else { return 0 }
            var pages = 0
            var spaces = 0
            for byte in buffer[..<count] {
                if byte == UInt8(ascii: " ") { spaces += 1 }
                guard spaces == 1, UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte else { continue }
                pages = pages &* 10 &+ Int(byte - UInt8(ascii: "0"))
            }
            return pages &* sysconf(Int32(_SC_PAGESIZE))
        }
    }

    /// Gives freed memory back to the kernel.
    static func trim() {
        _ = malloc_trim(0)
    }
}
