import CLinux
import Glibc

/// Ties a process to the one that started it.
public enum Parent {
    /// Asks the kernel to send SIGTERM when the parent dies, however it dies, so that a supervisor that is killed leaves
    /// nothing behind.
    ///
    /// - Parameter expected: the parent's pid as it told it; another one means that it is gone already.
    /// - Returns: false if the parent is gone.
    public static func endWithParent(_ expected: Int32) -> Bool {
        weft_signal_at_parents_death(SIGTERM)
        return getppid() == expected
    }
}
