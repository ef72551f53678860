"""Bad input gets an error that says what and where, with the right status or exit code."""
import json
import socket
import subprocess

import pytest

from mesh import BIN, TOP, free_block

CASES = [
    ("malformed JSON", "POST", "/v1/courses", b'{"title": ', 400, "INVALID_ARGUMENT", "line 1"),
    ("an unknown field", "POST", "/v1/courses", b'{"titel": "x"}', 400, "INVALID_ARGUMENT", "titel"),
    ("a wrong type", "POST", "/v1/courses", b'{"title": 7}', 400, "INVALID_ARGUMENT", "title"),
    ("a wrong type deep inside", "POST", "/v1/courses", b'{"title":"x","lessons":[{"minutes":"many"}]}', 400,
     "INVALID_ARGUMENT", "lessons[0].minutes"),
    ("an empty title", "POST", "/v1/courses", b'{"title": ""}', 400, "INVALID_ARGUMENT", "title"),
    ("an unknown route", "GET", "/v1/nothing", None, 404, "NOT_FOUND", "/v1/nothing"),
    ("a wrong method", "PUT", "/v1/courses", b"{}", 405, "UNIMPLEMENTED", "PUT"),
    ("a missing row", "GET", "/v1/courses/00000000-0000-7000-8000-000000000000", None, 404, "NOT_FOUND", "00000000"),
    ("an unknown query parameter", "GET", "/v1/courses?pagesize=2", None, 400, "INVALID_ARGUMENT", "pagesize"),
    ("a query parameter of a wrong type", "GET", "/v1/courses?page_size=two", None, 400, "INVALID_ARGUMENT", "page_size"),
    ("a broken page token", "GET", "/v1/courses?page_token=zzz", None, 400, "INVALID_ARGUMENT", "page_token"),
    ("a path that is not UTF-8", "GET", "/v1/courses/%ff", None, 400, "INVALID_ARGUMENT", "%ff"),
]


@pytest.mark.parametrize("name,method,path,body,status,code,mention", CASES, ids=[c[0] for c in CASES])
def test_rest(mesh, name, method, path, body, status, code, mention):
    got, error, headers = mesh.call(method, path, raw=body)
    assert got == status, error
    assert error["status"] == code
    assert mention in error["message"], error
    assert headers["content-type"] == "application/json"
    if status == 405:
        assert "POST" in headers["allow"]


def test_a_body_that_is_too_large_is_413(mesh):
    got, error, _ = mesh.call("POST", "/v1/courses", {"title": "x" * (6 << 20)})
    assert (got, error["status"]) == (413, "RESOURCE_EXHAUSTED")


def test_a_media_type_that_is_not_json_is_415(mesh):
    assert mesh.call("POST", "/v1/courses", raw=b"<a/>", headers={"content-type": "application/xml"})[0] == 415


def test_a_call_of_an_unknown_method_says_so(mesh):
    done = mesh.weft("call", "--state", str(mesh.state), "learn.course.v1.CourseService/GetCours", "-d", "{}", expect=None)
    assert done.returncode != 0 and "GetCourse" in done.stderr


def test_a_broken_mesh_file_is_refused_with_its_lines(tmp_path):
    file = tmp_path / "mesh.yaml"
    file.write_text("services:\n  course:\n    command: course-service\n    replicas: 99\ncontroll: {}\n")
    done = subprocess.run([BIN / "weft", "up", "--file", file], capture_output=True, text=True, cwd=TOP)
    assert done.returncode == 2
    assert f"{file}:3" in done.stderr and f"{file}:4" in done.stderr and "controll" in done.stderr, done.stderr


def test_a_mesh_file_that_is_not_yaml_is_refused_with_its_line(tmp_path):
    file = tmp_path / "mesh.yaml"
    file.write_text("services: [\n")
    done = subprocess.run([BIN / "weft", "up", "--file", file], capture_output=True, text=True, cwd=TOP)
    assert done.returncode == 2 and f"{file}:" in done.stderr, done.stderr


def test_a_port_in_use_is_named(tmp_path):
    ports = free_block(4)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", ports))
        taken.listen()
        tokens = tmp_path / "tokens"
        tokens.write_text("edge 0123456789abcdef\n")
        done = subprocess.run(
            [BIN / "weft-control", "--listen", f"127.0.0.1:{ports}", "--admin", f"127.0.0.1:{ports + 1}",
             "--state-dir", tmp_path / "state", "--join-tokens", tokens], capture_output=True, text=True, timeout=30)
    assert done.returncode == 1 and f"127.0.0.1:{ports}" in done.stderr and "in use" in done.stderr, done.stderr


def test_no_database_is_said_with_what_to_do(tmp_path):
    port = free_block(1)
    done = subprocess.run(
        [BIN / "course-service", "--listen", f"unix:{tmp_path}/s", "--admin", f"127.0.0.1:{port}",
         "--database-url", f"postgres:///course?host={tmp_path}/nowhere&connect_timeout=2"],
        capture_output=True, text=True, timeout=60)
    assert done.returncode == 1 and "database" in done.stderr and "nowhere" in done.stderr, done.stderr


def test_a_contract_with_errors_shows_all_of_them_with_their_places(tmp_path):
    contract = tmp_path / "bad.proto"
    contract.write_text('syntax = "proto3";\npackage bad;\nmessage A {\n  strin name = 1;\n  int32 age = 1;\n}\n')
    done = subprocess.run(
        [BIN / "weft", "generate", "-I", tmp_path, "--out", tmp_path / "out", "bad.proto"],
        capture_output=True, text=True, cwd=TOP)
    assert done.returncode == 1
    assert "bad.proto:4" in done.stderr and "bad.proto:5" in done.stderr, done.stderr
