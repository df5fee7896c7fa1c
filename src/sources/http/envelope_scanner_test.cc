#include "sources/http/envelope_scanner.h"

#include <gtest/gtest.h>

#include <string>

#include "sources/http/records_pass.h"

namespace polarway::rest {
namespace {

using Found = EnvelopeScanner::Found;

json::RecordsPath path(std::string_view text) { return json::RecordsPath::parse(text).value(); }

struct Walked {
  Found end = Found::More;
  std::vector<std::string> facts;
  std::string records;
  std::int64_t num_records = 0;
};

// Walks a page that comes in pieces of `cut` bytes.
Walked walk(const std::string& page, std::size_t cut, const std::vector<json::RecordsPath>& wanted,
            const char* records) {
  EnvelopeScanner scanner(wanted, path(records), 64);
  RecordsPass pass(RecordsPass::Shape::Array, 0);
  Walked walked;
  std::string text;
  bool in_records = false;
  for (std::size_t at = 0; at < page.size() || !text.empty();) {
    text += page.substr(at, cut);
    at = std::min(page.size(), at + cut);
    std::string padded = text + std::string(json::kScanPadding, '\0');
    const std::span bytes(reinterpret_cast<const std::uint8_t*>(padded.data()), text.size());
    if (in_records) {
      const RecordsPass::Step step = pass.next(bytes);
      walked.records += text.substr(step.begin, step.end - step.begin);
      in_records = !step.is_over;
      text.erase(0, step.consumed);
    } else {
      const EnvelopeScanner::Cut found = scanner.next(bytes);
      walked.end = found.found;
      text.erase(0, found.begin);
      if (found.found == Found::Records) {
        in_records = true;
      } else if (found.found != Found::More) {
        break;
      }
    }
    if (at == page.size() && text.empty()) break;
  }
  for (const auto& fact : scanner.facts()) walked.facts.push_back(fact ? fact->text : "-");
  walked.num_records = pass.num_records();
  return walked;
}

TEST(EnvelopeScanner, FindsRecordsAndFactsWhereverThePageIsCut) {
  const std::string page =
      R"( {"meta" : {"total":12, "x":[1,{"next":"no"}], "n\u0065xt":"a\"b\u00e9"},)"
      R"("skip":{"data":[9]}, "data":[ {"a":"]}"} ,[1,[2]], "s,\"", 3, null ] ,"ok":true, "e":null})";
  const std::vector<json::RecordsPath> wanted = {
      path("meta.total"), path("meta.next"), path("ok"), path("e"), path("none"), path("skip")};
  for (std::size_t cut = 1; cut <= page.size(); ++cut) {
    const Walked walked = walk(page, cut, wanted, "data");
    EXPECT_EQ(walked.end, Found::End) << cut;
    EXPECT_EQ(walked.facts, (std::vector<std::string>{"12", "a\"b\xC3\xA9", "true", "", "-", ""}))
        << cut;
    EXPECT_EQ(walked.records, R"({"a":"]}"} ,[1,[2]], "s,\"", 3, null )") << cut;
    EXPECT_EQ(walked.num_records, 5) << cut;
  }
}

TEST(EnvelopeScanner, SaysWhatThePageHasInstead) {
  const std::string page =
      R"({"error":{"code":17},"items":[]})" + std::string(json::kScanPadding, 0);
  EnvelopeScanner scanner({path("error.code")}, path("data"), 64);
  const auto cut = scanner.next(
      {reinterpret_cast<const std::uint8_t*>(page.data()), page.size() - json::kScanPadding});
  EXPECT_EQ(cut.found, Found::End);
  EXPECT_FALSE(scanner.has_found_records());
  EXPECT_EQ(scanner.shape(), "it has error (object), error.code (number), items (array)");
}

TEST(EnvelopeScanner, WhatIsNoJsonAndWhatIsTooMuchIsRefused) {
  const auto end = [](const std::string& page) {
    return walk(page, 1000, {path("next")}, "data").end;
  };
  EXPECT_EQ(end(R"({"a" 1})"), Found::Stray);
  EXPECT_EQ(end(R"({,})"), Found::Stray);
  EXPECT_EQ(end(R"({"a":1 "b":2})"), Found::Stray);
  EXPECT_EQ(end("{\"a\":" + std::string(100, '[') + std::string(100, ']') + "}"), Found::TooDeep);
  EXPECT_EQ(end("{\"next\":\"" + std::string(70 << 10, 'x') + "\"}"), Found::TooLong);
  EXPECT_EQ(end("{\"" + std::string(70 << 10, 'x') + "\":\"" + std::string(70 << 10, 'x') + "\"}"),
            Found::End);
  EXPECT_EQ(end(R"({"data":[],"data":[]})"), Found::Twice);
}

TEST(RecordsPass, SkipsTheFirstOnesWhereverTheTextIsCut) {
  const std::string text = R"([{"a":1}, "x" ,3 , [4]] tail)";
  for (std::size_t cut = 1; cut <= text.size(); ++cut) {
    for (std::int64_t skip = 0; skip <= 5; ++skip) {
      RecordsPass pass(RecordsPass::Shape::Array, skip);
      std::string handed;
      std::size_t at = 0;
      for (bool is_over = false; !is_over;) {
        const std::string piece = text.substr(at, cut);
        const std::string padded = piece + std::string(json::kScanPadding, '\0');
        const RecordsPass::Step step =
            pass.next({reinterpret_cast<const std::uint8_t*>(padded.data()), piece.size()});
        handed += piece.substr(step.begin, step.end - step.begin);
        at += step.consumed;
        is_over = step.is_over;
      }
      const std::vector<std::string> wanted = {
          R"({"a":1}, "x" ,3 , [4])", R"("x" ,3 , [4])", "3 , [4]", "[4]", "", ""};
      EXPECT_EQ(handed, wanted[static_cast<std::size_t>(skip)]) << cut << " " << skip;
      EXPECT_EQ(pass.num_records(), 4);
      EXPECT_EQ(text.substr(at), " tail");
    }
  }
}

TEST(RecordsPass, ValuesAreCountedOneBehindTheOther) {
  const std::string text = "{\"a\":1}\n{\"a\":2} 3 4";
  const std::string padded = text + std::string(json::kScanPadding, '\0');
  RecordsPass pass(RecordsPass::Shape::Values, 0);
  pass.next({reinterpret_cast<const std::uint8_t*>(padded.data()), text.size()});
  EXPECT_TRUE(pass.is_within());
  pass.end();
  EXPECT_EQ(pass.num_records(), 4);
}

}  // namespace
}  // namespace polarway::rest
