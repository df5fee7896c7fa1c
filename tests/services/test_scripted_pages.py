"""Pages of a server of our own that does what real ones cannot be made to do."""

import json
import time

import polars as pl
import pytest
from .scripted_server import Answer

FAST = ("-o", "retry_delay_ms=1")


def items(first, count):
    return [{"id": i, "name": f"name {i}"} for i in range(first, first + count)]


def linked(pages, size=10, empty=()):
    """A handler of `pages` pages with a next link in the body."""

    def handler(request):
        page = int(request.query.get("page", 1))
        rows = [] if page in empty else items(page * size, size)
        following = f"?page={page + 1}" if page < pages else None
        return Answer({"data": rows, "next": following})

    return handler


def rows_of(polarway, url, *options):
    polarway("stream", url, *FAST, *options, "--to", "out.parquet")
    return pl.read_parquet(polarway.folder / "out.parquet")


@pytest.mark.parametrize(("given", "fewer"), [((), True), (("-o", "connection_pool_size=2"), False)])
def test_pages_that_come_at_a_time_keep_their_connections(polarway, scripted, given, fewer):
    def handler(request):
        time.sleep(0.01)
        return Answer({"data": items(int(request.query.get("page", 1)), 1), "total": 100})

    url = scripted.on(handler)
    options = "pagination=page_number page_size=1 total_path=total max_concurrency=16"
    options = [word for option in options.split() for word in ("-o", option)]
    assert rows_of(polarway, url + "/x", *options, *given)["id"].to_list() == [*range(1, 101)]
    assert len(scripted.requests) == 100
    assert (scripted.connections <= 16) == fewer


def test_an_empty_page_in_the_middle_is_not_the_end(polarway, scripted):
    url = scripted.on(linked(5, empty={2, 4}))
    assert rows_of(polarway, url + "/x")["id"].to_list() == [
        *range(10, 20),
        *range(30, 40),
        *range(50, 60),
    ]
    assert len(scripted.requests) == 5


def test_a_page_that_leads_to_itself_is_an_error_and_no_endless_loop(polarway, scripted):
    url = scripted.on(lambda request: Answer({"data": items(1, 3), "next": request.target}))
    run = polarway("stream", url + "/x?page=1", exits=7)
    assert "circle" in run.err
    assert len(scripted.requests) == 1


def test_pages_in_a_circle_are_an_error(polarway, scripted):
    url = scripted.on(
        lambda request: Answer({"data": items(1, 3), "next": "?b" if request.target.endswith("a") else "?a"})
    )
    assert "circle" in polarway("stream", url + "/x?a", exits=7).err
    assert len(scripted.requests) == 2


def test_a_token_that_stays_the_same_is_an_error(polarway, scripted):
    url = scripted.on(lambda request: Answer({"data": items(1, 3), "next_cursor": "same"}))
    assert "circle" in polarway("stream", url + "/x", exits=7).err
    assert len(scripted.requests) == 2


@pytest.mark.parametrize(
    "there", ["http://localhost:{port}/x?page=2", "//localhost:{port}/x", "http://127.0.0.1:1/x"]
)
def test_a_next_link_to_another_host_is_refused(polarway, scripted, there):
    there = there.format(port=scripted.port)
    url = scripted.on(lambda request: Answer({"data": items(1, 3), "next": there}))
    run = polarway("stream", url + "/x", exits=2)
    assert "another host" in run.err and "pagination_hosts" in run.err
    assert len(scripted.requests) == 1


def test_a_next_link_to_a_friend_is_followed_with_credentials(polarway, scripted, write):
    token = write("token.json", '{"bearer": {"token": "tok-123"}}')

    def handler(request):
        there = f"http://localhost:{scripted.port}/y"
        return Answer({"data": items(1, 3), "next": there if request.path == "/x" else None})

    url = scripted.on(handler)
    options = ("-o", "pagination_hosts=localhost", "--credentials", token)
    assert rows_of(polarway, url + "/x", *options).height == 6
    assert [request.headers.get("authorization") for request in scripted.requests] == ["Bearer tok-123"] * 2


@pytest.mark.parametrize(
    "credentials",
    [
        {"bearer": {"token": "canary"}},
        {"basic": {"username": "canary", "password": "canary"}},
        {"api_key": {"key": "canary"}},
        {"api_key": {"key": "canary", "name": "key", "in": "query"}},
        {"api_key": {"key": "canary", "in": "cookie"}},
    ],
)
def test_a_redirect_to_another_host_carries_no_credentials(polarway, scripted, write, credentials):
    secret = write("secret.json", json.dumps(credentials))

    def handler(request):
        if request.path == "/x":
            return Answer(status=302, headers={"Location": f"http://localhost:{scripted.port}/y"})
        return Answer(items(1, 3))

    url = scripted.on(handler)
    rows_of(polarway, url + "/x", "--credentials", secret, "-o", "headers=X-Other: canary")
    first, second = scripted.requests
    assert "canary" in str(first) or "Y2FuYXJ5" in str(first)
    assert "canary" not in str(second) and "Y2FuYXJ5" not in str(second)


@pytest.mark.parametrize(
    ("location", "said"),
    [("/x", "more than 10 times"), ("", "without a Location"), ("ftp://h/", "ftp"), ("file:///etc/passwd", "file")],
)
def test_redirects_that_lead_nowhere_are_refused(polarway, scripted, location, said):
    url = scripted.on(lambda request: Answer(status=302, headers={"Location": location}))
    assert said in polarway("stream", url + "/x", exits=1).err


def test_a_body_that_breaks_off_is_asked_for_again_and_no_row_comes_twice(polarway, scripted):
    tries = []

    def handler(request):
        page = int(request.query.get("page", 1))
        answer = linked(4, size=5000)(request)
        tries.append(page)
        if tries.count(page) < 3:  # a third of the body, two thirds, all
            text = json.dumps(answer.body)
            return Answer(text, cut=len(text) * tries.count(page) // 3, reset=page % 2 == 0)
        return answer

    url = scripted.on(handler)
    assert rows_of(polarway, url + "/x")["id"].to_list() == list(range(5000, 25000))
    assert tries == [page for page in range(1, 5) for _ in range(3)]


def test_a_body_without_length_that_breaks_off_is_noticed_and_read_again(polarway, scripted):
    def handler(request):
        first = len(scripted.requests) == 1
        return Answer(items(1, 5000), length=-1, cut=100_000 if first else None)

    url = scripted.on(handler)
    assert rows_of(polarway, url + "/x").height == 5000
    assert len(scripted.requests) == 2


def test_a_page_that_is_another_when_it_is_asked_for_again_is_changed(polarway, scripted):
    def handler(request):
        number = len(scripted.requests)
        return Answer(items(number, 20000), cut=500_000 if number < 4 else None)

    run = polarway("stream", scripted.on(handler) + "/x", *FAST, exits=1)
    assert "its records were others" in run.err


def test_what_breaks_off_for_ever_is_a_network_error(polarway, scripted):
    url = scripted.on(lambda request: Answer(items(1, 100), cut=50))
    run = polarway("stream", url + "/x", *FAST, "-o", "retry_attempts=2", exits=5)
    assert "after 3 tries" in run.err
    assert len(scripted.requests) == 3


def test_statuses_that_pass_are_tried_again_and_counted(polarway, scripted):
    failures = [503, 429, 500, 502, 504, 408, 425]

    def handler(request):
        if len(scripted.requests) <= len(failures):
            return Answer(status=failures[len(scripted.requests) - 1])
        return Answer(items(1, 3))

    url = scripted.on(handler)
    run = polarway("stream", url + "/x", *FAST, "-o", "retry_attempts=7", "--stats", "json")
    assert run.stats["retries"] == 7
    assert run.stats["records_processed"] == 3


@pytest.mark.parametrize(
    ("status", "code"), [(206, 1), (304, 1), (400, 1), (401, 4), (403, 4), (404, 3), (409, 1), (410, 3), (422, 1), (501, 1)]
)
def test_statuses_that_stay_are_not_tried_again(polarway, scripted, status, code):
    url = scripted.on(lambda request: Answer({"error": "why"}, status=status))
    run = polarway("stream", url + "/x?api_key=geheim", *FAST, exits=code)
    assert f"status {status}" in run.err and url in run.err
    assert "geheim" not in run.err
    assert len(scripted.requests) == 1


def test_retry_after_is_waited_for_and_no_row_is_lost(polarway, scripted):
    def handler(request):
        if len(scripted.requests) == 2:
            return Answer(status=429, headers={"Retry-After": "1"})
        return linked(3)(request)

    url = scripted.on(handler)
    begin = time.monotonic()
    assert rows_of(polarway, url + "/x").height == 30
    assert 1 <= time.monotonic() - begin < 5


def test_a_retry_after_of_years_is_cut_short(polarway, scripted):
    url = scripted.on(
        lambda request: Answer(status=429, headers={"Retry-After": "1000000000"})
        if len(scripted.requests) == 1
        else Answer(items(1, 3))
    )
    begin = time.monotonic()
    assert rows_of(polarway, url + "/x", "-o", "retry_max_delay_ms=300").height == 3
    assert time.monotonic() - begin < 5


def test_a_quota_that_is_used_up_is_waited_for_before_a_429(polarway, scripted):
    times = []

    def handler(request):
        times.append(time.monotonic())
        answer = linked(3)(request)
        answer.headers = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1"}
        return answer

    rows_of(polarway, scripted.on(handler) + "/x")
    assert all(later - earlier > 0.9 for earlier, later in zip(times, times[1:], strict=False))


def test_no_more_requests_than_allowed_are_sent(polarway, scripted):
    times = []

    def handler(request):
        times.append(time.monotonic())
        page = int(request.query["page"])
        return Answer({"total": 12, "data": items(page, 1)})

    url = scripted.on(handler)
    options = "pagination=page_number page_size=1 total_path=total max_concurrency=8 requests_per_second=10"
    settings = [part for option in options.split() for part in ("-o", option)]
    assert rows_of(polarway, url + "/x", *settings).height == 12
    assert times[11] - times[0] > 1.05


def test_pages_with_a_known_total_come_several_at_a_time_and_in_order(polarway, scripted):
    import threading

    at_once = []
    inside = 0
    lock = threading.Lock()

    def handler(request):
        nonlocal inside
        with lock:
            inside += 1
            at_once.append(inside)
        time.sleep(0.05)
        page = int(request.query["page"])
        with lock:
            inside -= 1
        return Answer({"total": 200, "data": items(page * 10, 10)})

    url = scripted.on(handler)
    settings = ["-o", "pagination=page_number", "-o", "page_size=10", "-o", "total_path=total"]
    assert rows_of(polarway, url + "/x", *settings)["id"].to_list() == list(range(10, 210))
    assert max(at_once) == 4
    assert len(scripted.requests) == 20


def test_offsets_with_a_known_total_come_several_at_a_time(polarway, scripted):
    def handler(request):
        first, count = int(request.query["offset"]), int(request.query["limit"])
        return Answer({"total": 95, "data": items(first, min(count, 95 - first))})

    url = scripted.on(handler)
    settings = ["-o", "pagination=offset", "-o", "page_size=10", "-o", "total_path=total"]
    assert rows_of(polarway, url + "/x", *settings)["id"].to_list() == list(range(95))
    assert len(scripted.requests) == 10


def test_a_post_is_not_sent_twice_unless_it_may_be(polarway, scripted):
    def handler(request):
        if len(scripted.requests) == 1:
            return Answer(status=503)
        return Answer({"data": items(1, 3), "next": None})

    url = scripted.on(handler)
    post = ("-o", "method=POST", "-o", 'body={"q": 1}')
    run = polarway("stream", url + "/x", *FAST, *post, exits=1)
    assert "idempotent" in run.err
    scripted.requests.clear()
    assert rows_of(polarway, url + "/x", *post, "-o", "idempotent=true").height == 3
    assert [json.loads(request.body) for request in scripted.requests] == [{"q": 1}] * 2


def test_a_cursor_goes_into_the_body_of_a_post(polarway, scripted):
    def handler(request):
        after = json.loads(request.body).get("page", {}).get("after", 0)
        return Answer({"items": items(after, 10), "meta": {"next": after + 10 if after < 30 else None}})

    url = scripted.on(handler)
    options = "method=POST body={} pagination=json_cursor cursor_path=meta.next cursor_in=body cursor_param=page.after"
    settings = [part for option in options.split() for part in ("-o", option)]
    # Tokens come back as they are written in JSON texts.
    scripted.on(
        lambda request: handler(
            type(request)(
                request.method, request.target, request.headers, request.body.replace(b'"after":"', b'"after":').replace(b'0"', b"0")
            )
        )
    )
    assert rows_of(polarway, url + "/x", *settings)["id"].to_list() == list(range(40))


def test_a_cursor_in_a_header_goes_into_the_query(polarway, scripted):
    def handler(request):
        at = int(request.query.get("after", 0))
        return Answer(items(at, 10), headers={"X-Next": str(at + 10)} if at < 20 else {})

    url = scripted.on(handler)
    options = ("-o", "pagination=header_cursor", "-o", "cursor_header=x-next", "-o", "cursor_param=after")
    assert rows_of(polarway, url + "/x", *options)["id"].to_list() == list(range(30))


def test_invalid_json_in_a_later_page_says_page_record_and_byte(polarway, scripted):
    def handler(request):
        answer = linked(9)(request)
        if request.query.get("page") == "7":
            text = json.dumps(answer.body)
            return Answer(text.replace('"name 73"', "broken"))
        return answer

    url = scripted.on(handler)
    run = polarway("stream", url + "/x", exits=7)
    text = json.dumps(linked(9)(type("R", (), {"query": {"page": "7"}})).body)
    byte = text.index('"name 73"')
    assert f"{url}/x?page=7 (page 7), row 4, byte {byte}" in run.err


@pytest.mark.parametrize(
    ("body", "code", "said"),
    [
        ("<html><body>Log in</body></html>", 7, "HTML"),
        ('{"error": "no"}', 0, ""),
        ('{"data": [1, 2', 7, "ends within"),
        ('{"data" [1, 2]}', 7, "not JSON"),
        ('{"data": [{"a": 1}] "b": 2}', 7, "stands where it cannot"),
        ('{"a": [{}], "b": [{}]}', 2, "several arrays"),
        ('[{"a": 1}] x', 7, "something follows"),
        ("id,name\n1,a\n", 7, "not JSON"),
        ('[{"a": "\\ud800"}]', 7, "row 1"),
        (b'[{"a": "\xff"}]', 7, "row 1"),
        ("[" * 1000 + "]" * 1000, 7, "max_depth"),
    ],
)
def test_what_is_no_page_is_refused_by_name(polarway, scripted, body, code, said):
    url = scripted.on(lambda request: Answer(body))
    assert said in polarway("stream", url + "/x", *FAST, exits=code).err


def test_numbers_beyond_64_bits_are_kept(polarway, scripted):
    url = scripted.on(lambda request: Answer('[{"a": 18446744073709551615}, {"a": 9223372036854775808}]'))
    assert rows_of(polarway, url + "/x")["a"].to_list() == [18446744073709551615, 9223372036854775808]
    scripted.on(lambda request: Answer('[{"a": 1}, {"a": 1e400}]'))
    assert rows_of(polarway, url + "/x")["a"].to_list() == ["1", "1e400"]


def test_nested_objects_stay_or_become_columns(polarway, scripted):
    url = scripted.on(lambda request: Answer({"data": [{"a": {"b": 1, "c": {"d": "x"}}}]}))
    assert rows_of(polarway, url + "/x").schema["a"] == pl.Struct({"b": pl.Int64, "c": pl.Struct({"d": pl.String})})
    assert rows_of(polarway, url + "/x", "-o", "flatten=true", "-o", "separator=_").columns == ["a_b", "a_c_d"]


def test_records_path_that_is_null_in_a_page_has_no_records(polarway, scripted):
    url = scripted.on(
        lambda request: Answer(
            {"data": None, "next": "?page=3"} if request.query.get("page") == "2" else linked(3)(request).body
        )
    )
    assert rows_of(polarway, url + "/x").height == 20


def test_no_content_is_no_record(polarway, scripted):
    url = scripted.on(lambda request: Answer(status=204))
    assert polarway("count", url + "/x").out.strip() == "0"


def test_a_slow_drip_is_a_timeout(polarway, scripted):
    url = scripted.on(lambda request: Answer(items(1, 100), drip=0.05))
    begin = time.monotonic()
    run = polarway("stream", url + "/x", "-o", "timeout_ms=1000", "-o", "retry_attempts=0", exits=5)
    assert "bytes came within 1000 ms" in run.err
    assert time.monotonic() - begin < 4


def test_silence_is_a_timeout(polarway, scripted):
    url = scripted.on(lambda request: time.sleep(3) or Answer(items(1, 1)))
    begin = time.monotonic()
    run = polarway("stream", url + "/x", "-o", "timeout_ms=500", "-o", "retry_attempts=0", exits=5)
    assert "nothing came within 500 ms" in run.err
    assert time.monotonic() - begin < 2.5


@pytest.mark.parametrize("raw", [b"", b"nonsense\r\n\r\n", b"HTTP/1.1 200 OK\r\n" + b"X-Y: z\r\n" * 50000])
def test_what_is_no_answer_is_an_error_of_bounded_size(polarway, scripted, raw):
    url = scripted.on(lambda request: Answer(raw=raw))
    polarway("stream", url + "/x", *FAST, "-o", "retry_attempts=1", exits=(5, 7))


def test_a_body_that_is_larger_than_allowed_is_refused(polarway, scripted):
    url = scripted.on(lambda request: Answer(items(1, 10000)))
    assert "max_body_bytes" in polarway("stream", url + "/x", "-o", "max_body_bytes=100KB", exits=7).err


@pytest.mark.parametrize(
    "option", ["headers=X: a\rb", 'headers={"X": "a\\r\\nEvil: 1"}', "params=[1]", "page_size=0", "paginator=x"]
)
def test_options_that_make_no_sense_are_refused_before_anything_is_sent(polarway, scripted, option):
    polarway("stream", scripted.url + "/x", "-o", option, exits=2)
    assert scripted.requests == []


def test_parameters_and_headers_are_sent(polarway, scripted):
    url = scripted.on(linked(2))
    rows_of(polarway, url + "/x", "-o", 'params={"q": "a b", "n": 1}', "-o", "headers=X-One: 1\nX-Two: 2")
    first, second = scripted.requests
    assert first.target == "/x?q=a%20b&n=1"
    assert second.target == "/x?page=2"
    assert [(r.headers["x-one"], r.headers["x-two"]) for r in scripted.requests] == [("1", "2")] * 2


def test_a_limit_ends_the_asking(polarway, scripted):
    url = scripted.on(linked(1000, size=100))
    polarway("head", url + "/x", "-n", "5")
    assert len(scripted.requests) < 15
    scripted.requests.clear()
    run = polarway("stream", url + "/x", "-o", "max_pages=3", "--stats", "json")
    assert run.stats["records_processed"] == 300
    assert len(scripted.requests) == 3


def test_nobody_there_is_a_network_error(polarway):
    assert "connect" in polarway("stream", "http://127.0.0.1:1/x", *FAST, exits=5).err
    assert "resolve" in polarway("stream", "http://no-such-host.invalid/x", *FAST, "-o", "retry_attempts=0", exits=5).err
