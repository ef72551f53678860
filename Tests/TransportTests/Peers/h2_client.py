"""Sends one request over TLS 1.3 with a client certificate, by Python's ssl and h2, and prints what came back."""

import socket
import ssl
import sys

import h2.config
import h2.connection
import h2.events

port, chain, key, roots, name = int(sys.argv[1]), *sys.argv[2:6]
context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
context.minimum_version = ssl.TLSVersion.TLSv1_3
context.load_cert_chain(chain, key)
context.load_verify_locations(roots)
context.set_alpn_protocols(["h2"])
stream = context.wrap_socket(socket.create_connection(("127.0.0.1", port)), server_hostname=name)
print("alpn", stream.selected_alpn_protocol(), stream.version())
connection = h2.connection.H2Connection(h2.config.H2Configuration(header_encoding="utf-8"))
connection.initiate_connection()
body = bytes(range(256)) * 400
connection.send_headers(1, [(":method", "POST"), (":scheme", "https"), (":authority", name), (":path", "/echo")])
stream.sendall(connection.data_to_send())
sent = received = b""
ended = False
while not ended:
    room = min(connection.local_flow_control_window(1), connection.max_outbound_frame_size, len(body) - len(sent))
    if room > 0:
        connection.send_data(1, body[len(sent) : len(sent) + room], end_stream=len(sent) + room == len(body))
        sent += body[len(sent) : len(sent) + room]
        stream.sendall(connection.data_to_send())
        continue
    for event in connection.receive_data(stream.recv(65536)):
        if isinstance(event, h2.events.ResponseReceived):
            print("status", dict(event.headers)[":status"])
        elif isinstance(event, h2.events.DataReceived):
            received += event.data
            connection.acknowledge_received_data(event.flow_controlled_length, 1)
        elif isinstance(event, h2.events.TrailersReceived):
            print("trailers", dict(event.headers))
        elif isinstance(event, h2.events.StreamEnded):
            ended = True
        elif isinstance(event, (h2.events.StreamReset, h2.events.ConnectionTerminated)):
            sys.exit(f"the exchange broke off: {event}")
    stream.sendall(connection.data_to_send())
print("same", received == body)
