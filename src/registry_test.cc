#include "polarway/registry.h"

#include <arrow/api.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace polarway {
namespace {

using ::testing::Contains;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// One row that says nothing.
class OneRow : public SourceReader {
 public:
  std::int64_t working_set_bytes(const ScanRequest&) const override { return 1'024; }
  Result<ScanPlan> open(const ScanRequest&, const Context&) override {
    ScanPlan plan;
    plan.metadata.schema = Schema({{"n", DataType::Int64}});
    return plan;
  }
  Result<std::optional<Batch>> read(const ChunkTarget&) override {
    if (std::exchange(done_, true)) return std::nullopt;
    arrow::Int64Builder builder;
    (void)builder.Append(7);
    const auto schema = arrow::schema({arrow::field("n", arrow::int64())});
    return Batch{arrow::RecordBatch::Make(schema, 1, {*builder.Finish()}), "1"};
  }
  ReaderStats stats() const override { return {}; }

 private:
  bool done_ = false;
};

SourceKind kind_of(std::string name, std::vector<std::string> aliases,
                   std::vector<std::string> extensions, std::vector<std::string> options) {
  SourceKind kind{.name = std::move(name),
                  .aliases = std::move(aliases),
                  .description = "A test's.",
                  .extensions = std::move(extensions),
                  .options = {},
                  .make_reader = [](const SourceConfig&) -> Result<std::unique_ptr<SourceReader>> {
                    return std::make_unique<OneRow>();
                  }};
  for (std::string& option : options)
    kind.options.push_back({std::move(option), {"alias_of_" + option}, "", "", ""});
  return kind;
}

SourceRegistry registry_of_two() {
  SourceRegistry registry;
  EXPECT_TRUE(registry.register_kind(
      kind_of("stones", {"pebbles"}, {"stn"}, {"delimiter_of_stones", "colour"})));
  EXPECT_TRUE(registry.register_kind(kind_of("rivers", {}, {"rvr", "stream"}, {"depth_of_water"})));
  return registry;
}

SourceError error_of(const Result<StreamingSource>& got) {
  return got ? SourceError{.message = "no error"} : got.error();
}

TEST(Registry, TheBuiltInKindsAreThereAndSorted) {
  const std::vector<SourceKind> kinds = SourceRegistry().kinds();
  EXPECT_THAT(kinds, Contains(Field(&SourceKind::name, "csv")));
  EXPECT_TRUE(
      std::is_sorted(kinds.begin(), kinds.end(),
                     [](const SourceKind& a, const SourceKind& b) { return a.name < b.name; }));
}

TEST(Registry, AKindIsFoundByNameAliasAndInAnyCase) {
  const SourceRegistry registry = registry_of_two();
  for (const char* name : {"stones", "pebbles", "STONES"}) {
    Result<StreamingSource> source = registry.create(name, SourceConfig("x"));
    ASSERT_TRUE(source) << source.error().to_string();
    EXPECT_EQ((*source->read_chunk())->height(), 1);
    EXPECT_EQ(*source->read_chunk(), std::nullopt);
  }
}

TEST(Registry, AnUnknownKindIsUnsupportedAndNamesTheNearest) {
  const SourceError error = error_of(registry_of_two().create("pebles", SourceConfig("x")));
  EXPECT_EQ(error.kind, ErrorKind::UnsupportedSource);
  EXPECT_THAT(error.to_string(),
              HasSubstr("no kind of source is called \"pebles\" (did you mean \"pebbles\"?"));
  EXPECT_THAT(error.hint, HasSubstr("rivers, stones"));
}

TEST(Registry, AnUnknownOptionIsAConfigErrorThatNamesTheNearest) {
  const SourceRegistry registry = registry_of_two();
  const SourceError error =
      error_of(registry.create("stones", SourceConfig("x").with_option("color", "red")));
  EXPECT_EQ(error.kind, ErrorKind::Config);
  EXPECT_EQ(error.to_string(), "unknown option \"color\" for stones (did you mean \"colour\"?)");
  EXPECT_THAT(
      error_of(registry.create("stones", SourceConfig("x").with_option("shrink_abov", "1"))).hint,
      HasSubstr("\"shrink_above\""));
  EXPECT_THAT(error_of(registry.create("stones", SourceConfig("x").with_option("zzz", "1"))).hint,
              HasSubstr("polarway sources stones"));
}

TEST(Registry, AnOptionOfAnotherKindIsNamedAsSuch) {
  const SourceError error = error_of(
      registry_of_two().create("stones", SourceConfig("x").with_option("depth_of_water", "1")));
  EXPECT_EQ(error.kind, ErrorKind::Config);
  EXPECT_EQ(error.message, "option \"depth_of_water\" belongs to rivers, not to stones");
}

TEST(Registry, OptionsOfTheKindItsAliasesAndTheStreamAreTaken) {
  const SourceConfig config =
      SourceConfig("x").with_option("colour", "red").with_option("prefetch_depth", "2");
  const Result<StreamingSource> got = registry_of_two().create("stones", config);
  EXPECT_TRUE(got) << got.error().to_string();
}

TEST(Registry, RowCountsThatMakeNoSenseAreConfigErrors) {
  const SourceRegistry registry = registry_of_two();
  for (const SourceConfig& config :
       {SourceConfig("x").with_chunk_size(0), SourceConfig("x").with_max_chunk_size(-1),
        SourceConfig("x").with_limit(-1), SourceConfig("x").with_memory_limit("many")}) {
    EXPECT_EQ(error_of(registry.create("stones", config)).kind, ErrorKind::Config)
        << config.to_json();
  }
}

TEST(Registry, TheExtensionTellsTheKind) {
  const SourceRegistry registry = registry_of_two();
  for (const char* location : {"a.stn", "/b.c/a.x.STN", "*.rvr", "file:///tmp/a.stream"}) {
    const Result<StreamingSource> got = registry.create_for(SourceConfig(location));
    EXPECT_TRUE(got) << location << ": " << got.error().to_string();
  }
}

TEST(Registry, TheSchemeTellsTheKindBeforeTheExtension) {
  SourceRegistry registry = registry_of_two();
  int opened = 0;
  SourceKind kind = kind_of("lakes", {"lake"}, {}, {});
  kind.make_reader = [&](const SourceConfig&) -> Result<std::unique_ptr<SourceReader>> {
    ++opened;
    return std::make_unique<OneRow>();
  };
  ASSERT_TRUE(registry.register_kind(std::move(kind)));
  EXPECT_TRUE(registry.create_for(SourceConfig("LAKE://host/a.stn")));
  EXPECT_EQ(opened, 1);
}

TEST(Registry, ALocationThatTellsNothingAsksForTheKind) {
  const SourceRegistry registry = registry_of_two();
  for (const char* location : {"-", "", "a", "a.b/c", "a.", "a.unheard", "dir/"}) {
    const SourceError error = error_of(registry.create_for(SourceConfig(location)));
    EXPECT_EQ(error.kind, ErrorKind::UnsupportedSource) << location;
    EXPECT_THAT(error.hint, HasSubstr("name the kind; the kinds are")) << location;
  }
}

TEST(Registry, AnUnknownSchemeIsNamedWithoutThePasswordBehindIt) {
  const SourceError error =
      error_of(registry_of_two().create_for(SourceConfig("gopher://me:hunter2@host/a.stn")));
  EXPECT_EQ(error.kind, ErrorKind::UnsupportedSource);
  EXPECT_THAT(error.to_string(), HasSubstr("gopher://"));
  EXPECT_THAT(error.to_string(), ::testing::Not(HasSubstr("hunter2")));
}

TEST(Registry, ANameThatIsTakenIsRefusedAndNothingChanges) {
  SourceRegistry registry = registry_of_two();
  const std::size_t before = registry.kinds().size();
  for (const SourceKind& kind :
       {kind_of("stones", {}, {}, {}), kind_of("pebbles", {}, {}, {}),
        kind_of("new", {"rivers"}, {}, {}), kind_of("new", {"new"}, {}, {}),
        kind_of("", {}, {}, {}), kind_of("New", {}, {}, {}),
        kind_of("new", {}, {}, {"shrink_above"})}) {
    const Result<void> got = registry.register_kind(kind);
    ASSERT_FALSE(got) << kind.name;
    EXPECT_EQ(got.error().kind, ErrorKind::Config);
  }
  SourceKind empty = kind_of("new", {}, {}, {});
  empty.make_reader = nullptr;
  EXPECT_FALSE(registry.register_kind(std::move(empty)));
  EXPECT_EQ(registry.kinds().size(), before);
}

TEST(Registry, WhatTheReaderSaysComesThrough) {
  SourceRegistry registry;
  SourceKind kind = kind_of("broken", {}, {}, {});
  kind.make_reader = [](const SourceConfig&) -> Result<std::unique_ptr<SourceReader>> {
    return fail({.kind = ErrorKind::NotFound, .message = "gone"});
  };
  ASSERT_TRUE(registry.register_kind(std::move(kind)));
  EXPECT_EQ(error_of(registry.create("broken", SourceConfig("x"))).kind, ErrorKind::NotFound);
}

TEST(Registry, AMovedFromOneKnowsNothing) {
  SourceRegistry registry = registry_of_two();
  const SourceRegistry moved = std::move(registry);
  EXPECT_THAT(registry.kinds(), IsEmpty());
  EXPECT_EQ(error_of(registry.create("stones", SourceConfig("x"))).kind,
            ErrorKind::UnsupportedSource);
  EXPECT_EQ(error_of(registry.create_for(SourceConfig("a.stn"))).kind,
            ErrorKind::UnsupportedSource);
  EXPECT_TRUE(moved.create("stones", SourceConfig("x")));
}

}  // namespace
}  // namespace polarway
