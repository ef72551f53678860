import Glibc
@testable import ServiceKit
import Testing

/// A log that nobody reads, or that cannot be written, holds nobody up.
@Suite struct LogWriterTests {
    private func pipe() -> (reading: Int32, writing: Int32) {
        var ends: [Int32] = [0, 0]
        _ = Glibc.pipe(&ends)
        return (ends[0], ends[1])
    }

    private func drain(_ descriptor: Int32) -> String {
        _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = read(descriptor, &buffer, buffer.count)
            guard count > 0 else { break }
            bytes += buffer[..<count]
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private func line(_ number: Int) -> [UInt8] { Array(("{\"n\":\(number)}" + "\n").utf8) }

    @Test func `lines pass while somebody reads`() {
        let (reading, writing) = pipe()
        defer { close(reading); close(writing) }
        let writer = LogWriter(to: writing)
        for number in 0..<3 { writer.write(line(number)) }
        #expect(drain(reading) == "{\"n\":0}\n{\"n\":1}\n{\"n\":2}\n")
        #expect(!writer.isHolding && writer.dropped == 0)
    }

    @Test func `a pipe that nobody reads takes what fits, then lines are dropped whole, and the next reader is told`() {
        let (reading, writing) = pipe()
        defer { close(reading); close(writing) }
        let writer = LogWriter(to: writing, mostHeld: 100_000)
        var stalls = 0
        let long = Array((String(repeating: "x", count: 999) + "\n").utf8)
        for _ in 0..<500 {
            let wasHolding = writer.isHolding
            writer.write(long)
            if !wasHolding && writer.isHolding { stalls += 1 }
        }
        #expect(stalls == 1)
        #expect(writer.dropped > 200 && writer.isHolding)
        var text = drain(reading)
        while writer.isHolding {
            writer.flush()
            text += drain(reading)
        }
        writer.write(line(7))
        text += drain(reading)
        let lines = text.split(separator: "\n")
        #expect(lines.allSatisfy { $0.utf8.count == 999 || $0.hasPrefix("{") })
        #expect(lines.count { $0.hasPrefix("x") } + writer.dropped == 500)
        #expect(text.contains("\"lost\":\(writer.dropped)"))
        #expect(lines.last == "{\"n\":7}")
    }

    @Test func `other writers of the same pipe keep their own flags`() {
        let (reading, writing) = pipe()
        defer { close(reading); close(writing) }
        _ = LogWriter(to: writing)
        #expect(fcntl(writing, F_GETFL) & O_NONBLOCK == 0)
    }

    @Test func `a full disk holds nobody up`() {
        let full = open("/dev/full", O_WRONLY | O_CLOEXEC)
        defer { close(full) }
        let writer = LogWriter(to: full, mostHeld: 1000)
        for number in 0..<1000 { writer.write(line(number)) }
        #expect(writer.isHolding && writer.dropped > 800)
        #expect(!writer.flush())
    }

    @Test func `whoever can flush later is told once when lines begin to wait`() {
        let full = open("/dev/full", O_WRONLY | O_CLOEXEC)
        defer { close(full) }
        let writer = LogWriter(to: full)
        let told = Counter()
        writer.whenStalled { told.add() }
        for number in 0..<10 { writer.write(line(number)) }
        #expect(told.total == 1)
    }

    private typealias Counter = MetricsRegistry.Counter
}
