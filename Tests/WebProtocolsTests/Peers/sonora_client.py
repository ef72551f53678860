"""sonora_client.py PORT: sonora, a client of gRPC-Web for Python, over HTTP/1.1."""
import sys

import grpc
import sonora.client
from contracts import method

GET, REQUEST, REPLY = method("learn.course.v1.CourseService/GetCourse")
_, WATCH, EVENT = method("learn.course.v1.CourseService/WatchCourses")
with sonora.client.insecure_web_channel(f"http://127.0.0.1:{sys.argv[1]}") as channel:
    get = channel.unary_unary(
        "/learn.course.v1.CourseService/GetCourse", REQUEST.SerializeToString, REPLY.FromString)
    reply, call = get.with_call(REQUEST(id="c1"), metadata=[("x-echo", "v")])
    assert reply.id == "c1"
    assert dict(call.trailing_metadata())["x-trailing"] == "v", call.trailing_metadata()
    print("unary passed")
    try:
        get(REQUEST(id=""))
        raise AssertionError("an empty id is refused")
    except grpc.RpcError as error:
        assert error.code() == grpc.StatusCode.INVALID_ARGUMENT and error.details() == 'the id is "empty"\n', error
    print("error passed")
    watch = channel.unary_stream(
        "/learn.course.v1.CourseService/WatchCourses", WATCH.SerializeToString, EVENT.FromString)
    assert [event.course.id for event in watch(WATCH())] == ["a", "b"]
    print("stream passed")
