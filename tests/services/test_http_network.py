"""What stands between us and a server: names, addresses, proxies, TLS, clocks, broken answers."""

import gzip
import json
import random
import socket
import ssl
import subprocess
import threading
import time

import polars as pl
import pytest
from conftest import environment
from .name_server import NameServer
from .scripted_server import Answer, ScriptedServer
from .test_scripted_pages import FAST, items, linked, rows_of


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "0x7f000001", "2130706433", "127.1", "[::ffff:127.0.0.1]", "0.0.0.0"]
)
def test_deny_private_looks_at_the_address_and_not_at_its_spelling(polarway, scripted, host):
    scripted.on(linked(1))
    url = f"http://{host}:{scripted.port}/x"
    assert rows_of(polarway, url).height == 10
    scripted.requests.clear()
    run = polarway("stream", url, "-o", "deny_private=true", exits=2)
    assert "private address" in run.err
    assert scripted.requests == [] and scripted.connections == 1


def test_the_time_for_a_request_holds_for_all_its_tries_together(polarway, scripted):
    url = scripted.on(lambda request: Answer(status=503, headers={"Retry-After": "1"}))
    settings = ("-o", "total_timeout_ms=2500", "-o", "retry_attempts=100")
    begin = time.monotonic()
    run = polarway("stream", url + "/x", *settings, exits=5)
    assert 1.5 < time.monotonic() - begin < 4
    assert "within 2500 ms, in 3 tries; the last: the server answered with status 503" in run.err
    assert len(scripted.requests) == 3


def test_the_time_for_a_request_ends_a_slow_answer(polarway, scripted):
    url = scripted.on(lambda request: Answer(items(1, 1000), drip=0.01))
    begin = time.monotonic()
    run = polarway("stream", url + "/x", *FAST, "-o", "total_timeout_ms=1200", exits=5)
    assert time.monotonic() - begin < 3
    assert "total_timeout_ms" in run.err


@pytest.mark.parametrize(
    ("code", "said"),
    [
        pytest.param(None, "no connection within 700 ms", id="silence"),
        pytest.param(2, "Could not resolve host", id="SERVFAIL"),
        pytest.param(3, "Could not resolve host", id="NXDOMAIN"),
    ],
)
def test_a_name_server_that_fails_is_an_error_within_the_time_to_connect(polarway, tmp_path, code, said):
    names = NameServer(tmp_path, code)
    settings = ("-o", "timeout_ms=700", "-o", "retry_attempts=0")
    begin = time.monotonic()
    try:
        run = polarway("stream", "http://polarway.example/x", *settings, preexec_fn=names.enter, exits=5)
    finally:
        names.stop()
    assert time.monotonic() - begin < 2
    assert names.questions > 0 and said in run.err and "polarway.example" in run.err


# ---- Proxies


@pytest.fixture
def proxy():
    server = ScriptedServer()
    yield server
    server.stop()


def test_a_proxy_is_asked_for_the_whole_url(polarway, scripted, proxy):
    proxy.on(lambda request: Answer(items(1, 3)))
    url = "http://example.invalid/x?a=1"
    assert rows_of(polarway, url, "-o", f"proxy={proxy.url}").height == 3
    assert proxy.requests[0].target == url


def test_the_proxy_of_the_environment_is_used_except_for_no_proxy(polarway, scripted, proxy):
    proxy.on(lambda request: Answer(items(1, 3)))
    scripted.on(lambda request: Answer(items(1, 5)))
    for settings, rows in (({}, 3), ({"no_proxy": "127.0.0.1"}, 5)):
        run = polarway(
            "count", scripted.url + "/x", env=environment(http_proxy=proxy.url, **settings)
        )
        assert run.out.strip() == str(rows)


def test_a_proxy_that_wants_a_password_is_an_auth_error_without_secrets(polarway, proxy):
    proxy.on(lambda request: Answer(status=407, headers={"Proxy-Authenticate": "Basic realm=x"}))
    url = proxy.url.replace("http://", "http://me:geheim@")
    run = polarway("stream", "http://example.invalid/x", *FAST, "-o", f"proxy={url}", exits=4)
    assert "status 407" in run.err and "proxy" in run.err
    assert "geheim" not in run.err
    assert proxy.requests[0].headers["proxy-authorization"].startswith("Basic ")


def test_a_proxy_that_makes_no_tunnel_is_a_network_error(polarway, proxy):
    proxy.on(lambda request: Answer(status=403))
    url = proxy.url.replace("http://", "http://me:geheim@")
    settings = (*FAST, "-o", f"proxy={url}", "-o", "retry_attempts=1")
    run = polarway("stream", "https://example.invalid/x", *settings, exits=5)
    assert {request.method for request in proxy.requests} == {"CONNECT"}
    assert "403" in run.err and "geheim" not in run.err


# ---- Answers


def test_http2_connections_that_the_server_ends_lose_no_page(polarway, tls, rows):
    run = polarway(
        "stream", f"{tls.url}/static/page-1.json", *FAST, "-o", f"ca_file={tls.ca}", "--to", "out.ndjson"
    )
    assert run.code == 0
    lines = (polarway.folder / "out.ndjson").read_text().splitlines()
    assert [json.loads(line)["id"] for line in lines] == [row["id"] for row in rows]


def test_http2_streams_that_the_server_resets_lose_no_record(polarway, http2):
    """Every third page is refused the first time, every third is reset in its middle."""
    settings = (*FAST, "-o", f"ca_file={http2.ca}", "--to", "out.ndjson", "--stats", "json")
    run = polarway("stream", http2.url + "/pages", *settings)
    lines = (polarway.folder / "out.ndjson").read_text().splitlines()
    assert [json.loads(line)["id"] for line in lines] == list(range(2000))
    assert run.stats["retries"] == 6  # of those that are reset; libcurl repeats what was refused


@pytest.mark.parametrize("page", [2, 3])
def test_an_http2_stream_that_is_reset_for_ever_is_a_network_error(polarway, http2, page):
    url = f"{http2.url}/broken?page={page}"
    run = polarway("stream", url, *FAST, "-o", f"ca_file={http2.ca}", "-o", "retry_attempts=2", exits=5)
    assert f"broken?page={page}" in run.err


def test_an_http2_stream_that_stands_still_is_a_timeout(polarway, http2):
    settings = (*FAST, "-o", f"ca_file={http2.ca}", "-o", "timeout_ms=500", "-o", "retry_attempts=0")
    begin = time.monotonic()
    run = polarway("stream", http2.url + "/stall", *settings, exits=5)
    assert time.monotonic() - begin < 5
    assert "came within 500 ms" in run.err


@pytest.mark.parametrize(
    ("key", "days", "newest", "exits", "said"),
    [
        pytest.param("rsa:2048", -1, ssl.TLSVersion.TLSv1_3, 4, "certificate has expired", id="expired"),
        pytest.param("rsa:1024", 2, ssl.TLSVersion.TLSv1_3, 4, "key too weak", id="weak key"),
        pytest.param("rsa:2048", 2, ssl.TLSVersion.TLSv1, 5, "older than what is still safe", id="TLS 1.0"),
    ],
)
@pytest.mark.filterwarnings("ignore:ssl.TLSVersion")
def test_tls_that_protects_nothing_is_refused(polarway, tmp_path, key, days, newest, exits, said):
    make_certificate(tmp_path, key, days)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.minimum_version, context.maximum_version = ssl.TLSVersion.TLSv1, newest
    context.load_cert_chain(tmp_path / "cert.pem", tmp_path / "key.pem")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=shake_hands, args=(listener, context), daemon=True).start()
        url = f"https://127.0.0.1:{listener.getsockname()[1]}/x"
        settings = ("-o", f"ca_file={tmp_path / 'cert.pem'}", "-o", "retry_attempts=0")
        run = polarway("stream", url, *settings, exits=exits)
    assert said in run.err and url in run.err


def make_certificate(folder, key, days):
    """One that signs itself, in cert.pem and key.pem; with negative `days` it has expired."""
    for command in (
        f"req -newkey {key} -nodes -keyout key.pem -out asked.pem -subj /CN=127.0.0.1 "
        "-addext subjectAltName=IP:127.0.0.1",
        f"x509 -req -in asked.pem -signkey key.pem -days {days} -copy_extensions copy -out cert.pem",
    ):
        subprocess.run(["openssl", *command.split()], cwd=folder, check=True, capture_output=True)


def shake_hands(listener, context):
    try:
        with context.wrap_socket(listener.accept()[0], server_side=True) as connection:
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]")
    except OSError:
        pass


def test_a_certificate_for_another_host_is_refused(polarway, tls):
    # It names localhost and 127.0.0.1; 127.0.0.2 is the same server.
    options = ("-o", f"ca_file={tls.ca}", "-o", "retry_attempts=0")
    with socket.create_server(("127.0.0.2", 0)) as listener:
        port = listener.getsockname()[1]
        threading.Thread(target=pipe, args=(listener, tls.port), daemon=True).start()
        run = polarway("stream", f"https://127.0.0.2:{port}/static/data.json", *options, exits=4)
    assert "certificate is not trusted" in run.err and "127.0.0.2" in run.err


def pipe(listener, port):
    """Hands one connection on."""
    try:
        connection, _ = listener.accept()
    except OSError:
        return
    other = socket.create_connection(("127.0.0.1", port))

    def copy(source, target):
        try:
            while data := source.recv(65536):
                target.sendall(data)
        except OSError:
            pass

    threading.Thread(target=copy, args=(other, connection), daemon=True).start()
    copy(connection, other)
    other.close()
    connection.close()


def test_a_server_that_closes_while_we_send_ends_nothing_but_the_request(polarway):
    """A broken pipe is a signal that ends processes that do not mind."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def slam():
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                connection.recv(1)
                connection.close()

        threading.Thread(target=slam, daemon=True).start()
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/x"
        body = json.dumps({"text": "x" * 100_000})
        settings = ("-o", "method=POST", "-o", f"body={body}", "-o", "idempotent=true", "-o", "retry_attempts=2")
        polarway("stream", url, *FAST, *settings, exits=5)


def test_a_bomb_in_a_body_is_refused(polarway, scripted):
    bomb = gzip.compress(b"[" + b" " * 200_000_000 + b"]", 9)
    url = scripted.on(lambda request: Answer(bomb, headers={"Content-Encoding": "gzip"}))
    run = polarway("stream", url + "/x", *FAST, "-o", "max_expansion=100", "--stats", "json", exits=7)
    assert "max_expansion" in run.err


def test_a_body_that_is_packed_twice_is_read_or_refused_and_never_misread(polarway, scripted):
    packed = gzip.compress(gzip.compress(json.dumps(items(1, 3)).encode()))
    url = scripted.on(lambda request: Answer(packed, headers={"Content-Encoding": "gzip, gzip"}))
    run = polarway("stream", url + "/x", *FAST, exits=(0, 7))
    assert "gzip" in run.err if run.code else run.out.count("\n") >= 3


def test_a_body_that_is_said_to_be_packed_and_is_not_is_an_error(polarway, scripted):
    url = scripted.on(lambda request: Answer(items(1, 3), headers={"Content-Encoding": "gzip"}))
    assert "gzip" in polarway("stream", url + "/x", *FAST, exits=7).err


def test_a_page_of_another_schema_is_an_error_that_names_page_and_column(polarway, scripted):
    def handler(request):
        answer = linked(10)(request)
        if request.query.get("page") == "3":
            answer.body["data"][4]["id"] = {"not": "a number"}
        return answer

    url = scripted.on(handler)
    run = polarway("stream", url + "/x", *FAST, "-o", "infer_schema_length=15", exits=7)
    assert "(page 3), row 5" in run.err and "id" in run.err


def test_columns_and_arrays_that_a_page_lacks_are_null(polarway, scripted):
    def handler(request):
        page = int(request.query.get("page", 1))
        rows = [{"id": page, "tags": None}] if page == 2 else [{"id": page, "name": "n", "tags": ["a"]}]
        return Answer({"data": rows, "next": f"?page={page + 1}" if page < 3 else None})

    frame = rows_of(polarway, scripted.on(handler) + "/x")
    assert frame["name"].to_list() == ["n", None, "n"]
    assert frame["tags"].to_list() == [["a"], None, ["a"]]


def faulty(pages, share, seed=5):
    """A handler of pages by number, of whose answers some share fails in one way or another."""
    chance = random.Random(seed)
    lock = threading.Lock()

    def handler(request):
        page = int(request.query["page"])
        good = Answer({"total": pages * 2, "data": items(page * 2, 2)})
        with lock:
            number = chance.random()
            kind = chance.randrange(5)
        if number >= share:
            return good
        text = json.dumps(good.body)
        return [
            Answer(status=503),
            Answer(status=429, headers={"Retry-After": "0"}),
            Answer(raw=b""),
            Answer(text, cut=len(text) // 2),
            Answer(text, cut=10, reset=True),
        ][kind]

    return handler


@pytest.mark.parametrize("pages", [1000, pytest.param(10_000, marks=pytest.mark.long)])
def test_thirty_percent_of_faults_lose_no_record_and_cost_half_as_many_requests(polarway, scripted, pages):
    url = scripted.on(faulty(pages, 0.3))
    options = "pagination=page_number page_size=2 total_path=total max_concurrency=8 retry_attempts=20"
    settings = [part for option in options.split() for part in ("-o", option)]
    polarway("stream", url + "/x", *FAST, *settings, "--to", "out.parquet", timeout=300)
    frame = pl.read_parquet(polarway.folder / "out.parquet")
    assert frame["id"].to_list() == list(range(2, 2 * pages + 2))
    assert len(scripted.requests) <= 1.5 * pages
