"""raw_client.py PORT: the protocols written by hand over http.client and h2, for what clients do not let one see."""
import base64
import gzip
import http.client
import json
import socket
import sys

import h2.config
import h2.connection
import h2.events

PORT = int(sys.argv[1])
GET = "/learn.course.v1.CourseService/GetCourse"
WATCH = "/learn.course.v1.CourseService/WatchCourses"
DUPLEX = "/grpc.testing.TestService/FullDuplexCall"


def envelope(data, flags=0):
    return bytes([flags]) + len(data).to_bytes(4, "big") + data


def envelopes(data):
    while data:
        length = int.from_bytes(data[1:5], "big")
        yield data[0], data[5:5 + length]
        data = data[5 + length:]


def keep_alive():
    """Many requests of all forms, good and bad, on one connection of HTTP/1.1."""
    connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=20)
    for _ in range(3):
        connection.request("POST", GET, json.dumps({"id": "c1"}), {"Content-Type": "application/json"})
        answer = connection.getresponse()
        assert answer.status == 200 and json.load(answer)["title"] == 'Ünder "quotes"'
        connection.request("POST", GET, json.dumps({"id": ""}), {"Content-Type": "application/json"})
        answer = connection.getresponse()
        assert answer.status == 400 and json.load(answer)["code"] == "invalid_argument"
        connection.request("GET", GET + "?encoding=json&message=%7B%22id%22%3A%22c2%22%7D")
        answer = connection.getresponse()
        assert answer.status == 200 and json.load(answer)["id"] == "c2"
        connection.request(
            "POST", GET, gzip.compress(b'{"id":"c3"}'),
            {"Content-Type": "application/json", "Content-Encoding": "gzip", "Accept-Encoding": "gzip"})
        answer = connection.getresponse()
        assert answer.status == 200 and json.load(answer)["id"] == "c3"
        connection.request("GET", "/nothing")
        answer = connection.getresponse()
        assert answer.status == 404 and json.load(answer)["code"] == "unimplemented"
        text = base64.b64encode(envelope(b"\x0a\x02c1"))
        connection.request("POST", GET, text, {"Content-Type": "application/grpc-web-text"})
        answer = connection.getresponse()
        assert answer.getheader("content-type") == "application/grpc-web-text+proto"
        body = answer.read()
        # Pieces are padded one by one, so the text is cut where a piece of its own ends.
        data = b"".join(base64.b64decode(body[at:at + 4]) for at in range(0, len(body), 4))
        (flag, message), (last, trailers) = envelopes(data)
        assert flag == 0 and message.startswith(b"\x0a\x02c1")
        assert last == 0x80 and trailers == b"grpc-status: 0\r\n", trailers
    connection.close()
    print("keep-alive passed")


def as_it_comes():
    """Each message of a stream can be read before the next one is there, and a chunked request is taken."""
    connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=20)
    connection.request(
        "POST", WATCH, iter([envelope(b"{}")[:3], envelope(b"{}")[3:]]),
        {"Content-Type": "application/connect+json"}, encode_chunked=True)
    answer = connection.getresponse()
    parts = list(envelopes(answer.read()))
    assert [flags for flags, _ in parts] == [0, 0, 2] and json.loads(parts[2][1]) == {"metadata": {"x-count": ["2"]}}
    connection.close()
    print("chunked passed")


def ping_pong():
    """Both directions of one stream at once, over HTTP/2."""
    connection = h2.connection.H2Connection(h2.config.H2Configuration(header_encoding="utf-8"))
    plug = socket.create_connection(("127.0.0.1", PORT), timeout=20)
    connection.initiate_connection()
    connection.send_headers(1, [
        (":method", "POST"), (":scheme", "http"), (":path", DUPLEX), (":authority", "test"),
        ("content-type", "application/connect+json")])
    received, head, ended = b"", None, False

    def until(done):
        nonlocal received, head, ended
        while not done():
            plug.sendall(connection.data_to_send())
            for event in connection.receive_data(plug.recv(65536)):
                if isinstance(event, h2.events.ResponseReceived):
                    head = dict(event.headers)
                elif isinstance(event, h2.events.DataReceived):
                    received += event.data
                    connection.acknowledge_received_data(event.flow_controlled_length, 1)
                elif isinstance(event, h2.events.StreamEnded):
                    ended = True
                assert not isinstance(event, (h2.events.StreamReset, h2.events.ConnectionTerminated)), event

    for count, size in enumerate([1, 20, 300], start=1):
        connection.send_data(1, envelope(json.dumps({"responseParameters": [{"size": size}]}).encode()))
        until(lambda: len(list(envelopes(received))) == count)
        body = json.loads(list(envelopes(received))[-1][1])["payload"]["body"]
        assert len(base64.b64decode(body)) == size
    connection.send_data(1, b"", end_stream=True)
    until(lambda: ended)
    assert head[":status"] == "200" and list(envelopes(received))[-1] == (2, b"{}")
    plug.close()
    print("ping-pong passed")


keep_alive()
as_it_comes()
ping_pong()
