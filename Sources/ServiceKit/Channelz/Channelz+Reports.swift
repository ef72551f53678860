internal import Exchange
internal import Glibc
internal import MeshAPI
internal import Reactor
internal import Timebase
internal import Transport
internal import WellKnown

/// Turns times of a loop's clock into times of day.
struct ReportClock: Sendable {
    private let now: Instant
    private let wall: WallTime

    init(_ loop: Loop) {
        now = loop.now
        wall = loop.wall
    }

    func timestamp(_ instant: Instant?) -> GoogleProtobuf.Timestamp? {
        guard let instant else { return nil }
        let nanoseconds =
            wall.seconds * 1_000_000_000 + Int64(wall.nanoseconds) - instant.duration(to: now).clampedNanoseconds
        return GoogleProtobuf.Timestamp(
            seconds: nanoseconds / 1_000_000_000, nanos: Int32(nanoseconds % 1_000_000_000))
    }
}

extension GrpcChannelzV1.ServerRef {
    init(_ number: Int64, _ name: String) {
        self.init()
        serverId = number
        self.name = name
    }
}

extension GrpcChannelzV1.ChannelRef {
    init(_ number: Int64, _ name: String) {
        self.init()
        channelId = number
        self.name = name
    }
}

extension GrpcChannelzV1.SubchannelRef {
    init(_ number: Int64, _ name: String) {
        self.init()
        subchannelId = number
        self.name = name
    }
}

extension GrpcChannelzV1.SocketRef {
    init(_ number: Int64, _ name: String) {
        self.init()
        socketId = number
        self.name = name
    }

    init(_ report: SocketReport) {
        self.init(
            report.id,
            report.isServer
                ? "\(report.peer.address) -> \(report.localAddress)"
                : "\(report.localAddress) -> \(report.peer.address)")
    }
}

extension GrpcChannelzV1.ServerData {
    init(_ report: ListenerReport, _ calls: CallCounts?, _ clock: ReportClock) {
        self.init()
        callsStarted = Int64(calls?.started ?? report.streams.started)
        callsSucceeded = Int64(calls?.succeeded ?? report.streams.succeeded)
        callsFailed = Int64(calls?.failed ?? report.streams.failed)
        lastCallStartedTimestamp = clock.timestamp(calls?.lastStarted ?? report.streams.lastStarted)
    }
}

extension GrpcChannelzV1.ChannelData {
    init(_ report: PoolReport, _ clock: ReportClock) {
        self.init()
        var connectivity = GrpcChannelzV1.ChannelConnectivityState()
        connectivity.state =
            switch report.state {
            case .idle: .idle
            case .connecting: .connecting
            case .ready: .ready
            case .transientFailure: .transientFailure
            case .shutdown: .shutdown
            }
        state = connectivity
        target = "\(report.address)"
        // Exchanges that never got a connection are calls that began and failed.
        callsStarted = Int64(report.streams.started + report.neverStarted)
        callsSucceeded = Int64(report.streams.succeeded)
        callsFailed = Int64(report.streams.failed + report.neverStarted)
        lastCallStartedTimestamp = clock.timestamp(report.streams.lastStarted)
    }
}

extension GrpcChannelzV1.Socket {
    init(_ report: SocketReport, _ clock: ReportClock) {
        self.init()
        ref = .init(report)
        local = .init(report.localAddress)
        remote = .init(report.peer.address)
        remoteName = report.peer.identity ?? ""
        if let version = report.peer.security {
            var tls = GrpcChannelzV1.Security.Tls()
            tls.cipherSuite = .otherName(version)
            var security = GrpcChannelzV1.Security()
            security.model = .tls(tls)
            self.security = security
        }
        data = .init(report, clock)
    }
}

extension GrpcChannelzV1.SocketData {
    init(_ report: SocketReport, _ clock: ReportClock) {
        self.init()
        streamsStarted = Int64(report.streams?.started ?? 0)
        streamsSucceeded = Int64(report.streams?.succeeded ?? 0)
        streamsFailed = Int64(report.streams?.failed ?? 0)
        keepAlivesSent = Int64(report.keepalivesSent)
        let lastStarted = clock.timestamp(report.streams?.lastStarted)
        // Streams of ours begin at clients; a server's are its peer's.
        if report.isServer {
            lastRemoteStreamCreatedTimestamp = lastStarted
        } else {
            lastLocalStreamCreatedTimestamp = lastStarted
        }
        lastMessageSentTimestamp = clock.timestamp(report.lastSent)
        lastMessageReceivedTimestamp = clock.timestamp(report.lastReceived)
        // The transport sees bytes and no messages.
        option = [
            ("bytes_sent", report.bytesSent), ("bytes_received", report.bytesReceived),
            ("streams_active", report.activeStreams),
        ].map { name, value in
            var option = GrpcChannelzV1.SocketOption()
            option.name = name
            option.value = "\(value)"
            return option
        }
    }
}

extension GrpcChannelzV1.Address {
    init(_ text: String) {
        self.init()
        switch try? SocketAddress.parse(text) {
        case .ip(let host, let port)?:
            var tcp = GrpcChannelzV1.Address.TcpIpAddress()
            tcp.ipAddress = GrpcChannelzV1.Address.bytes(host)
            tcp.port = Int32(port)
            address = .tcpipAddress(tcp)
        case .unix(let path)?:
            var unix = GrpcChannelzV1.Address.UdsAddress()
            unix.filename = path
            address = .udsAddress(unix)
        case .name?, nil:
            var other = GrpcChannelzV1.Address.OtherAddress()
            other.name = text
            address = .otherAddress(other)
        }
    }

    /// The 4 or 16 bytes of a numeric address.
    private static func bytes(_ host: String) -> [UInt8] {
        let isSix = host.contains(":")
        var bytes = [UInt8](repeating: 0, count: isSix ? 16 : 4)
        guard inet_pton(isSix ? AF_INET6 : AF_INET, host, &bytes) == 1 else { return [] }
        return bytes
    }
}
