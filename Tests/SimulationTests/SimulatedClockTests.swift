import Testing
import Timebase

@testable import Simulation

@Test("time moves when it is told to")
func moves() {
    let start = Instant(nanoseconds: 5)
    let clock = SimulatedClock(from: start)
    clock.move(to: start.advanced(by: .seconds(1)))
    #expect(start.duration(to: clock.now) == .seconds(1))
}
