#include "transports/http_url.h"

#include <gtest/gtest.h>

namespace polarway {
namespace {

HttpUrl url(std::string_view text) { return HttpUrl::parse(text).value(); }
std::string resolved(std::string_view base, std::string_view reference) {
  const Result<HttpUrl> got = url(base).resolve(reference);
  return got ? got->text() : "error";
}

TEST(HttpUrl, OnlyHttpWithoutUserNamesIsOne) {
  for (const char* bad : {"ftp://a/b", "file:///etc/passwd", "a/b", "", "http://u:p@host/",
                          "http://u@host/", "http://h/a\r\nX: y", "gopher://h/"}) {
    EXPECT_FALSE(HttpUrl::parse(bad)) << bad;
  }
  EXPECT_EQ(HttpUrl::parse("ftp://a/b").error().kind, ErrorKind::Config);
  EXPECT_EQ(HttpUrl::parse("http://u:geheim@h/").error().to_string().find("geheim"),
            std::string::npos);
}

TEST(HttpUrl, ReferencesResolveAgainstTheRequest) {
  const char* base = "http://h:8080/a/b?x=1";
  EXPECT_EQ(resolved(base, "c?y=2"), "http://h:8080/a/c?y=2");
  EXPECT_EQ(resolved(base, "/c"), "http://h:8080/c");
  EXPECT_EQ(resolved(base, "?y=2"), "http://h:8080/a/b?y=2");
  EXPECT_EQ(resolved(base, "//other/c"), "http://other/c");
  EXPECT_EQ(resolved(base, "../c"), "http://h:8080/c");
  EXPECT_EQ(resolved(base, ""), "error");
  EXPECT_EQ(resolved(base, "ftp://x/"), "error");
  EXPECT_EQ(resolved(base, "http://u@evil/"), "error");
  EXPECT_EQ(resolved(base, "http://h/?c=9998~2E0%2C19996"), "http://h/?c=9998~2E0%2C19996");
}

TEST(HttpUrl, TheOriginHasItsPort) {
  EXPECT_EQ(url("HTTP://Host/a").origin(), "http://host:80");
  EXPECT_EQ(url("https://host").origin(), "https://host:443");
  EXPECT_EQ(url("http://[::1]:81/").origin(), "http://[::1]:81");
}

TEST(HttpUrl, AParameterIsReplacedAndOthersStayAsTheyAre) {
  EXPECT_EQ(url("http://h/a").with_parameter("p", "1 2").text(), "http://h/a?p=1%202");
  EXPECT_EQ(url("http://h/a?x=%2c&p=1&y").with_parameter("p", "2").text(),
            "http://h/a?x=%2c&p=2&y");
  EXPECT_EQ(url("http://h/a?").with_parameter("p", "2").text(), "http://h/a?p=2");
}

TEST(HttpUrl, NoSecretIsShown) {
  EXPECT_EQ(HttpUrl::shown_url("http://h/a?api_key=k-42&page=2&X-Amz-Signature=abc"),
            "http://h/a?api_key=...&page=2&X-Amz-Signature=...");
  EXPECT_EQ(HttpUrl::shown_url("http://me:pw@h/a"), "http://h/a");
}

}  // namespace
}  // namespace polarway
