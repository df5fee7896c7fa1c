#include "sources/file_sequence.h"

#include <arrow/record_batch.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include "polarway/executor.h"
#include "polarway/registry.h"
#include "support/open_files.h"
#include "support/rows_text.h"
#include "support/temporary_folder.h"

namespace polarway {
namespace {

namespace fs = std::filesystem;
using ::polarway::testing::append_rows;
using ::polarway::testing::is_open;
using ::polarway::testing::Rows;
using ::polarway::testing::TemporaryFolder;
using ::polarway::testing::wait_until_open;
using ::polarway::testing::write_text;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class FileSequence : public ::testing::Test {
 protected:
  void make(const std::string& name, const std::string& text) const {
    fs::create_directories(fs::path(folder / name).parent_path());
    write_text(folder / name, text);
  }
  SourceConfig config(const std::string& location) const {
    return SourceConfig(folder / location).with_memory_limit("64MB");
  }
  Result<StreamingSource> open(const SourceConfig& with) const {
    return registry.create("csv", with);
  }
  Rows read(const SourceConfig& with) const {
    auto source = open(with);
    if (!source) return {source.error().to_string()};
    Rows rows;
    for (Result<DataFrame>& chunk : *source) {
      if (!chunk) {
        rows.push_back(chunk.error().to_string());
        break;
      }
      EXPECT_TRUE(chunk->arrow()->ValidateFull().ok());
      EXPECT_TRUE(chunk->schema() == source->metadata().schema);
      append_rows(*chunk->arrow(), rows);
    }
    return rows;
  }
  // The error that opening or reading ends with.
  SourceError error(const SourceConfig& with) const {
    auto source = open(with);
    if (!source) return source.error();
    for (;;) {
      auto chunk = source->read_chunk();
      if (!chunk) return chunk.error();
      if (!*chunk) break;
    }
    ADD_FAILURE() << "no error";
    return {};
  }
  std::string without_folder(std::string text) const {
    const std::string prefix = folder.path() + "/";
    for (std::size_t at; (at = text.find(prefix)) != std::string::npos;) {
      text.erase(at, prefix.size());
    }
    return text;
  }

  TemporaryFolder folder;
  SourceRegistry registry;
};

TEST_F(FileSequence, FilesAreReadInOrderAndTheirColumnsFoundByName) {
  make("1.csv", "a,b\n1,x\n2,y\n");
  make("2.csv", "b,a\nz,3\n");
  make("10.csv", "a,b\n0,w\n");
  EXPECT_EQ(read(config("*.csv")), (Rows{"1|x", "2|y", "0|w", "3|z"}));
  EXPECT_EQ(read(config(".")), (Rows{"1|x", "2|y", "0|w", "3|z"}));
  EXPECT_EQ(read(SourceConfig({folder / "2.csv", folder / "1.csv"})), (Rows{"z|3", "x|1", "y|2"}));
  EXPECT_EQ(read(config("*.csv").with_columns({"b"})), (Rows{"x", "y", "w", "z"}));
  EXPECT_EQ(read(config("*.csv").with_columns({"b"}).with_filter(col("a") > 1)), (Rows{"y", "z"}));
  EXPECT_EQ(read(config("*.csv").with_columns({})), (Rows{"", "", "", ""}));
}

TEST_F(FileSequence, SizeAndBytesReadAreSums) {
  make("1.csv", "a\n1\n");
  make("2.csv", "a\n22\n");
  auto source = open(config("*.csv"));
  ASSERT_TRUE(source);
  EXPECT_EQ(source->metadata().size_bytes, 9);
  EXPECT_TRUE(source->metadata().seekable);
  while (*source->read_chunk()) {
  }
  EXPECT_EQ(source->stats().bytes_read, 9);
}

TEST_F(FileSequence, OtherColumnsThanTheFirstFilesAreAnErrorThatNamesTheFile) {
  make("1.csv", "a,b\n1,x\n");
  make("2.csv", "a,B\n2,y\n");
  const SourceError missing = error(config("*.csv"));
  EXPECT_EQ(missing.kind, ErrorKind::Schema);
  EXPECT_EQ(missing.where.location, folder / "2.csv");
  EXPECT_THAT(missing.message, HasSubstr("lacks column b"));
  EXPECT_THAT(error(config("*.csv").with_option("missing_columns", "insert")).message,
              HasSubstr("the file has column B"));
}

TEST_F(FileSequence, TypesAreThoseOfTheFirstFileAndWhatDoesNotFitIsAnError) {
  make("1.csv", "a\n1\n");
  make("2.csv", "a\n2\nx\n");
  const SourceError misfit = error(config("*.csv"));
  EXPECT_EQ(misfit.kind, ErrorKind::Schema);
  EXPECT_THAT(without_folder(misfit.to_string()), HasSubstr("2.csv, row 2"));
  EXPECT_EQ(read(config("*.csv").with_option("schema", R"({"a": "string"})")),
            (Rows{"1", "2", "x"}));
}

TEST_F(FileSequence, MissingColumnsMayBeNullsAndExtraOnesLeftOutAndNotesSaySo) {
  make("1.csv", "a,b\n1,2024-01-01\n");
  make("2.csv", "x,a\n9,2\n");
  const SourceConfig lenient = config("*.csv")
                                   .with_option("missing_columns", "insert")
                                   .with_option("extra_columns", "ignore");
  EXPECT_EQ(read(lenient), (Rows{"1|2024-01-01", "2|null"}));
  EXPECT_EQ(read(SourceConfig(lenient).with_filter(col("b").is_null())), (Rows{"2|null"}));
  auto source = open(lenient);
  ASSERT_TRUE(source);
  ASSERT_EQ(source->metadata().notes.size(), 2u);
  EXPECT_THAT(without_folder(source->metadata().notes[0]),
              HasSubstr("b is not in 1 of 2 files, such as 2.csv"));
  EXPECT_THAT(without_folder(source->metadata().notes[1]), HasSubstr("2.csv has x"));
}

TEST_F(FileSequence, AUnionHasTheColumnsOfAllFilesAndTypesThatHoldAllValues) {
  make("1.csv", "a,b,c\n1,1,\n");
  make("2.csv", "d,b,a\n2024-01-01,1.5,2\n");
  make("3.csv", "a,b,c\n3,2,7\nx,1e3,8\n");
  const SourceConfig all = config("*.csv").with_option("union_by_name", "true");
  auto source = open(all);
  ASSERT_TRUE(source) << source.error().to_string();
  EXPECT_EQ(source->metadata().schema, Schema({{"a", DataType::String},
                                               {"b", DataType::Float64},
                                               {"c", DataType::Int64},
                                               {"d", DataType::Date}}));
  EXPECT_EQ(read(all),
            (Rows{"1|1|null|null", "2|1.5|null|2024-01-01", "3|2|7|null", "x|1000|8|null"}));
}

TEST_F(FileSequence, InAUnionAnIntegerThatAFloatCannotHoldIsAnErrorAndNotRounded) {
  make("1.csv", "a\n0.5\n");
  make("2.csv", "a\n9007199254740993\n");
  const SourceError inexact = error(config("*.csv").with_option("union_by_name", "true"));
  EXPECT_EQ(inexact.kind, ErrorKind::Schema);
  EXPECT_THAT(inexact.to_string(), HasSubstr("9007199254740993"));
}

TEST_F(FileSequence, PinnedTypesHoldInAUnionWhereAFileHasTheColumn) {
  make("1.csv", "a\n007\n");
  make("2.csv", "b\n008\n");
  EXPECT_EQ(read(config("*.csv")
                     .with_option("union_by_name", "true")
                     .with_option("schema", R"({"b": "int64"})")),
            (Rows{"007|null", "null|8"}));
  EXPECT_THAT(error(config("*.csv")
                        .with_option("union_by_name", "true")
                        .with_option("schema", R"({"c": "int64"})"))
                  .message,
              HasSubstr("which no file has"));
}

TEST_F(FileSequence, FilesWithoutBytesHaveNoRowsAndAllOfThemAreAnEmptySource) {
  make("1.csv", "");
  make("2.csv", "a\n1\n");
  make("3.csv", "");
  make("4.csv", "a\n");
  make("5.csv", "a\n2\n");
  for (const char* by_name : {"false", "true"}) {
    EXPECT_EQ(read(config("*.csv").with_option("union_by_name", by_name)), (Rows{"1", "2"}));
  }
  EXPECT_EQ(error(config("[13].csv")).kind, ErrorKind::EmptySource);
  EXPECT_EQ(error(config("1.cs[v]")).kind, ErrorKind::EmptySource);
  EXPECT_EQ(error(config("no*.csv")).kind, ErrorKind::EmptySource);
}

TEST_F(FileSequence, FoldersCalledKeyEqualsValueAreColumnsWhereAllFilesHaveThem) {
  make("d/year=2023/kind=a%2Fb/x.csv", "n\n1\n");
  make("d/year=2024/kind=__HIVE_DEFAULT_PARTITION__/x.csv", "n\n2\n3\n");
  auto source = open(config("d"));
  ASSERT_TRUE(source);
  EXPECT_EQ(
      source->metadata().schema,
      Schema({{"n", DataType::Int64}, {"year", DataType::Int64}, {"kind", DataType::String}}));
  EXPECT_EQ(read(config("d")), (Rows{"1|2023|a/b", "2|2024|null", "3|2024|null"}));
  EXPECT_EQ(read(config("d").with_columns({"kind", "n"}).with_filter(col("year") == 2023)),
            (Rows{"a/b|1"}));
  EXPECT_EQ(read(config("d").with_option("hive_partitioning", "false")), (Rows{"1", "2", "3"}));
  const std::string one = "d/year=2023/kind=a%2Fb/x.csv";
  EXPECT_EQ(read(config(one)), (Rows{"1"}));
  EXPECT_EQ(read(config(one).with_option("hive_partitioning", "true")), (Rows{"1|2023|a/b"}));

  make("d/other/x.csv", "n\n4\n");
  EXPECT_EQ(read(config("d")), (Rows{"4", "1", "2", "3"}));
  EXPECT_EQ(error(config("d").with_option("hive_partitioning", "true")).kind, ErrorKind::Config);
}

TEST_F(FileSequence, AColumnThatIsInThePathAndInTheFileIsAnError) {
  make("d/n=1/x.csv", "n\n1\n");
  EXPECT_THAT(error(config("d")).hint, HasSubstr("hive_partitioning=false"));
  EXPECT_EQ(error(config("d/n=1/x.csv").with_option("row_index_name", "n")).kind,
            ErrorKind::Config);
}

TEST_F(FileSequence, FilesThatAFilterOnTheirPathRulesOutAreNotOpened) {
  make("d/k=1/x.csv", "n\n1\n");
  make("d/k=2/x.csv", "n\n2\n");
  make("d/k=3/x.csv", "other\nthis would be an error\n");
  const SourceConfig some =
      config("d").with_columns({"n"}).with_filter(col("k") < 3 && col("n") > 0);
  EXPECT_EQ(read(some), (Rows{"1", "2"}));
  EXPECT_EQ(read(config("d").with_columns({"n"}).with_filter(col("k") > 7)), Rows{});
  EXPECT_EQ(error(config("d").with_filter(col("k") < 4)).kind, ErrorKind::Schema);
}

TEST_F(FileSequence, ThePathIsAColumnUnderTheNameThatIsAskedFor) {
  make("1.csv", "a\n1\n");
  make("2.csv", "a\n2\n");
  EXPECT_EQ(read(config("*.csv").with_option("include_file_paths", "from")),
            (Rows{"1|" + folder / "1.csv", "2|" + folder / "2.csv"}));
  auto source = open(config("1.csv").with_option("filename", "true"));
  ASSERT_TRUE(source);
  EXPECT_EQ(source->metadata().schema.names(), (std::vector<std::string>{"a", "filename"}));
  EXPECT_EQ(read(config("*.csv")
                     .with_option("filename", "true")
                     .with_columns({"a"})
                     .with_filter(col("filename") == folder / "2.csv")),
            (Rows{"2"}));
}

TEST_F(FileSequence, APathThatIsNoUtf8IsReadButIsNoText) {
  make("\xE9.csv", "a\n1\n");
  EXPECT_EQ(read(config("*.csv")), (Rows{"1"}));
  EXPECT_EQ(error(config("*.csv").with_option("filename", "true")).kind, ErrorKind::Schema);
}

// Many rows in files of different sizes, some empty, one with line ends in its fields.
class ManyRows : public FileSequence {
 protected:
  void SetUp() override {
    int n = 0;
    for (const int num_rows : {70, 0, 300, 1, 129}) {
      std::string text = "n,text\n";
      for (int i = 0; i < num_rows; ++i, ++n) {
        text += std::to_string(n) + ",\"line\n\"\"" + std::to_string(n) + "\"\n";
      }
      const std::string number = std::to_string(1000 + n);
      make("p=" + number + "/" + number + "-" + std::to_string(num_rows) + ".csv", text);
    }
    make("p=0/empty.csv", "");
  }
  std::vector<SourceConfig> configs() const {
    std::vector<SourceConfig> configs = {
        config("**/*.csv"), config("*/").with_option("row_index_name", "row"),
        config("*/").with_option("filename", "true").with_option("row_index_name", "row"),
        config("*/").with_option("union_by_name", "true"),
        config("*/").with_filter(col("n") >= 65).with_option("row_index_name", "row")};
    return configs;
  }
};

TEST_F(ManyRows, EveryChunkSizeGivesTheSameRowsAndNumbers) {
  for (const SourceConfig& each : configs()) {
    const Rows whole = read(each);
    EXPECT_EQ(whole.size(), each.filter() ? 435u : 500u);
    for (const int chunk_size : {1, 7, 64, 100'000}) {
      EXPECT_EQ(
          read(SourceConfig(each).with_chunk_size(chunk_size).with_max_chunk_size(chunk_size)),
          whole);
    }
  }
  const Rows numbered = read(config("*/")
                                 .with_option("row_index_name", "row")
                                 .with_option("row_index_offset", "1000")
                                 .with_filter(col("n") >= 65)
                                 .with_columns({"row", "n"})
                                 .with_limit(6));
  EXPECT_EQ(numbered, (Rows{"1065|65", "1066|66", "1067|67", "1068|68", "1069|69", "1070|70"}));
}

TEST_F(ManyRows, ReadingGoesOnExactlyAfterEveryChunk) {
  for (const SourceConfig& each : configs()) {
    const Rows whole = read(each);
    auto source = open(SourceConfig(each).with_chunk_size(37).with_max_chunk_size(37));
    ASSERT_TRUE(source);
    std::size_t rows = 0;
    while (auto chunk = *source->read_chunk()) {
      rows += static_cast<std::size_t>(chunk->height());
      const Checkpoint checkpoint = *Checkpoint::from_json(source->checkpoint()->to_json());
      EXPECT_EQ(read(SourceConfig(each).with_resume(checkpoint)),
                Rows(whole.begin() + static_cast<std::ptrdiff_t>(rows), whole.end()));
    }
    EXPECT_EQ(rows, whole.size());
  }
}

TEST_F(ManyRows, SplitsTogetherAreTheWholeAndEachCanBeResumed) {
  for (const SourceConfig& each : configs()) {
    const Rows whole = read(each);
    for (const int wanted : {1, 2, 3, 5, 6, 7, 8, 20}) {
      const auto splits = open(each)->splits(wanted);
      ASSERT_TRUE(splits) << splits.error().to_string();
      EXPECT_LE(splits->size(), static_cast<std::size_t>(wanted));
      Rows joined;
      Rows resumed;
      for (const Split& split : *splits) {
        const Rows piece = read(SourceConfig(each).with_split(split));
        joined.insert(joined.end(), piece.begin(), piece.end());

        auto source =
            open(SourceConfig(each).with_split(split).with_chunk_size(20).with_max_chunk_size(20));
        ASSERT_TRUE(source);
        auto first = *source->read_chunk();
        if (!first) continue;
        append_rows(*first->arrow(), resumed);
        const Rows rest =
            read(SourceConfig(each).with_split(split).with_resume(*source->checkpoint()));
        resumed.insert(resumed.end(), rest.begin(), rest.end());
      }
      EXPECT_EQ(joined, whole) << wanted;
      EXPECT_EQ(resumed, whole) << wanted;
    }
  }
}

TEST_F(ManyRows, ACheckpointOfOtherFilesIsChanged) {
  auto source = open(config("*/").with_chunk_size(10));
  ASSERT_TRUE(source);
  ASSERT_TRUE(source->read_chunk());
  const Checkpoint checkpoint = *source->checkpoint();
  make("p=9/new.csv", "n,text\n1,x\n");
  EXPECT_EQ(error(config("*/").with_resume(checkpoint)).kind, ErrorKind::Changed);
}

TEST_F(FileSequence, AFileThatVanishesBeforeItsTurnIsAnErrorThatNamesIt) {
  make("1.csv", "a\n1\n");
  make("2.csv", "a\n2\n");
  auto source = open(config("*.csv").with_prefetch(false).with_parallel(false));
  ASSERT_TRUE(source);
  fs::remove(folder / "2.csv");
  ASSERT_TRUE(source->read_chunk());
  const auto next = source->read_chunk();
  ASSERT_FALSE(next);
  EXPECT_EQ(next.error().kind, ErrorKind::NotFound);
  EXPECT_EQ(next.error().where.location, folder / "2.csv");
  EXPECT_THAT(next.error().hint, HasSubstr("when the files were listed"));
}

TEST_F(FileSequence, TheNextFileIsOpenedWhileOneIsRead) {
  if (Executor::global()->num_threads() < 2) GTEST_SKIP() << "there is no thread for it";
  make("1.csv", "a\n1\n2\n");
  make("2.csv", "a\n3\n");
  make("3.csv", "a\n4\n");
  auto source = open(config("*.csv").with_prefetch(false).with_chunk_size(1));
  ASSERT_TRUE(source);
  ASSERT_TRUE(source->read_chunk());  // there is another row
  wait_until_open(folder / "2.csv");
  EXPECT_FALSE(is_open(folder / "3.csv"));
}

TEST_F(FileSequence, APipeInAListIsReadOnceWithoutCheckpoints) {
  make("2.csv", "a\n2\n");
  ASSERT_EQ(::mkfifo((folder / "pipe").c_str(), 0600), 0);
  for (const bool is_first : {true, false}) {
    std::thread writer([&] { write_text(folder / "pipe", "a\n1\n"); });
    const SourceConfig both = is_first ? SourceConfig({folder / "pipe", folder / "2.csv"})
                                       : SourceConfig({folder / "2.csv", folder / "pipe"});
    auto source = open(both);
    ASSERT_TRUE(source) << source.error().to_string();
    EXPECT_FALSE(source->metadata().seekable);
    EXPECT_EQ(source->checkpoint().error().kind, ErrorKind::UnsupportedOperation);
    Rows rows;
    for (auto& chunk : *source) append_rows(*chunk->arrow(), rows);
    EXPECT_EQ(rows, is_first ? (Rows{"1", "2"}) : (Rows{"2", "1"}));
    writer.join();
  }
  EXPECT_EQ(
      error(SourceConfig({folder / "2.csv", folder / "pipe"}).with_option("union_by_name", "true"))
          .kind,
      ErrorKind::UnsupportedOperation);
}

TEST_F(FileSequence, ManyFilesTakeTheMemoryOfOne) {
  const std::string row = std::string(1000, 'x') + "\n";
  const auto peak = [&](int num_files) {
    for (int i = 0; i < num_files; ++i) {
      std::string text = "a\n";
      for (int k = 0; k < 100; ++k) text += row;
      make("d/" + std::to_string(i) + ".csv", text);
    }
    const auto budget = MemoryBudget::make(64 << 20);
    std::int64_t rows = 0;
    auto source = open(
        SourceConfig(folder / "d").with_budget(budget).with_chunk_size(50).with_max_chunk_size(50));
    EXPECT_TRUE(source);
    for (auto& chunk : *source) rows += chunk->height();
    EXPECT_EQ(rows, num_files * 100);
    return budget->peak_reserved_bytes();
  };
  const std::int64_t of_two = peak(2);
  EXPECT_LT(peak(300), of_two + (1 << 20));
}

TEST_F(FileSequence, ARowThatIsTooLargeIsReadWithMoreRoomBesideAddedColumnsToo) {
  make("a.csv", "a\nshort\n" + std::string(3 << 20, 'x') + "\nshort\n");
  auto source = open(config("a.cs[v]").with_option("filename", "true").with_chunk_size(1));
  ASSERT_TRUE(source);
  std::int64_t rows = 0;
  for (auto& chunk : *source) {
    ASSERT_TRUE(chunk) << chunk.error().to_string();
    rows += chunk->height();
  }
  EXPECT_EQ(rows, 3);
}

TEST_F(FileSequence, ChunksWithLongPathsStayWithinWhatWasReservedForThem) {
  const std::string deep = std::string(200, 'd') + "/" + std::string(200, 'e') + "/";
  std::string text = "a\n";
  for (int i = 0; i < 20'000; ++i) text += "1\n";
  make(deep + "1.csv", text);
  make(deep + "2.csv", text);
  const auto budget = MemoryBudget::make(32 << 20);
  std::int64_t rows = 0;
  auto source = open(SourceConfig(folder / "**")
                         .with_budget(budget)
                         .with_option("filename", "true")
                         .with_option("max_chunk_bytes", "300KiB")
                         .with_prefetch(false));
  ASSERT_TRUE(source) << source.error().to_string();
  for (auto& chunk : *source) {
    ASSERT_TRUE(chunk);
    rows += chunk->height();
    EXPECT_LE(chunk->num_bytes(), 300 << 10);
  }
  EXPECT_EQ(rows, 40'000);
  EXPECT_EQ(budget->peak_reserved_bytes() <= 32 << 20, true);
}

TEST_F(FileSequence, TheKindOfAFolderIsThatOfTheFilesInIt) {
  make("d/x/1.csv.gz", "");
  make("e/readme", "");
  make("f/1.tsv", "a\tb\n1\t2\n");
  const auto empty = registry.create_for(config("d"));
  ASSERT_FALSE(empty);
  EXPECT_NE(empty.error().kind, ErrorKind::UnsupportedSource);
  EXPECT_EQ(registry.create_for(config("e")).error().kind, ErrorKind::UnsupportedSource);
  for (const char* location : {"f", "f/*", "f/*.tsv"}) {
    const auto source = registry.create_for(config(location));
    ASSERT_TRUE(source) << source.error().to_string();
    EXPECT_EQ(source->metadata().schema.num_fields(), 2);
  }
}

TEST_F(FileSequence, OptionsThatMakeNoSenseAreRefused) {
  make("1.csv", "a\n1\n");
  const std::vector<std::vector<std::pair<const char*, const char*>>> nonsense = {
      {{"row_index_offset", "-1"}},
      {{"row_index_name", "x"}, {"filename", "x"}},
      {{"union_by_name", "true"}, {"extra_columns", "ignore"}},
      {{"missing_columns", "perhaps"}},
      {{"hive_partitioning", "maybe"}}};
  for (const auto& options : nonsense) {
    SourceConfig with = config("*.csv");
    for (const auto& [key, value] : options) with.with_option(key, value);
    EXPECT_EQ(error(with).kind, ErrorKind::Config);
  }
  EXPECT_EQ(error(SourceConfig(std::vector<std::string>())).kind, ErrorKind::Config);
}

}  // namespace
}  // namespace polarway
