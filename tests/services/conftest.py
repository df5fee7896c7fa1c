"""Real servers on loopback, each started when first needed, and one of our own for what none of
them can be made to do. tools/setup_services.sh installs them."""

import grp
import json
import os
import pwd
import shutil
import signal
import socket
import sqlite3
import ssl
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from conftest import ROOT, skip_or_fail
from .scripted_server import ScriptedServer

INSTALLED = ROOT / ".cache" / "services"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def get(url, **options):
    """Of servers of ours, whoever signed their certificates."""
    context = ssl._create_unverified_context()
    request = urllib.request.Request(url, **options)
    with urllib.request.urlopen(request, timeout=10, context=context) as answer:
        return answer.read()


def is_answering(url):
    try:
        get(url)
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False
    return True


class Service:
    """A process that serves at .url, until stop()."""

    def __init__(self, command, port, ready, folder, scheme="http"):
        self.url = f"{scheme}://127.0.0.1:{port}"
        self.port = port
        self.log = folder / "log.txt"
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [str(part) for part in command],
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
                cwd=folder,
                start_new_session=True,
            )
        deadline = time.monotonic() + 60
        while not is_answering(self.url + ready):
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                raise RuntimeError(f"{command[0]} did not start: {self.log.read_text()[-2000:]}")
            time.sleep(0.02)

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                os.killpg(self.process.pid, signal.SIGKILL)
                self.process.wait(10)


def needs(path):
    if not Path(path).exists():
        skip_or_fail(f"{path} is not installed: tools/setup.sh --test does it")
    return path


def module_of(name):
    for folder in ("/usr/lib/nginx/modules", "/usr/share/nginx/modules"):
        if (Path(folder) / name).exists():
            return Path(folder) / name
    return skip_or_fail(f"nginx has no {name}: tools/setup.sh --test installs it")


# Its workers are its user's, whose folders they read.
NGINX = f"""
user {pwd.getpwuid(os.getuid()).pw_name} {grp.getgrgid(os.getgid()).gr_name};
""" + """
load_module {brotli};
load_module {echo};
daemon off; worker_processes 1; pid nginx.pid; error_log error.log;
events {{ worker_connections 256; }}
http {{
  access_log off;
  client_body_temp_path t1; proxy_temp_path t2; fastcgi_temp_path t3; uwsgi_temp_path t4; scgi_temp_path t5;
  types {{ application/json json; text/csv csv; application/x-ndjson ndjson; text/html html; }}
  default_type application/octet-stream;
  map $http_authorization $bearer_ok {{ default 0; "Bearer tok-123" 1; }}
  map "$http_x_api_key$arg_api_key$cookie_api_key" $key_ok {{ default 0; "k-42" 1; }}
  limit_req_zone $server_name zone=rl:1m rate=5r/s; limit_req_status 429;
  gzip_types *; brotli_types *; gzip_min_length 1; brotli_min_length 1;
  server {{
    listen {listen}; server_name localhost;
    location = /healthz {{ return 200 "ok\\n"; }}
    location /static/ {{ alias static/; }}
    location /gzip/ {{ gzip on; alias static/; }}
    location /brotli/ {{ brotli on; alias static/; }}
    location /basic/ {{ auth_basic x; auth_basic_user_file users; alias static/; }}
    location /bearer/ {{ if ($bearer_ok = 0) {{ return 401; }} alias static/; }}
    location /key/ {{ if ($key_ok = 0) {{ return 403; }} alias static/; }}
    location /limited/ {{ limit_req zone=rl burst=2 nodelay; alias static/; error_page 429 @429; }}
    location @429 {{ internal; add_header Retry-After 1 always; return 429 "slow down\\n"; }}
    location /slow/ {{ limit_rate 40k; alias static/; }}
    location /stall {{ default_type application/json; echo '[{{"id":1}},'; echo_flush; echo_sleep 5; echo '{{"id":2}}]'; }}
    location /moved/ {{ return 301 /static/data.json; }}
    location /loop {{ return 302 /loop; }}
    location /elsewhere {{ return 302 http://{other}/data.json; }}
    location /no-ranges/ {{ max_ranges 0; alias static/; }}
  }}
}}
"""


@pytest.fixture(scope="session")
def rows():
    """What the services serve."""
    return [
        {"id": i, "name": f"name {i}", "score": i / 4, "tags": ["a", "b"][: i % 3]}
        for i in range(1, 2001)
    ]


def start_nginx(folder, rows, listening=""):
    program = shutil.which("nginx") or "/usr/sbin/nginx"
    needs(program)
    static = folder / "static"
    static.mkdir()
    (static / "data.json").write_text(json.dumps(rows))
    (static / "data.ndjson").write_text("".join(json.dumps(row) + "\n" for row in rows))
    (static / "data.csv").write_text(
        "id,name,score\n" + "".join(f"{r['id']},{r['name']},{r['score']}\n" for r in rows)
    )
    for page in range(1, 21):
        part = rows[(page - 1) * 100 : page * 100]
        following = f"page-{page + 1}.json" if page < 20 else None
        (static / f"page-{page}.json").write_text(json.dumps({"data": part, "next_url": following}))
    password = subprocess.run(
        ["openssl", "passwd", "-apr1", "pw"], capture_output=True, text=True, check=True
    ).stdout.strip()
    (folder / "users").write_text(f"me:{password}\n")
    port = free_port()
    config = NGINX.format(
        listen=f"127.0.0.1:{port} {listening}",
        other=f"localhost:{port}/static",
        brotli=module_of("ngx_http_brotli_filter_module.so"),
        echo=module_of("ngx_http_echo_module.so"),
    )
    (folder / "nginx.conf").write_text(config)
    scheme = "https" if "ssl" in listening else "http"
    service = Service([program, "-p", folder, "-c", "nginx.conf"], port, "/healthz", folder, scheme)
    service.static = static
    return service


@pytest.fixture(scope="session")
def nginx(tmp_path_factory, rows):
    service = start_nginx(tmp_path_factory.mktemp("nginx"), rows)
    yield service
    service.stop()


@pytest.fixture(scope="session")
def tls(tmp_path_factory, rows):
    """The same with a certificate that only its own authority trusts, in HTTP/2, on connections that
    end with every third request (GOAWAY)."""
    folder = tmp_path_factory.mktemp("tls")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "key.pem", "-out", "cert.pem"]
        + ["-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"],
        cwd=folder,
        check=True,
        capture_output=True,
    )
    settings = "http2 ssl; ssl_certificate cert.pem; ssl_certificate_key key.pem; keepalive_requests 3"
    service = start_nginx(folder, rows, settings)
    service.ca = folder / "cert.pem"
    yield service
    service.stop()


@pytest.fixture(scope="session")
def http2(tmp_path_factory, tls):
    """HTTP/2 whose streams break off, with the certificate of `tls`."""
    folder = tmp_path_factory.mktemp("http2")
    port = free_port()
    service = Service(
        ["node", Path(__file__).parent / "http2_server.mjs", port, tls.ca.with_name("key.pem"), tls.ca],
        port,
        "/ready",
        folder,
        "https",
    )
    service.ca = tls.ca
    yield service
    service.stop()


@pytest.fixture(scope="session")
def datasette(tmp_path_factory):
    python = needs(INSTALLED / "datasette" / "bin" / "python")
    folder = tmp_path_factory.mktemp("datasette")
    with sqlite3.connect(folder / "data.db") as data:
        data.execute("create table items (id integer primary key, name text, score real)")
        data.executemany(
            "insert into items values (?, ?, ?)", ((i, f"name {i}", i / 4) for i in range(1, 20001))
        )
    (folder / "metadata.json").write_text(
        json.dumps(
            {
                "plugins": {
                    "datasette-auth-tokens": {
                        "tokens": [{"token": "tok-123", "actor": {"id": "me"}}],
                        "param": "_auth_token",
                    }
                },
                "allow": {"id": "me"},
            }
        )
    )
    port = free_port()
    service = Service(
        [python, "-m", "datasette", "serve", "-h", "127.0.0.1", "-p", port, "data.db"]
        + ["-m", "metadata.json", "--setting", "max_returned_rows", "1000"]
        + ["--setting", "allow_csv_stream", "on"],
        port,
        "/-/versions.json",
        folder,
    )
    yield service
    service.stop()


@pytest.fixture(scope="session")
def json_server(tmp_path_factory, rows):
    program = needs(INSTALLED / "node" / "node_modules" / "json-server" / "lib" / "cli" / "bin.js")
    folder = tmp_path_factory.mktemp("json-server")
    (folder / "db.json").write_text(json.dumps({"items": rows}))
    port = free_port()
    service = Service(
        ["node", program, "--host", "127.0.0.1", "--port", port, "--read-only", "--quiet", "db.json"],
        port,
        "/items/1",
        folder,
    )
    yield service
    service.stop()


@pytest.fixture(scope="session")
def oidc(tmp_path_factory):
    needs(INSTALLED / "node" / "node_modules" / "oidc-provider")
    folder = tmp_path_factory.mktemp("oidc")
    port = free_port()
    service = Service(
        ["node", Path(__file__).parent / "oidc_server.mjs", port, INSTALLED / "node" / "node_modules"],
        port,
        "/.well-known/openid-configuration",
        folder,
    )
    yield service
    service.stop()


@pytest.fixture(scope="session")
def httpbin(tmp_path_factory):
    program = needs(INSTALLED / "bin" / "go-httpbin")
    port = free_port()
    service = Service(
        [program, "-host", "127.0.0.1", "-port", port], port, "/get", tmp_path_factory.mktemp("httpbin")
    )
    yield service
    service.stop()


class Wiremock(Service):
    def stub(self, **mapping):
        get(
            self.url + "/__admin/mappings",
            data=json.dumps(mapping).encode(),
            headers={"Content-Type": "application/json"},
            method="POST",
        )


@pytest.fixture(scope="session")
def wiremock_process(tmp_path_factory):
    jar = needs(INSTALLED / "jars" / "wiremock-standalone.jar")
    folder = tmp_path_factory.mktemp("wiremock")
    port = free_port()
    service = Wiremock(
        ["java", "-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-jar", jar]
        + ["--bind-address", "127.0.0.1", "--port", port, "--root-dir", folder / "root"]
        + ["--disable-banner", "--global-response-templating", "--no-request-journal"],
        port,
        "/__admin/health",
        folder,
    )
    yield service
    service.stop()


@pytest.fixture
def wiremock(wiremock_process):
    get(wiremock_process.url + "/__admin/reset", method="POST")
    return wiremock_process


class Toxiproxy(Service):
    def proxy(self, upstream_port, *toxics):
        """A way to a port of ours, with toxics on it; its URL."""
        port = free_port()
        name = f"p{port}"
        self.post(
            "/proxies",
            {
                "name": name,
                "listen": f"127.0.0.1:{port}",
                "upstream": f"127.0.0.1:{upstream_port}",
                "enabled": True,
            },
        )
        for toxic in toxics:
            self.post(f"/proxies/{name}/toxics", toxic)
        return f"http://127.0.0.1:{port}"

    def post(self, path, body):
        get(self.url + path, data=json.dumps(body).encode(), method="POST")


@pytest.fixture(scope="session")
def toxiproxy(tmp_path_factory):
    program = needs(INSTALLED / "bin" / "toxiproxy")
    port = free_port()
    service = Toxiproxy(
        [program, "-host", "127.0.0.1", "-port", port], port, "/version", tmp_path_factory.mktemp("toxiproxy")
    )
    yield service
    service.stop()


@pytest.fixture
def scripted():
    server = ScriptedServer()
    yield server
    server.stop()
