#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <memory>
#include <string>

#include "polarway/config.h"

namespace polarway {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::Pair;

std::string error_of(std::string_view json) {
  const Result<SourceConfig> got = SourceConfig::from_json(json);
  if (got) return "no error";
  EXPECT_EQ(got.error().kind, ErrorKind::Config);
  return got.error().to_string();
}

TEST(SourceConfig, SettersWorkInAChainAndAsStatements) {
  SourceConfig statements("data.csv");
  statements.with_memory_limit(2'000'000'000);
  statements.with_chunk_size(10'000);
  const SourceConfig chain =
      SourceConfig("data.csv").with_memory_limit(2e9).with_chunk_size(10'000u);
  EXPECT_EQ(statements.to_json(), chain.to_json());
  EXPECT_EQ(chain.memory_limit().value(), 2'000'000'000);
  EXPECT_EQ(chain.chunk_size(), 10'000);
}

TEST(SourceConfig, MayHaveSeveralLocationsAndKeepsThemInJson) {
  const SourceConfig list({"b.csv", "a.csv"});
  EXPECT_THAT(list.locations(), ElementsAre("b.csv", "a.csv"));
  EXPECT_EQ(list.location(), "b.csv");
  EXPECT_EQ(list.to_json(), R"({"location":["b.csv","a.csv"],"parallel":true,"prefetch":true})");
  EXPECT_EQ(SourceConfig::from_json(list.to_json())->locations(), list.locations());
  const std::vector<std::string> odd = {"\xff\n.csv", ""};
  EXPECT_EQ(SourceConfig::from_json(SourceConfig(odd).to_json())->locations(), odd);
  EXPECT_THAT(SourceConfig("a.csv").locations(), ElementsAre("a.csv"));
  EXPECT_THAT(SourceConfig({"a.csv"}).locations(), ElementsAre("a.csv"));
  const SourceConfig none{std::vector<std::string>()};
  EXPECT_EQ(none.location(), "");
  EXPECT_THAT(SourceConfig::from_json(none.to_json())->locations(), IsEmpty());
}

TEST(SourceConfig, TheMemoryLimitMayBeANumberOrASizeAndTheLastOneCounts) {
  EXPECT_EQ(SourceConfig("a").memory_limit().value(), std::nullopt);
  EXPECT_EQ(SourceConfig("a").with_memory_limit("2GB").memory_limit().value(), 2'000'000'000);
  EXPECT_EQ(SourceConfig("a").with_memory_limit("2GB").with_memory_limit(5).memory_limit().value(),
            5);
  EXPECT_EQ(SourceConfig("a").with_memory_limit(5).with_memory_limit("2GB").memory_limit().value(),
            2'000'000'000);
  EXPECT_EQ(SourceConfig("a").with_memory_limit(1e30).memory_limit().value(), INT64_MAX);
}

TEST(SourceConfig, AMemoryLimitThatIsNoneIsAConfigError) {
  for (const SourceConfig& config :
       {SourceConfig("a").with_memory_limit(0), SourceConfig("a").with_memory_limit(-1),
        SourceConfig("a").with_memory_limit(std::nan("")), SourceConfig("a").with_memory_limit(0.4),
        SourceConfig("a").with_memory_limit("0 MB"), SourceConfig("a").with_memory_limit(""),
        SourceConfig("a").with_memory_limit("lots")}) {
    const auto got = config.memory_limit();
    ASSERT_FALSE(got);
    EXPECT_EQ(got.error().kind, ErrorKind::Config);
    EXPECT_THAT(got.error().message, HasSubstr("memory limit"));
  }
}

TEST(SourceConfig, JsonHasWhatWasSetAndNothingElse) {
  EXPECT_EQ(SourceConfig("data.csv").to_json(),
            R"({"location":"data.csv","parallel":true,"prefetch":true})");
  EXPECT_EQ(SourceConfig("data.csv")
                .with_memory_limit("2GB")
                .with_parallel(false)
                .with_option("sep", ";")
                .with_columns({"b", "a"})
                .with_limit(10)
                .to_json(),
            R"({"location":"data.csv","memory_limit":"2GB","parallel":false,"prefetch":true,)"
            R"("options":{"sep":";"},"columns":["b","a"],"limit":10})");
}

TEST(SourceConfig, EverythingComesBackAsItWas) {
  const Checkpoint resume{.kind = "csv", .location = "a", .position = "\xFF", .rows = 3};
  const SourceConfig config = SourceConfig("größe\xFF.csv")
                                  .with_memory_limit(600'000'000)
                                  .with_chunk_size(5'000)
                                  .with_max_chunk_size(20'000)
                                  .with_parallel(false)
                                  .with_prefetch(false)
                                  .with_option("null_values", "NA,\"x\"")
                                  .with_option("quote", "\xE9")
                                  .with_columns({"name", "b\"c"})
                                  .with_filter(col("age") > 30 && col("na me").eq("it's"))
                                  .with_limit(7)
                                  .with_resume(resume)
                                  .with_split({"bytes=0-10\x80", 10, 20});
  const Result<SourceConfig> back = SourceConfig::from_json(config.to_json());
  ASSERT_TRUE(back) << back.error().to_string();
  EXPECT_EQ(back->to_json(), config.to_json());
  EXPECT_EQ(back->location(), "größe\xFF.csv");
  EXPECT_EQ(back->memory_limit().value(), 600'000'000);
  EXPECT_EQ(back->chunk_size(), 5'000);
  EXPECT_EQ(back->max_chunk_size(), 20'000);
  EXPECT_FALSE(back->parallel());
  EXPECT_FALSE(back->prefetch());
  EXPECT_THAT(back->options(), ElementsAre(Pair("null_values", "NA,\"x\""), Pair("quote", "\xE9")));
  EXPECT_THAT(*back->columns(), ElementsAre("name", "b\"c"));
  EXPECT_EQ(back->filter()->to_string(), config.filter()->to_string());
  EXPECT_EQ(back->limit(), 7);
  EXPECT_EQ(back->resume()->position, "\xFF");
  EXPECT_EQ(back->split()->piece, "bytes=0-10\x80");
  EXPECT_EQ(back->split()->size_bytes, 10);
  EXPECT_EQ(back->split()->working_set_bytes, 20);
}

TEST(SourceConfig, NoColumnsIsNotTheSameAsAllColumns) {
  const auto none = SourceConfig::from_json(SourceConfig("a").with_columns({}).to_json());
  ASSERT_TRUE(none->columns());
  EXPECT_THAT(*none->columns(), IsEmpty());
  EXPECT_EQ(SourceConfig::from_json(SourceConfig("a").to_json())->columns(), std::nullopt);
}

TEST(SourceConfig, SecretsAndBudgetsAreNotWritten) {
  const std::string json = SourceConfig("a")
                               .with_credentials(Credentials::Bearer{.token = "hunter2"})
                               .with_budget(MemoryBudget::make(1 << 20))
                               .to_json();
  EXPECT_EQ(json, SourceConfig("a").to_json());
  EXPECT_THAT(json, Not(HasSubstr("hunter2")));
}

TEST(SourceConfig, FractionsInJsonAreDropped) {
  const auto got =
      SourceConfig::from_json(R"({"location": "a", "memory_limit": 6e8, "chunk_size": 10.9})");
  ASSERT_TRUE(got);
  EXPECT_EQ(got->memory_limit().value(), 600'000'000);
  EXPECT_EQ(got->chunk_size(), 10);
}

TEST(SourceConfig, UnknownKeysAreConfigErrors) {
  EXPECT_EQ(error_of(R"({"location": "a", "chunksize": 1})"),
            "config: unknown key \"chunksize\" (did you mean \"chunk_size\"?)");
  EXPECT_EQ(error_of(R"({"location": "a", "split": {"piece": "p", "x": 1}})"),
            "config: \"split\": unknown key \"x\"");
}

TEST(SourceConfig, WrongTypesAreConfigErrorsThatNameTheKey) {
  EXPECT_EQ(error_of("[]"), "config: \"[]\" is not a JSON object");
  EXPECT_EQ(error_of("{}"), "config: \"location\" is missing");
  EXPECT_EQ(error_of(R"({"location": 1})"),
            "config: \"location\" is not a string or a list of strings");
  EXPECT_EQ(error_of(R"({"location": "a", "memory_limit": true})"),
            "config: \"memory_limit\" is not a number or a string");
  EXPECT_EQ(error_of(R"({"location": "a", "chunk_size": "10"})"),
            "config: \"chunk_size\" is not a number");
  EXPECT_EQ(error_of(R"({"location": "a", "parallel": 1})"),
            "config: \"parallel\" is not true or false");
  EXPECT_EQ(error_of(R"({"location": "a", "options": {"a": 1}})"),
            "config: \"options\" is not an object of strings");
  EXPECT_EQ(error_of(R"({"location": "a", "columns": "a,b"})"),
            "config: \"columns\" is not a list of strings");
  EXPECT_EQ(error_of(R"({"location": "a", "columns": [1]})"),
            "config: \"columns\" is not a list of strings");
  EXPECT_THAT(error_of(R"({"location": "a", "filter": "age >"})"),
              HasSubstr("config: \"filter\": "));
  EXPECT_THAT(error_of(R"({"location": "a", "resume": "{}"})"),
              HasSubstr("config: \"resume\": the checkpoint"));
  EXPECT_THAT(error_of(R"({"location": "a", "split": {}})"),
              HasSubstr("config: \"split\": has no \"piece\""));
  EXPECT_EQ(error_of(R"({"location": "a", "location": "b"})"), "config: \"location\" occurs twice");
}

}  // namespace
}  // namespace polarway
