"""An API of pages, as `http_peers.py` reads it: a table as JSON, 1,000 records a page, behind nginx, and in
front of that toxiproxy, if answers are to come later.

`/people` is the first page, `/people?page=2` the second, and so on; behind the last, pages are empty. A page is
`{"data": [...], "next": "/people?page=3", "total": 1000000}`; the last has `null` for `next`.
"""

import contextlib
import grp
import itertools
import json
import os
import pathlib
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator

import verify
from measure import ROOT
from peers import arrow_types, header_of
from stored import lines
from tables import json_types, types_of

RECORDS = 1000  # of a page
LATENCY_MS = 20
NGINX = shutil.which("nginx") or "/usr/sbin/nginx"
TOXIPROXY = ROOT / ".cache" / "services" / "bin" / "toxiproxy"

# Its workers are its user's, whose folders they read.
CONFIG = """
user {user} {group};
daemon off; worker_processes 1; pid nginx.pid; error_log error.log;
events {{ worker_connections 256; }}
http {{
  access_log off; sendfile on; tcp_nopush on; keepalive_requests 1000000;
  client_body_temp_path t1; proxy_temp_path t2; fastcgi_temp_path t3; uwsgi_temp_path t4; scgi_temp_path t5;
  default_type application/json;
  map $arg_page $page {{ default $arg_page; "" 1; }}
  server {{
    listen 127.0.0.1:{port};
    root {pages};
    location = /{table} {{ try_files /$page.json /behind.json =404; }}
  }}
}}
"""


def pages_of(table: str, source: pathlib.Path) -> pathlib.Path:
    """The folder with the pages of a CSV file, made unless it is there, and read once."""
    folder = source.with_suffix(".pages")
    if not folder.exists():
        partial = source.with_suffix(".making")
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir()
        write_pages(table, source, partial)
        partial.rename(folder)
    for path in folder.iterdir():
        path.read_bytes()
    return folder


def write_pages(table: str, source: pathlib.Path, folder: pathlib.Path) -> None:
    types = arrow_types(json_types(types_of(table, header_of(str(source)))))
    total = sum(batch.num_rows for batch in verify.csv_batches(source, types))
    num_pages = -(-total // RECORDS)
    records = lines(verify.csv_batches(source, types))

    def write(name: str, number: int, text: str) -> None:
        following = json.dumps(f"/{table}?page={number + 1}" if number < num_pages else None)
        (folder / name).write_text(f'{{"data":[{text}],"next":{following},"total":{total}}}', encoding="utf-8")

    for number in range(1, num_pages + 1):
        write(f"{number}.json", number, ",".join(itertools.islice(records, RECORDS)))
    write("behind.json", num_pages, "")


def size_of(folder: pathlib.Path) -> int:
    return sum(path.stat().st_size for path in folder.iterdir())


# ---- The servers


def absent(has_latency: bool) -> str:
    """The server that is not installed, if one is needed that is not."""
    needed = [NGINX, *([str(TOXIPROXY)] if has_latency else [])]
    return next((program for program in needed if not os.path.exists(program)), "")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def is_answering(url: str) -> bool:
    try:
        urllib.request.urlopen(url, timeout=10).close()
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False
    return True


@contextlib.contextmanager
def running(command: list[str], url: str) -> Iterator[None]:
    """The server, from when it answers at `url` on."""
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        try:
            deadline = time.monotonic() + 30
            while not is_answering(url):
                if process.poll() is not None or time.monotonic() > deadline:
                    log.seek(0)
                    raise RuntimeError(f"{command[0]} did not start: {log.read().decode()[-2000:]}")
                time.sleep(0.02)
            yield
        finally:
            process.terminate()
            process.wait()


@contextlib.contextmanager
def delayed(port: int) -> Iterator[int]:
    """A port at which the answers of another come LATENCY_MS later."""
    control, delayed_port = free_port(), free_port()
    url = f"http://127.0.0.1:{control}"

    def ask(path: str, **body: object) -> None:
        urllib.request.urlopen(urllib.request.Request(url + path, json.dumps(body).encode()), timeout=10).close()

    with running([str(TOXIPROXY), "-host", "127.0.0.1", "-port", str(control)], f"{url}/version"):
        ask("/proxies", name="pages", listen=f"127.0.0.1:{delayed_port}", upstream=f"127.0.0.1:{port}", enabled=True)
        ask("/proxies/pages/toxics", type="latency", stream="downstream", attributes={"latency": LATENCY_MS})
        yield delayed_port


@contextlib.contextmanager
def served(table: str, folder: pathlib.Path, has_latency: bool) -> Iterator[str]:
    """The URL at which the pages are meanwhile."""
    port = free_port()
    with tempfile.TemporaryDirectory() as place, contextlib.ExitStack() as servers:
        (pathlib.Path(place) / "nginx.conf").write_text(CONFIG.format(
            user=pwd.getpwuid(os.getuid()).pw_name, group=grp.getgrgid(os.getgid()).gr_name,
            port=port, pages=folder.resolve(), table=table))
        os.chmod(place, 0o755)
        servers.enter_context(running([NGINX, "-p", place, "-c", "nginx.conf"], f"http://127.0.0.1:{port}/"))
        if has_latency:
            port = servers.enter_context(delayed(port))
        yield f"http://127.0.0.1:{port}/{table}"
