public import MeshAPI
import ProtoWire
public import RPC

/// gRPC channelz: what a process has open and what went over it, for `grpcdebug` and every other client of the contract.
///
/// It tells addresses and numbers of calls, which is for operators: serve it where they alone reach it. Source: gRFC A14;
/// grpc/channelz/v1/channelz.proto.
public struct ChannelzService: GrpcChannelzV1.Channelz {
    /// A page without a wish is this long, and none is longer: a reply of 500 servers is some 100 KiB.
    static let usualPage = 100
    static let longestPage = 500
    private let source: any ChannelzSource

    public init(_ source: any ChannelzSource) {
        self.source = source
    }

    // MARK: Pages

    /// The part of a list that begins at `start`, by number, and whether it is the last one.
    private func page<Item>(
        _ items: [Item], from start: Int64, atMost wish: Int64, number: (Item) -> Int64
    ) throws -> (items: [Item], isLast: Bool) {
        guard start >= 0, wish >= 0 else {
            throw RPCError(.invalidArgument, "a page begins at a number of 0 or more, and has a length of 0 or more")
        }
        let limit = wish == 0 ? Self.usualPage : Int(clamping: min(wish, Int64(Self.longestPage)))
        let rest = items.filter { number($0) >= start }.sorted { number($0) < number($1) }
        return (Array(rest.prefix(limit)), rest.count <= limit)
    }

    private func unknown(_ kind: String, _ number: Int64) -> RPCError {
        RPCError(.notFound, "there is no \(kind) \(number), or no longer")
    }

    // MARK: The contract

    public func getTopChannels(
        _ request: GrpcChannelzV1.GetTopChannelsRequest, in call: Call
    ) async throws -> GrpcChannelzV1.GetTopChannelsResponse {
        var reply = GrpcChannelzV1.GetTopChannelsResponse()
        (reply.channel, reply.end) = try page(
            await source.topChannels(), from: request.startChannelId, atMost: request.maxResults
        ) { $0.ref?.channelId ?? 0 }
        return reply
    }

    public func getServers(
        _ request: GrpcChannelzV1.GetServersRequest, in call: Call
    ) async throws -> GrpcChannelzV1.GetServersResponse {
        var reply = GrpcChannelzV1.GetServersResponse()
        (reply.server, reply.end) = try page(
            await source.servers(), from: request.startServerId, atMost: request.maxResults
        ) { $0.ref?.serverId ?? 0 }
        return reply
    }

    public func getServer(
        _ request: GrpcChannelzV1.GetServerRequest, in call: Call
    ) async throws -> GrpcChannelzV1.GetServerResponse {
        guard let server = await source.servers().first(where: { $0.ref?.serverId == request.serverId }) else {
            throw unknown("server", request.serverId)
        }
        var reply = GrpcChannelzV1.GetServerResponse()
        reply.server = server
        return reply
    }

    public func getServerSockets(
        _ request: GrpcChannelzV1.GetServerSocketsRequest, in call: Call
    ) async throws -> GrpcChannelzV1.GetServerSocketsResponse {
        guard let sockets = await source.sockets(ofServer: request.serverId) else {
            throw unknown("server", request.serverId)
        }
        var reply = GrpcChannelzV1.GetServerSocketsResponse()
        (reply.socketRef, reply.end) = try page(
            sockets, from: request.startSocketId, atMost: request.maxResults
        ) { $0.socketId }
        return reply
    }

    public func getChannel(
        _ request: GrpcChannelzV1.GetChannelRequest, in call: Call
    ) async throws -> GrpcChannelzV1.GetChannelResponse {
        guard let channel = await source.channel(request.channelId) else {
            throw unknown("channel", request.channelId)
        }
        var reply = GrpcChannelzV1.GetChannelResponse()
        reply.channel = channel
        return reply
    }

    public func getSubchannel(
        _ request: GrpcChannelzV1.GetSubchannelRequest, in call: Call
    ) async throws -> GrpcChannelzV1.GetSubchannelResponse {
        guard let subchannel = await source.subchannel(request.subchannelId) else {
            throw unknown("subchannel", request.subchannelId)
        }
        var reply = GrpcChannelzV1.GetSubchannelResponse()
        reply.subchannel = subchannel
        return reply
    }

    public func getSocket(
        _ request: GrpcChannelzV1.GetSocketRequest, in call: Call
    ) async throws -> GrpcChannelzV1.GetSocketResponse {
        guard let socket = await source.socket(request.socketId) else { throw unknown("socket", request.socketId) }
        var reply = GrpcChannelzV1.GetSocketResponse()
        reply.socket = socket
        return reply
    }
}
