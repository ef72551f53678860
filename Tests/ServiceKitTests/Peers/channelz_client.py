"""channelz_client.py SERVICE ADMIN: what grpcio's own client of channelz is told of a process that it calls."""
import sys

import grpc
from grpc_channelz.v1 import channelz_pb2, channelz_pb2_grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc

service, admin = (grpc.insecure_channel(f"127.0.0.1:{port}") for port in sys.argv[1:3])
health = health_pb2_grpc.HealthStub(service)
for name, count in (("", 3), ("none", 2)):
    for _ in range(count):
        try:
            health.Check(health_pb2.HealthCheckRequest(service=name), timeout=20)
        except grpc.RpcError as error:
            assert error.code() == grpc.StatusCode.NOT_FOUND, error

channelz = channelz_pb2_grpc.ChannelzStub(admin)
servers = channelz.GetServers(channelz_pb2.GetServersRequest(), timeout=20)
assert servers.end and len(servers.server) == 2, servers
server = next(found for found in servers.server if found.ref.name.endswith(":" + sys.argv[1]))
print("calls", server.data.calls_started, server.data.calls_succeeded, server.data.calls_failed)
assert server.data.last_call_started_timestamp.ToSeconds() > 1_700_000_000
first = channelz.GetServers(channelz_pb2.GetServersRequest(max_results=1), timeout=20)
assert not first.end and len(first.server) == 1
rest = channelz.GetServers(channelz_pb2.GetServersRequest(start_server_id=first.server[0].ref.server_id + 1), timeout=20)
assert rest.end and [found.ref for found in rest.server] == [servers.server[1].ref]
same = channelz.GetServer(channelz_pb2.GetServerRequest(server_id=server.ref.server_id), timeout=20).server
assert same.ref == server.ref

listening = channelz.GetSocket(channelz_pb2.GetSocketRequest(socket_id=server.listen_socket[0].socket_id), timeout=20).socket
print("listens", list(listening.local.tcpip_address.ip_address), listening.local.tcpip_address.port == int(sys.argv[1]))
sockets = channelz.GetServerSockets(channelz_pb2.GetServerSocketsRequest(server_id=server.ref.server_id), timeout=20)
assert sockets.end and len(sockets.socket_ref) == 1, sockets
socket = channelz.GetSocket(channelz_pb2.GetSocketRequest(socket_id=sockets.socket_ref[0].socket_id), timeout=20).socket
print("streams", socket.data.streams_started, socket.data.streams_succeeded, socket.data.streams_failed)
assert socket.local.tcpip_address.port == int(sys.argv[1]) and socket.remote.tcpip_address.port > 0
options = {option.name: int(option.value) for option in socket.data.option}
assert options["bytes_sent"] > 100 and options["bytes_received"] > 100 and options["streams_active"] == 0, options

channels = channelz.GetTopChannels(channelz_pb2.GetTopChannelsRequest(), timeout=20)
assert channels.end and len(channels.channel) == 1, channels
channel = channelz.GetChannel(channelz_pb2.GetChannelRequest(channel_id=channels.channel[0].ref.channel_id), timeout=20).channel
print("channel", channel.data.target, channelz_pb2.ChannelConnectivityState.State.Name(channel.data.state.state))
below = channelz.GetSubchannel(
    channelz_pb2.GetSubchannelRequest(subchannel_id=channel.subchannel_ref[0].subchannel_id), timeout=20).subchannel
assert below.data.target == channel.data.target and not below.socket_ref
for ask, request in (
        (channelz.GetServer, channelz_pb2.GetServerRequest(server_id=999_999)),
        (channelz.GetSocket, channelz_pb2.GetSocketRequest(socket_id=999_999)),
        (channelz.GetChannel, channelz_pb2.GetChannelRequest(channel_id=999_999))):
    try:
        ask(request, timeout=20)
        raise AssertionError("there is no such number")
    except grpc.RpcError as error:
        assert error.code() == grpc.StatusCode.NOT_FOUND, error
try:
    channelz_pb2_grpc.ChannelzStub(service).GetServers(channelz_pb2.GetServersRequest(), timeout=20)
    raise AssertionError("the service's own port does not tell")
except grpc.RpcError as error:
    print("service's own port", error.code().name)
