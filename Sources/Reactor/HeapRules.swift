import CLinux

/// What the process's allocator does with the memory of large messages.
enum HeapRules {
    /// Free memory at a heap's end that stays there, and the largest block that is taken from a heap.
    ///
    /// By default glibc gives 128 KiB and more back to the system with each `free` and asks for it again with the next
    /// `malloc`: of an echo of 1 MiB messages, 45 % of the time went into taking, clearing and dropping the same pages. Eight
    /// messages of the default limit stay warm so; a process that has never had a large one is as small as before.
    private static let kept: Int32 = 32 << 20

    /// Set once in the life of the process, before its first loop runs.
    static let keptFree: Void = {
        mallopt(M_MMAP_THRESHOLD, kept / 8)
        mallopt(M_TRIM_THRESHOLD, kept)
    }()
}
