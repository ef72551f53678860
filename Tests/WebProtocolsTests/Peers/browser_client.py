"""browser_client.py OPEN CLOSED: a page in Chromium calls a port that lets pages of other origins in, and one that does not."""
import http.server
import sys
import threading

from playwright.sync_api import sync_playwright

SCRIPT = """
async ([open, closed]) => {
  const lines = [];
  const url = (port, name) => `http://127.0.0.1:${port}/learn.course.v1.CourseService/${name}`;
  const json = (port, id) => fetch(url(port, 'GetCourse'), {
    method: 'POST', headers: {'content-type': 'application/json', 'x-echo': 'v'}, body: JSON.stringify({id})});

  const reply = await json(open, 'c1');
  lines.push(`connect ${reply.status} ${(await reply.json()).title} ${reply.headers.get('trailer-x-trailing')}`);
  const error = await json(open, '');
  lines.push(`error ${error.status} ${(await error.json()).code}`);
  const get = await fetch(url(open, 'GetCourse') + '?encoding=json&message=' + encodeURIComponent('{"id":"c2"}'));
  lines.push(`get ${get.status} ${(await get.json()).id}`);

  const web = (name, body) => fetch(url(open, name), {
    method: 'POST', headers: {'content-type': 'application/grpc-web+proto', 'x-grpc-web': '1'}, body: new Uint8Array(body)});
  const frames = bytes => {
    const found = [];
    for (let at = 0; at < bytes.length;) {
      const length = new DataView(bytes.buffer).getUint32(at + 1);
      found.push([bytes[at], bytes.slice(at + 5, at + 5 + length)]);
      at += 5 + length;
    }
    return found;
  };
  const stream = await web('WatchCourses', [0, 0, 0, 0, 0]);
  const parts = frames(new Uint8Array(await stream.arrayBuffer()));
  const last = new TextDecoder().decode(parts.at(-1)[1]).replaceAll('\\r\\n', ';');
  lines.push(`grpc-web ${parts.map(part => part[0]).join(' ')} ${last}`);
  const refused = await web('GetCourse', [0, 0, 0, 0, 0]);
  lines.push(`grpc-web error ${refused.headers.get('grpc-status')} ${decodeURIComponent(refused.headers.get('grpc-message'))}`);

  for (const [name, call] of [['post', () => json(closed, 'c1')], ['get', () => fetch(url(closed, 'GetCourse'))]]) {
    try { lines.push(`closed ${name} ${(await call()).status}`); } catch (error) { lines.push(`closed ${name} ${error.name}`); }
  }
  return lines;
}
"""


class Page(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("content-type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!doctype html><title>page</title>")

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page)
threading.Thread(target=server.serve_forever, daemon=True).start()
with sync_playwright() as playwright:
    browser = playwright.chromium.launch(
        executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"])
    page = browser.new_page()
    page.goto(f"http://127.0.0.1:{server.server_port}/")
    for line in page.evaluate(SCRIPT, sys.argv[1:3]):
        print(line.strip())
    browser.close()
