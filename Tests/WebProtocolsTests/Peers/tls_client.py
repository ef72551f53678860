"""tls_client.py PORT ROOTS: one port over TLS, where ALPN chooses between HTTP/2 and HTTP/1.1."""
import http.client
import json
import socket
import ssl
import sys

import grpc
from contracts import method
from pyqwest import HTTPVersion, SyncClient, SyncHTTPTransport

PORT, ROOTS = sys.argv[1:3]
GET = "/learn.course.v1.CourseService/GetCourse"
context = ssl.create_default_context(cafile=ROOTS)
connection = http.client.HTTPSConnection("localhost", int(PORT), context=context, timeout=20)
connection.request("POST", GET, b'{"id":"c1"}', {"Content-Type": "application/json"})
answer = connection.getresponse()
assert answer.status == 200 and json.load(answer)["id"] == "c1"
print("http/1.1", answer.version)
with open(ROOTS, "rb") as roots:
    pem = roots.read()
for version in (HTTPVersion.HTTP1, HTTPVersion.HTTP2, None):
    client = SyncClient(SyncHTTPTransport(tls_ca_cert=pem, http_version=version))
    answer = client.post(f"https://localhost:{PORT}{GET}", {"content-type": "application/json"}, b'{"id":"c2"}')
    assert answer.status == 200 and json.loads(bytes(answer.content))["id"] == "c2"
for offers in (["http/1.1"], ["h2"], ["http/1.1", "h2"]):
    chooser = ssl.create_default_context(cafile=ROOTS)
    chooser.set_alpn_protocols(offers)
    with socket.create_connection(("127.0.0.1", int(PORT)), 20) as plug, chooser.wrap_socket(plug, server_hostname="localhost") as talk:
        print("of", *offers, "it chose", talk.selected_alpn_protocol())
channel = grpc.secure_channel(f"localhost:{PORT}", grpc.ssl_channel_credentials(pem))
_, request, reply = method("learn.course.v1.CourseService/GetCourse")
assert channel.unary_unary(GET, request.SerializeToString, reply.FromString)(request(id="c3"), timeout=20).id == "c3"
print("grpc passed")
