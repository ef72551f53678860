import Exchange

/// A call that is more than passed on: mirrors copy it, or somebody looks at it. Other calls never meet this.
struct WatchedCall {
    let mirrors: Mirrors?
    let taps: Taps

    func start(
        _ call: CallHead, through stack: Stack, end: Bool, from stream: any ExchangeStream,
        in environment: CallDriver.Environment
    ) -> any ExchangeHandler {
        let observers = taps.isIdle ? [] : taps.observers(of: call)
        let tapped = observers.isEmpty ? nil : TappedCall(call, stream, observers, timers: environment.timers)
        // Copies take the head as it came: the driver fits it to its attempts.
        let copies = mirrors?.begin(call, end: end)
        let driver = CallDriver(call, through: stack, end: end, from: tapped ?? stream, in: environment)
        let handler: any ExchangeHandler = copies.map { MirroringRequest(driver, $0) } ?? driver
        tapped?.handler = handler
        tapped?.begin()
        driver.start()
        return tapped ?? handler
    }
}
