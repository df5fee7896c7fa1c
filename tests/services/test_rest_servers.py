"""Real programs that serve REST, with their own ideas of pages."""

import json

import polars as pl
import pytest
from polars.testing import assert_frame_equal


def rows_of(polarway, url, *options):
    polarway("stream", url, *options, "--to", "out.parquet")
    return pl.read_parquet(polarway.folder / "out.parquet")


@pytest.fixture
def token(write):
    return ("--credentials", write("token.json", '{"bearer": {"token": "tok-123"}}'))


DATASETTE = "/data/items"
ITEMS = pl.DataFrame({"id": range(1, 20001)}).with_columns(
    name=pl.format("name {}", "id"), score=pl.col("id") / 4
)


@pytest.mark.parametrize(
    ("query", "options"),
    [
        (".json?_size=1000&_shape=objects", ("pagination=header_link", "records_path=rows")),
        (".json?_size=1000&_shape=objects", ("pagination=json_link", "next_path=next_url", "records_path=rows")),
        (".json?_size=1000&_shape=objects", ("pagination=json_cursor", "cursor_path=next", "cursor_param=_next", "records_path=rows")),
        (".json?_size=1000&_shape=objects", ("records_path=rows",)),
        (".json?_size=1000&_shape=array", ()),
        (".json?_size=1000&_shape=array&_nl=on", ()),
        (".csv?_stream=on&_size=max", ()),
    ],
    ids=["header_link", "json_link", "json_cursor", "auto", "array", "ndjson", "csv"],
)
def test_datasette_gives_all_its_rows(polarway, datasette, token, query, options):
    settings = [part for option in options for part in ("-o", option)]
    frame = rows_of(polarway, datasette.url + DATASETTE + query, *token, *settings)
    assert_frame_equal(frame.select("id", "name", "score"), ITEMS)


def test_datasette_refuses_who_has_no_token(polarway, datasette, write):
    url = datasette.url + DATASETTE + ".json?_shape=objects"
    assert "status 403" in polarway("stream", url, exits=4).err
    wrong = write("wrong.json", '{"bearer": {"token": "geheim"}}')
    run = polarway("stream", url, "--credentials", wrong, exits=4)
    assert "geheim" not in run.err


def test_datasette_takes_the_token_as_a_parameter(polarway, datasette, write):
    key = {"api_key": {"key": "tok-123", "name": "_auth_token", "in": "query"}}
    url = datasette.url + DATASETTE + ".json?_size=1000&_shape=array"
    frame = rows_of(polarway, url, "--credentials", write("key.json", json.dumps(key)))
    assert_frame_equal(frame, ITEMS)


@pytest.mark.parametrize(
    ("query", "options"),
    [
        ("?_page=1&_limit=100", ()),
        ("?_limit=100", ("pagination=page_number", "page_param=_page")),
        ("", ("pagination=page_number", "page_param=_page", "page_size_param=_limit", "page_size=100", "total_header=X-Total-Count")),
        ("", ("pagination=offset", "offset_param=_start", "limit_param=_limit", "page_size=100")),
        ("", ("pagination=offset", "offset_param=_start", "limit_param=_limit", "page_size=130", "total_header=X-Total-Count")),
    ],
    ids=["auto", "page_number", "page_total", "offset", "offset_total"],
)
def test_json_server_gives_all_its_rows(polarway, json_server, rows, query, options):
    settings = [part for option in options for part in ("-o", option)]
    frame = rows_of(polarway, json_server.url + "/items" + query, *settings)
    assert frame["id"].to_list() == [row["id"] for row in rows]


@pytest.mark.parametrize("client", ["basic", "post"])
def test_oauth2_tokens_are_asked_for_and_renewed(polarway, oidc, write, client):
    credentials = {
        "oauth2": {
            "token_url": oidc.url + "/token",
            "client_id": client,
            "client_secret": "geheim-secret",
            "scope": "api:read",
        }
    }
    secret = write("oauth.json", json.dumps(credentials))
    settings = ("-o", "pagination=offset", "-o", "page_size=10", "-o", "params=pause: 80")
    # Fifty pages of 80 ms: longer than the three seconds that a token lives.
    run = polarway("stream", oidc.url + "/data", "--credentials", secret, *settings, "--stats", "json")
    assert run.stats["records_processed"] == 500
    wrong = write("wrong.json", json.dumps(credentials).replace("geheim-secret", "geheim-wrong"))
    run = polarway("stream", oidc.url + "/data", "--credentials", wrong, *settings, exits=4)
    assert "invalid_client" in run.err and "geheim" not in run.err


def test_a_refresh_token_that_is_replaced_is_kept(polarway, scripted, write, tmp_path):
    from .scripted_server import Answer

    issued = {"r1": ("a1", "r2"), "r2": ("a2", "r3"), "r3": ("a3", "r4")}
    used = set()

    def handler(request):
        if request.path == "/token":
            given = dict(pair.split("=") for pair in request.body.decode().split("&"))["refresh_token"]
            if given in used or given not in issued:
                return Answer({"error": "invalid_grant"}, status=400)
            used.add(given)
            access, following = issued[given]
            return Answer({"access_token": access, "refresh_token": following, "expires_in": 3600})
        token = request.headers.get("authorization")
        # The first token is taken back after a page.
        if token == "Bearer a1" and request.query.get("page") == "2" or token not in ("Bearer a1", "Bearer a2", "Bearer a3"):
            return Answer(status=401)
        page = int(request.query.get("page", 1))
        return Answer({"data": [{"id": page}], "next": f"?page={page + 1}" if page < 4 else None})

    url = scripted.on(handler)
    oauth = {"token_url": url + "/token", "client_id": "c", "client_secret": "s", "refresh_token": "r1"}
    secret = write("oauth.json", json.dumps({"oauth2": oauth}))
    for kept in ("r3", "r4"):
        frame = rows_of(polarway, url + "/x", "--credentials", secret, "-o", "token_file=kept.json")
        assert frame["id"].to_list() == [1, 2, 3, 4]
        assert json.loads((tmp_path / "kept.json").read_text()) == {"refresh_token": kept}
    assert (tmp_path / "kept.json").stat().st_mode & 0o077 == 0


def test_go_httpbin_streams_redirects_and_fails_half_the_time(polarway, httpbin):
    assert polarway("count", httpbin.url + "/stream/20").out.strip() == "20"
    assert polarway("count", httpbin.url + "/redirect/3", "-o", "pagination=none").out.strip() == "1"
    url = httpbin.url + "/unstable?failure_rate=0.5"
    polarway("stream", url, "-o", "retry_attempts=30", "-o", "retry_delay_ms=1", exits=(0, 7, 3))
    for status, code in ((401, 4), (403, 4), (404, 3), (418, 1)):
        polarway("stream", f"{httpbin.url}/status/{status}", exits=code)
