#include "sources/http/paginator.h"

#include <gtest/gtest.h>

namespace polarway::rest {
namespace {

using Cursor = std::optional<std::string>;

PageFacts page(const Paginator& paginator, std::int64_t num_records) {
  PageFacts facts{.url = HttpUrl::parse("http://h/items?x=1").value(),
                  .headers = {},
                  .values = {},
                  .num_records = num_records};
  facts.values.resize(paginator.wanted().size());
  return facts;
}

Fact text(std::string value) { return {.kind = Fact::Kind::Text, .text = std::move(value)}; }
Fact number(std::int64_t value) {
  return {.kind = Fact::Kind::Number, .text = std::to_string(value)};
}
Fact boolean(bool value) { return {.kind = Fact::Kind::Bool, .text = value ? "true" : "false"}; }

std::string url_at(const Paginator& paginator, const std::string& cursor) {
  HttpRequest request{.method = "GET", .url = "http://h/items?x=1", .headers = {}};
  return paginator.aim(request, cursor) ? request.url : "error";
}

json::RecordsPath path(std::string_view text) { return json::RecordsPath::parse(text).value(); }

TEST(SinglePage, IsTheOnlyOne) {
  const auto paginator = make_single_page();
  EXPECT_EQ(paginator->next("", page(*paginator, 10)).value(), std::nullopt);
  EXPECT_EQ(url_at(*paginator, ""), "http://h/items?x=1");
}

TEST(PageNumber, WithoutATotalAnEmptyPageIsTheEnd) {
  const auto paginator = make_page_number({});
  EXPECT_EQ(paginator->start(), "1");
  EXPECT_EQ(url_at(*paginator, "7"), "http://h/items?x=1&page=7");
  EXPECT_EQ(paginator->next("1", page(*paginator, 1)).value(), Cursor("2"));
  EXPECT_EQ(paginator->next("2", page(*paginator, 0)).value(), std::nullopt);
  EXPECT_EQ(paginator->predict("1", page(*paginator, 1)), std::nullopt);
}

TEST(PageNumber, WithATotalAnEmptyPageInTheMiddleIsNot) {
  const auto paginator = make_page_number({.page_size = 10, .total_path = path("total")});
  PageFacts facts = page(*paginator, 0);
  facts.values[0] = number(25);
  EXPECT_EQ(paginator->next("1", facts).value(), Cursor("2"));
  EXPECT_EQ(paginator->next("2", facts).value(), Cursor("3"));
  EXPECT_EQ(paginator->next("3", facts).value(), std::nullopt);
  EXPECT_EQ(paginator->predict("1", facts), Cursor("2"));
  EXPECT_EQ(paginator->predict("3", facts), std::nullopt);
}

TEST(PageNumber, ANumberOfPagesOrAHeaderTellsTheTotal) {
  const auto by_pages = make_page_number({.start_page = 0, .total_pages_path = path("pages")});
  PageFacts facts = page(*by_pages, 5);
  facts.values[1] = number(2);
  EXPECT_EQ(by_pages->next("0", facts).value(), Cursor("1"));
  EXPECT_EQ(by_pages->next("1", facts).value(), std::nullopt);
  const auto by_header = make_page_number({.page_size = 5, .total_header = "X-Total-Count"});
  facts = page(*by_header, 5);
  facts.headers.add("x-total-count", "10");
  EXPECT_EQ(by_header->next("1", facts).value(), Cursor("2"));
  EXPECT_EQ(by_header->next("2", facts).value(), std::nullopt);
}

TEST(PageNumber, HasMoreFalseIsTheEndAndTrueIsNotWhateverThePageHas) {
  const auto paginator = make_page_number({.has_more_path = path("has_more")});
  PageFacts facts = page(*paginator, 0);
  facts.values[2] = boolean(true);
  EXPECT_EQ(paginator->next("1", facts).value(), Cursor("2"));
  facts.values[2] = boolean(false);
  facts.num_records = 9;
  EXPECT_EQ(paginator->next("1", facts).value(), std::nullopt);
}

TEST(Offset, CountsTheRecordsThatWereGiven) {
  const auto paginator = make_offset({.page_size = 50});
  EXPECT_EQ(url_at(*paginator, "50"), "http://h/items?x=1&limit=50&offset=50");
  EXPECT_EQ(paginator->next("0", page(*paginator, 50)).value(), Cursor("50"));
  EXPECT_EQ(paginator->next("50", page(*paginator, 20)).value(), Cursor("70"));
  EXPECT_EQ(paginator->next("70", page(*paginator, 0)).value(), std::nullopt);
}

TEST(Offset, ATotalIsTheEndAndTellsWhichPagesFollow) {
  const auto paginator = make_offset({.page_size = 50, .total_path = path("meta.total")});
  PageFacts facts = page(*paginator, 50);
  facts.values[0] = number(120);
  EXPECT_EQ(paginator->next("50", facts).value(), Cursor("100"));
  EXPECT_EQ(paginator->predict("50", facts), Cursor("100"));
  EXPECT_EQ(paginator->predict("100", facts), std::nullopt);
  facts.num_records = 20;
  EXPECT_EQ(paginator->next("100", facts).value(), std::nullopt);
  // A server that gives fewer than were asked for has other offsets than we would guess.
  EXPECT_EQ(paginator->predict("0", facts), std::nullopt);
}

TEST(HeaderLink, LeadsToTheNextOfRfc8288) {
  const auto paginator = make_header_link();
  PageFacts facts = page(*paginator, 0);
  facts.headers.add("Link", R"(</items?page=1>; rel="prev", </items?page=3>; rel="next")");
  EXPECT_EQ(paginator->next("", facts).value(), Cursor("http://h/items?page=3"));
  EXPECT_EQ(url_at(*paginator, "http://h/items?page=3"), "http://h/items?page=3");
  facts.headers.clear();
  EXPECT_EQ(paginator->next("", facts).value(), std::nullopt);
  facts.headers.add("Link", "<ftp://h/>; rel=next");
  EXPECT_EQ(paginator->next("", facts).error().kind, ErrorKind::Config);
}

TEST(JsonLink, ResolvesAgainstTheRequestAndEndsWithNothing) {
  const auto paginator = make_json_link(path("links.next"));
  PageFacts facts = page(*paginator, 0);
  EXPECT_EQ(paginator->next("", facts).value(), std::nullopt);
  for (const Fact& end : {Fact{}, text(""), boolean(false)}) {
    facts.values[0] = end;
    EXPECT_EQ(paginator->next("", facts).value(), std::nullopt);
  }
  facts.values[0] = text("?after=9998~2E0%2C19996");
  EXPECT_EQ(paginator->next("", facts).value(), Cursor("http://h/items?after=9998~2E0%2C19996"));
  facts.values[0] = number(2);
  EXPECT_EQ(paginator->next("", facts).error().kind, ErrorKind::Parse);
}

TEST(JsonCursor, GoesIntoTheQueryTheBodyOrAHeader) {
  for (const CursorPlace place : {CursorPlace::Query, CursorPlace::Body, CursorPlace::Header}) {
    const auto paginator = make_json_cursor({.cursor_path = path("meta.next"),
                                             .cursor_param = "after",
                                             .place = place,
                                             .has_more_path = {}});
    PageFacts facts = page(*paginator, 0);
    facts.values[0] = text("a b");
    const std::string cursor = paginator->next("", facts).value().value();
    EXPECT_EQ(cursor, "a b");
    HttpRequest request{
        .method = "POST", .url = "http://h/items", .headers = {}, .body = R"({"size":10})"};
    ASSERT_TRUE(paginator->aim(request, cursor));
    EXPECT_EQ(request.url == "http://h/items?after=a%20b", place == CursorPlace::Query);
    EXPECT_EQ(request.body == R"({"size":10,"after":"a b"})", place == CursorPlace::Body);
    EXPECT_EQ(request.headers.find("after").has_value(), place == CursorPlace::Header);
  }
}

TEST(JsonCursor, OnlyTheTokenEndsAListingUnlessItSaysOtherwise) {
  const auto paginator =
      make_json_cursor({.cursor_path = path("next"), .has_more_path = path("has_more")});
  PageFacts facts = page(*paginator, 0);
  facts.values[0] = number(17);
  EXPECT_EQ(paginator->next("", facts).value(), Cursor("17"));
  facts.values[1] = boolean(false);
  EXPECT_EQ(paginator->next("", facts).value(), std::nullopt);
  facts.values[1] = boolean(true);
  facts.values[0] = Fact{};
  EXPECT_EQ(paginator->next("", facts).value(), std::nullopt);
}

TEST(JsonCursor, AFieldOfTheBodyMayBeDeepInIt) {
  HttpRequest request{.method = "POST", .url = "http://h/", .headers = {}, .body = "{}"};
  ASSERT_TRUE(put_cursor(request, CursorPlace::Body, "page.after", "x"));
  EXPECT_EQ(request.body, R"({"page":{"after":"x"}})");
  request.body = R"({"page":1})";
  EXPECT_FALSE(put_cursor(request, CursorPlace::Body, "page.after", "x"));
}

TEST(HeaderCursor, IsTakenFromAHeader) {
  const auto paginator = make_header_cursor("X-Next", "after", CursorPlace::Query);
  PageFacts facts = page(*paginator, 0);
  EXPECT_EQ(paginator->next("", facts).value(), std::nullopt);
  facts.headers.add("x-next", "t1");
  EXPECT_EQ(paginator->next("", facts).value(), Cursor("t1"));
  EXPECT_EQ(url_at(*paginator, "t1"), "http://h/items?x=1&after=t1");
}

// What auto pagination makes of a page that has one value at one place.
Cursor auto_next(std::string_view at, Fact fact, std::string_view link = "") {
  const auto paginator = make_auto_pagination();
  PageFacts facts = page(*paginator, 1);
  const auto wanted = paginator->wanted();
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    if (wanted[i] == path(at)) facts.values[i] = fact;
  }
  if (!link.empty()) facts.headers.add("Link", std::string(link));
  return paginator->next("", facts).value();
}

TEST(AutoPagination, KnowsTheUsualNames) {
  const auto paginator = make_auto_pagination();
  const Cursor link = auto_next("next", text("/items?page=2"));
  ASSERT_TRUE(link);
  EXPECT_EQ(url_at(*paginator, *link), "http://h/items?page=2");
  EXPECT_NE(paginator->note(*link).find("json_link, from next"), std::string::npos);
  const Cursor token = auto_next("next_page_token", text("abc"));
  ASSERT_TRUE(token);
  EXPECT_EQ(url_at(*paginator, *token), "http://h/items?x=1&page_token=abc");
  const Cursor header = auto_next("next", Fact{}, R"(<http://h/2>; rel="next")");
  ASSERT_TRUE(header);
  EXPECT_EQ(url_at(*paginator, *header), "http://h/2");
  EXPECT_EQ(auto_next("nextCursor", text("")), std::nullopt);
}

TEST(AutoPagination, WhatMayBeAUrlATokenOrANumberIsAnErrorAndNotTheEnd) {
  const auto paginator = make_auto_pagination();
  for (const Fact& unclear : {number(2), text("abc"), text("2.json")}) {
    PageFacts facts = page(*paginator, 1);
    facts.values[0] = unclear;
    const Result<Cursor> next = paginator->next("", facts);
    ASSERT_FALSE(next);
    EXPECT_EQ(next.error().kind, ErrorKind::Config);
    EXPECT_NE(next.error().hint.find("next_path=next"), std::string::npos);
    facts.values[1] = text("/2");  // but where it is said twice, one may be clear
    EXPECT_EQ(paginator->next("", facts).value(), Cursor("next_url http://h/2"));
  }
}

TEST(AutoPagination, MorePagesWithoutAWayToThemAreAnErrorAndNotTheEnd) {
  const auto paginator = make_auto_pagination();
  PageFacts facts = page(*paginator, 1);
  facts.values[facts.values.size() - 4] = boolean(true);
  EXPECT_EQ(paginator->next("", facts).error().kind, ErrorKind::Config);
  facts.values[facts.values.size() - 4] = boolean(false);
  EXPECT_EQ(paginator->next("", facts).value(), std::nullopt);
}

TEST(AutoPagination, StaysWithWhatItChose) {
  const auto paginator = make_auto_pagination();
  PageFacts facts = page(*paginator, 1);
  facts.headers.add("Link", R"(<http://h/9>; rel="next")");
  EXPECT_EQ(paginator->next("next_cursor abc", facts).value(), std::nullopt);
  EXPECT_EQ(paginator->next("Link http://h/8", facts).value(), Cursor("Link http://h/9"));
}

}  // namespace
}  // namespace polarway::rest
