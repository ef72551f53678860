import Glibc
import WellKnown

extension GoogleProtobuf.Timestamp {
    /// The system's clock. Only checks whose caller gave no time read it.
    static var wallTime: GoogleProtobuf.Timestamp {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        var now = GoogleProtobuf.Timestamp()
        now.seconds = Int64(time.tv_sec)
        now.nanos = Int32(time.tv_nsec)
        return now
    }
}
