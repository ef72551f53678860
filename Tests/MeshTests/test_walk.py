"""The mesh walks: from a REST request to a row and back, over two sidecars, and it survives a killed replica."""
import concurrent.futures
import json
import os
import signal
import subprocess
import threading


def create(mesh, title="Tiếng Việt 1", **fields):
    status, course, _ = mesh.call("POST", "/v1/courses", {"title": title, **fields})
    assert status == 200, course
    return course


def test_a_created_course_is_found_by_rest_by_the_command_line_and_in_the_database(mesh):
    course = create(mesh, lessons=[{"title": "Chào hỏi", "text": "Xin chào"}], labels={"lang": "vi"})
    assert course["title"] == "Tiếng Việt 1" and course["id"] and course["etag"]
    status, again, headers = mesh.call("GET", f"/v1/courses/{course['id']}")
    assert (status, again) == (200, course)
    assert headers["x-request-id"]
    done = mesh.weft("call", "--state", str(mesh.state), "learn.course.v1.CourseService/GetCourse",
                     "-d", json.dumps({"id": course["id"]}))
    assert json.loads(done.stdout) == course
    url = json.loads((mesh.state / "mesh.json").read_text())["databases"]["course"]
    rows = subprocess.run(["psql", url, "-Atc", f"select title from courses where id::text = '{course['id']}'"],
                          capture_output=True, text=True)
    assert rows.stdout.strip() == "Tiếng Việt 1", rows.stderr


def test_the_command_line_calls_with_its_own_mesh_identity(mesh):
    course = create(mesh)
    done = mesh.weft("call", "--state", str(mesh.state), "--as", "weft-cli", "learn.course.v1.CourseService/GetCourse",
                     "-d", json.dumps({"id": course["id"]}))
    assert json.loads(done.stdout)["id"] == course["id"]


def test_list_and_describe_know_the_contracts(mesh):
    listed = mesh.weft("list", "--state", str(mesh.state)).stdout.split()
    assert "learn.course.v1.CourseService" in listed and "learn.progress.v1.ProgressService" in listed
    described = mesh.weft("describe", "--state", str(mesh.state), "learn.course.v1.CourseService").stdout
    assert "rpc GetCourse(learn.course.v1.GetCourseRequest) returns (learn.course.v1.Course)" in described


def test_pages_update_with_etag_and_soft_delete(mesh):
    made = [create(mesh, f"page {i}") for i in range(3)]
    seen, token = [], ""
    while True:
        status, page, _ = mesh.call("GET", f"/v1/courses?page_size=2&page_token={token}")
        assert status == 200
        seen += [c["id"] for c in page.get("courses", [])]
        token = page.get("nextPageToken", "")
        if not token:
            break
    assert {c["id"] for c in made} <= set(seen) and len(seen) == len(set(seen))
    first = made[0]
    status, updated, _ = mesh.call("PATCH", f"/v1/courses/{first['id']}", {"title": "new", "etag": first["etag"]})
    assert status == 200 and updated["title"] == "new" and updated["etag"] != first["etag"]
    status, error, _ = mesh.call("PATCH", f"/v1/courses/{first['id']}", {"title": "x", "etag": first["etag"]})
    assert (status, error["status"]) == (409, "ABORTED")
    assert mesh.call("DELETE", f"/v1/courses/{first['id']}")[0] == 200
    assert mesh.call("GET", f"/v1/courses/{first['id']}")[0] == 404
    url = json.loads((mesh.state / "mesh.json").read_text())["databases"]["course"]
    rows = subprocess.run(["psql", url, "-Atc", f"select count(*) from courses where id::text = '{first['id']}'"],
                          capture_output=True, text=True)
    assert rows.stdout.strip() == "1", "a soft delete keeps the row"


def test_progress_asks_the_course_service_over_the_mesh(mesh):
    course = create(mesh, lessons=[{"title": "one", "text": "x"}, {"title": "two", "text": "y"}])
    lesson = course["lessons"][0]["id"]
    path = f"/v1/learners/ana/courses/{course['id']}"
    status, progress, _ = mesh.call("POST", f"{path}/lessons/{lesson}:record", {})
    assert status == 200, progress
    assert progress["lessonsTotal"] == 2 and [x["lessonId"] for x in progress["lessons"]] == [lesson]
    assert mesh.call("GET", f"{path}/progress")[1] == progress
    status, error, _ = mesh.call("POST", f"{path}/lessons/nothing:record", {})
    assert status in (400, 404), error


def test_a_watch_streams_changes_made_at_either_replica(mesh):
    import urllib.request
    reply = urllib.request.urlopen(f"http://{mesh.edge}/v1/courses:watch", timeout=20)
    assert reply.headers["content-type"] == "application/x-ndjson"
    lines = []
    ready = threading.Event()

    def read():
        for line in reply:
            lines.append(json.loads(line))
            ready.set()

    threading.Thread(target=read, daemon=True).start()
    titles = [f"watched {i}" for i in range(6)]
    for title in titles:
        create(mesh, title)
    while {x["course"]["title"] for x in lines} < set(titles):
        ready.clear()
        assert ready.wait(10), f"only {lines}"
    reply.fp.raw._sock.shutdown(2) if hasattr(reply.fp, "raw") else reply.close()


def test_one_request_id_stands_in_every_log_on_the_way(mesh):
    course = create(mesh)
    mesh.call("GET", f"/v1/courses/{course['id']}", headers={"x-request-id": "walk-abcdef123456"})
    logs = {name for name in ("edge", "edge-sidecar", "course-1-sidecar", "course-2-sidecar", "course-1", "course-2")
            if "walk-abcdef123456" in mesh.log(name)}
    assert {"edge", "edge-sidecar"} <= logs
    assert logs & {"course-1-sidecar", "course-2-sidecar"} and logs & {"course-1", "course-2"}, logs


def test_health_status_and_metrics_are_served(mesh):
    assert mesh.call("GET", "/health")[0] == 200
    status, services, _ = mesh.call("GET", "/services/status")
    assert status == 200 and "course" in json.dumps(services)
    import urllib.request
    for admin in (mesh.edge_admin, mesh.control_admin, f"127.0.0.1:{mesh.sidecars + 51}"):
        assert urllib.request.urlopen(f"http://{admin}/ready").status == 200
        assert urllib.request.urlopen(f"http://{admin}/live").status == 200
        assert "# TYPE" in urllib.request.urlopen(f"http://{admin}/metrics").read().decode()


def test_a_killed_replica_loses_no_request_and_comes_back(mesh):
    course = create(mesh)
    path = f"/v1/courses/{course['id']}"
    before = mesh.pid("course-1")
    seen = len(mesh.lines)
    started = threading.Barrier(2)

    def get(index):
        if index == 200:
            started.wait(10)
        return mesh.call("GET", path)[0]

    def kill():
        started.wait(10)
        os.kill(before, signal.SIGKILL)

    threading.Thread(target=kill).start()
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        statuses = list(pool.map(get, range(1000)))
    assert statuses.count(200) == 1000, {s: statuses.count(s) for s in set(statuses)}
    mesh.wait_for(r"course-1: ready pid \d+", 30, after=seen)
    assert mesh.pid("course-1") != before
