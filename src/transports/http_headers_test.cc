#include "transports/http_headers.h"

#include <gtest/gtest.h>

namespace polarway {
namespace {

using namespace std::chrono_literals;

TEST(HttpHeaders, LinksAreReadAsRfc8288WritesThem) {
  const auto next = [](std::string_view field) {
    return find_link(field, "next").value_or("none");
  };
  EXPECT_EQ(next(R"(<http://h/2>; rel="next")"), "http://h/2");
  EXPECT_EQ(next(R"(<http://h/1>; rel="prev", <http://h/3>; rel="next", <http://h/9>; rel=last)"),
            "http://h/3");
  EXPECT_EQ(next(R"(<a,b;c>; title="x, y; rel=\"next\""; rel=prev, <2>;rel=next)"), "2");
  EXPECT_EQ(next(R"(<2>; REL="first NEXT")"), "2");
  EXPECT_EQ(next(R"(<2>; rel="prev"; rel="next")"), "none");
  EXPECT_EQ(next(R"(<2>; rel="nextish")"), "none");
  EXPECT_EQ(next("<2; rel=next"), "none");
  EXPECT_EQ(next("2; rel=next"), "none");
  EXPECT_EQ(next(""), "none");
}

TEST(HttpHeaders, RetryAfterIsSecondsOrADateThatIsToCome) {
  const WallTime now = *parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT");
  EXPECT_EQ(parse_retry_after("2", now), 2s);
  EXPECT_EQ(parse_retry_after(" 0 ", now), 0s);
  EXPECT_EQ(parse_retry_after("Sun, 06 Nov 1994 08:49:47 GMT", now), 10s);
  for (const char* bad : {"Sun, 06 Nov 1994 08:49:27 GMT", "-1", "abc", "", "1.5"}) {
    EXPECT_FALSE(parse_retry_after(bad, now)) << bad;
  }
  EXPECT_LE(parse_retry_after("999999999999", now), 1'000'000'000s);
  EXPECT_GT(parse_retry_after("Sun, 06 Nov 3988 08:49:37 GMT", now), 1'000'000'000s);
}

TEST(HttpHeaders, NothingThatEndsALineCanBeSent) {
  EXPECT_TRUE(HttpHeaders::is_valid("X-Api-Key", "a b\t\xC3\xA9"));
  EXPECT_FALSE(HttpHeaders::is_valid("X", "a\r\nEvil: 1"));
  EXPECT_FALSE(HttpHeaders::is_valid("X", std::string_view("a\0b", 3)));
  EXPECT_FALSE(HttpHeaders::is_valid("X: y", "a"));
  EXPECT_FALSE(HttpHeaders::is_valid("", "a"));
}

TEST(HttpHeaders, NamesHaveNoCase) {
  HttpHeaders headers;
  headers.add("Link", "a");
  headers.add("LINK", "b");
  EXPECT_EQ(headers.find("link"), "a");
  EXPECT_EQ(headers.joined("link"), "a, b");
  headers.set("lINK", "c");
  EXPECT_EQ(headers.joined("Link"), "c");
  EXPECT_FALSE(headers.find("none"));
}

}  // namespace
}  // namespace polarway
