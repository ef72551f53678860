import Exchange
import Policy
import Timebase
import Transport

/// What a call meets on its way from a stub to an endpoint, top to bottom.
func clientStack(counting calls: AccessLogLayer, _ hedging: ConfiguredHedging, inner: Stack) -> Stack {
    Stack(
        [
            calls,  // outermost: whoever closes the client waits for every call
            DeadlineLayer(least: .zero),  // outside the attempts, which share it; a server may be microseconds away
        ],
        around: .hedge(hedging, inner), name: inner.name)
}

/// What each attempt meets, a hedge's too.
func attemptStack(to endpoints: any Picker, _ retries: ConfiguredRetryLayer, name: String) -> Stack {
    Stack([retries], around: .picker(endpoints), name: name)  // outside the picker: each attempt picks anew
}

/// What an attempt meets on its way to one endpoint. `meter` measures it where load decides.
func endpointStack(_ endpoint: Subchannel, _ meter: LoadLayer?) -> Stack {
    Stack(
        meter.map { [$0] } ?? [], around: .exchanger(endpoint.pool), name: endpoint.name,
        isReachable: { endpoint.state.isReady })
}
