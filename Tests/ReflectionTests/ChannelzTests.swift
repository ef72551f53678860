import MeshAPI
import RPC
import Testing

@testable import Reflection

/// gRFC A14.
@Suite("Channelz")
struct ChannelzTests {
    private func client(_ source: FixedSource) -> GrpcChannelzV1.ChannelzClient {
        let loop = InMemoryLoop()
        let router = Router(timers: loop)
        router.add(ChannelzService(source))
        return GrpcChannelzV1.ChannelzClient(InMemoryTransport(serving: router, on: loop).channel())
    }

    @Test(
        "servers come a page at a time, by number",
        arguments: [
            (0 as Int64, 0 as Int64, [3, 5, 9] as [Int64], true), (0, 2, [3, 5], false), (6, 2, [9], true),
            (5, 2, [5, 9], true),
            (10, 0, [], true), (9, 1, [9], true),
        ])
    func pages(start: Int64, limit: Int64, numbers: [Int64], isLast: Bool) async throws {
        var request = GrpcChannelzV1.GetServersRequest()
        request.startServerId = start
        request.maxResults = limit
        let reply = try await client(FixedSource(serverNumbers: [9, 3, 5])).getServers(request)
        #expect(reply.server.map { $0.ref?.serverId } == numbers && reply.end == isLast)
    }

    @Test("no page is longer than the limit, whatever is asked", arguments: [(0 as Int64, 100), (7, 7), (.max, 500)])
    func longPages(wish: Int64, count: Int) async throws {
        let client = client(FixedSource(socketNumbers: Array(1...600)))
        var request = GrpcChannelzV1.GetServerSocketsRequest()
        request.serverId = 1
        request.maxResults = wish
        let reply = try await client.getServerSockets(request)
        #expect(reply.socketRef.count == count && !reply.end)
        request.startSocketId = 600
        #expect(try await client.getServerSockets(request).end)
    }

    @Test("a page that cannot be is refused", arguments: [(-1 as Int64, 0 as Int64), (0, -1)])
    func badPages(start: Int64, limit: Int64) async throws {
        var request = GrpcChannelzV1.GetTopChannelsRequest()
        request.startChannelId = start
        request.maxResults = limit
        let error = await #expect(throws: RPCError.self) {
            try await client(FixedSource()).getTopChannels(request)
        }
        #expect(error?.code == .invalidArgument)
    }

    @Test("what is there is told, and what is not is NOT_FOUND")
    func single() async throws {
        let client = client(
            FixedSource(serverNumbers: [1], socketNumbers: [2], channelNumbers: [3], subchannelNumbers: [4]))
        var server = GrpcChannelzV1.GetServerRequest()
        var socket = GrpcChannelzV1.GetSocketRequest()
        var channel = GrpcChannelzV1.GetChannelRequest()
        var subchannel = GrpcChannelzV1.GetSubchannelRequest()
        (server.serverId, socket.socketId, channel.channelId, subchannel.subchannelId) = (1, 2, 3, 4)
        #expect(try await client.getServer(server).server?.ref?.serverId == 1)
        #expect(try await client.getSocket(socket).socket?.ref?.socketId == 2)
        #expect(try await client.getChannel(channel).channel?.ref?.channelId == 3)
        #expect(try await client.getSubchannel(subchannel).subchannel?.ref?.subchannelId == 4)
        (server.serverId, socket.socketId, channel.channelId, subchannel.subchannelId) = (9, 9, 9, 9)
        var sockets = GrpcChannelzV1.GetServerSocketsRequest()
        sockets.serverId = 9
        var codes: [StatusCode?] = []
        codes.append(await code { try await client.getServer(server) })
        codes.append(await code { try await client.getSocket(socket) })
        codes.append(await code { try await client.getChannel(channel) })
        codes.append(await code { try await client.getSubchannel(subchannel) })
        codes.append(await code { try await client.getServerSockets(sockets) })
        #expect(codes == Array(repeating: .notFound, count: 5))
    }

    private func code<Value>(_ body: () async throws -> Value) async -> StatusCode? {
        do {
            _ = try await body()
            return nil
        } catch {
            return (error as? RPCError)?.code
        }
    }
}

/// Says what a test told it to.
struct FixedSource: ChannelzSource {
    var serverNumbers: [Int64] = []
    var socketNumbers: [Int64] = []
    var channelNumbers: [Int64] = []
    var subchannelNumbers: [Int64] = []

    func servers() async -> [GrpcChannelzV1.Server] {
        serverNumbers.map { number in
            var server = GrpcChannelzV1.Server()
            var ref = GrpcChannelzV1.ServerRef()
            ref.serverId = number
            server.ref = ref
            return server
        }
    }

    func topChannels() async -> [GrpcChannelzV1.Channel] {
        channelNumbers.map { number in
            var channel = GrpcChannelzV1.Channel()
            var ref = GrpcChannelzV1.ChannelRef()
            ref.channelId = number
            channel.ref = ref
            return channel
        }
    }

    func channel(_ number: Int64) async -> GrpcChannelzV1.Channel? {
        await topChannels().first { $0.ref?.channelId == number }
    }

    func subchannel(_ number: Int64) async -> GrpcChannelzV1.Subchannel? {
        guard subchannelNumbers.contains(number) else { return nil }
        var subchannel = GrpcChannelzV1.Subchannel()
        var ref = GrpcChannelzV1.SubchannelRef()
        ref.subchannelId = number
        subchannel.ref = ref
        return subchannel
    }

    func sockets(ofServer number: Int64) async -> [GrpcChannelzV1.SocketRef]? {
        guard number == 1 else { return nil }
        return socketNumbers.map { number in
            var ref = GrpcChannelzV1.SocketRef()
            ref.socketId = number
            return ref
        }
    }

    func socket(_ number: Int64) async -> GrpcChannelzV1.Socket? {
        guard socketNumbers.contains(number) else { return nil }
        var socket = GrpcChannelzV1.Socket()
        var ref = GrpcChannelzV1.SocketRef()
        ref.socketId = number
        socket.ref = ref
        return socket
    }
}
