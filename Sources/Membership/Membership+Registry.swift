import Exchange
import Logging
public import MeshAPI
import RPC
import Reactor
import Timebase

extension Membership {
    /// Enters this instance into the registry and renews its lease at a third of its length, until the task is cancelled.
    ///
    /// - Parameters:
    ///   - address: where other members reach this one's inbound listener.
    ///   - isServing: whether the instance can take calls now; while it cannot, it is taken out of the registry.
    public func keepLease(at address: String, isServing: @escaping () -> Bool) async throws {
        let client = WeftControlV1.DiscoveryClient(channel)
        var renewal = loop.now
        while true {
            var pause = Self.servingInterval
            if !isServing() {
                await leave()
                renewal = loop.now
                pause = Self.startingInterval
            } else if loop.now >= renewal {
                try await untilDone("register this instance") {
                    renewal = loop.now.advanced(by: try await self.renew(client, address) / 3)
                }
            }
            try await loop.sleep(for: pause)
        }
    }

    /// How often the instance is looked at: looking costs nothing, and who died should not be called for seconds.
    private static let servingInterval = Duration.milliseconds(500)
    /// The same before it serves: its callers wait for it.
    private static let startingInterval = Duration.milliseconds(100)

    /// Renews the lease, or registers if there is none; answers how long it lasts.
    private func renew(_ client: WeftControlV1.DiscoveryClient, _ address: String) async throws -> Duration {
        let options = CallOptions(timeout: .seconds(2))
        if let lease {
            var request = WeftControlV1.RenewRequest()
            request.lease = lease
            do {
                return .milliseconds(try await client.renew(request, options: options).ttlMs)
            } catch let error as RPCError where error.code == .notFound {
                // The control plane forgot it, or it ended while we could not reach it.
                self.lease = nil
            }
        }
        var request = WeftControlV1.RegisterRequest()
        request.service = config.service
        request.instance = config.instance
        request.address = address
        request.version = config.version
        request.admin = config.admin
        let registered = try await client.register(request, options: options)
        lease = registered.lease
        log.info("registered", metadata: ["instance": "\(config.instance)", "address": "\(address)"])
        return .milliseconds(registered.ttlMs)
    }

    /// Takes this instance out of the registry, at the start of its drain.
    public func leave() async {
        guard let lease else { return }
        self.lease = nil
        var request = WeftControlV1.DeregisterRequest()
        request.lease = lease
        do {
            _ = try await WeftControlV1.DiscoveryClient(channel).deregister(
                request, options: CallOptions(timeout: .seconds(1)))
        } catch {
            // The lease ends by itself.
            log.notice("could not leave the registry", metadata: ["error": "\(error)"])
        }
    }

    /// Gives every new version of the registry to `take`, until the task is cancelled. While the control plane cannot be
    /// reached, the last version stays what it is.
    ///
    /// What `take` answers is reported (`keepReporting`): nothing if the member goes by the version from now on. A version
    /// that it refused it is shown again by the next watch, since each watch says which version the member goes by.
    public func watchRegistry<Fault: CustomStringConvertible>(
        _ take: @escaping (WeftControlV1.Snapshot) -> [Fault]
    ) async throws {
        let client = WeftControlV1.DiscoveryClient(channel)
        var version = ""
        var pause = Self.firstWatchPause
        while true {
            do {
                var request = WeftControlV1.WatchRequest()
                request.version = version
                request.instance = config.instance
                request.admin = config.admin
                try await client.watch(request) { snapshots in
                    for try await snapshot in snapshots {
                        pause = Self.firstWatchPause
                        self.lastVersion = snapshot.version
                        let faults = take(snapshot).map(\.description)
                        if faults.isEmpty { version = snapshot.version }
                        self.verdicts.continuation.yield(
                            ConfigurationVerdict(version: snapshot.version, faults: faults))
                        await adopt(roots: snapshot.roots)
                    }
                }
            } catch {
                try Task.checkCancellation()
                // One line for each outage, not for each try.
                let isFirst = pause == Self.firstWatchPause
                log.log(
                    level: isFirst ? .notice : .debug, "the registry cannot be watched; what was known stays",
                    metadata: ["error": "\(error)"])
            }
            try await loop.sleep(for: pause)
            pause = min(pause * 2, Self.longestWatchPause)
        }
    }

    /// Something does not fit what the registry said last: an instance cannot be reached. It is asked again soon.
    public func doubtRegistry() {
        doubts.continuation.yield()
    }

    /// Asks the registry whether there is a later version whenever somebody doubts it, until the task is cancelled.
    ///
    /// The watch brings changes by itself, unless its stream is dead and nobody has noticed yet, or it waits before it tries
    /// again: then this brings them. At most one question a second, however many connections fail.
    public func keepAsking<Fault>(_ take: @escaping (WeftControlV1.Snapshot) -> [Fault]) async throws {
        let client = WeftControlV1.DiscoveryClient(channel)
        for await _ in doubts.stream {
            var request = WeftControlV1.WatchRequest()
            request.version = lastVersion
            do {
                // No news by then is good news.
                let news = try await client.watch(request, options: CallOptions(timeout: Self.doubtPause)) {
                    snapshots in
                    let iterator = snapshots.makeAsyncIterator()
                    return try await iterator.next()
                }
                if let news, news.version != lastVersion {
                    lastVersion = news.version
                    log.info("the registry had changed unnoticed", metadata: ["version": "\(news.version)"])
                    _ = take(news)
                }
            } catch {
                // The control plane cannot be reached, or knows nothing later.
            }
            try await loop.sleep(for: Self.doubtPause)
        }
    }

    private static let doubtPause = Duration.seconds(1)
    private static let firstWatchPause = Duration.milliseconds(250)
    /// What a member may be behind after the control plane is back.
    private static let longestWatchPause = Duration.seconds(4)
}
