// Makes the tables that the benchmarks read. Equal arguments make equal files.

#include <CLI/CLI.hpp>
#include <cstdint>
#include <iostream>
#include <string>

#include "datasets/arrangement.h"
#include "datasets/table_file.h"
#include "polarway/memory.h"

namespace {

using polarway::Result;
using namespace polarway::datasets;

struct Options {
  std::string table;
  std::string path;
  std::string size = "1GB";
  std::int64_t rows = 0;
  std::uint64_t seed = 7;
  Arrangement arrangement;
};

Result<TableWritten> make(const Options& options) {
  POLARWAY_TRY(const std::int64_t bytes, polarway::parse_size(options.size));
  POLARWAY_TRY(auto table, make_table(options.table, options.seed));
  table = arrange(std::move(table), options.arrangement, options.seed);
  return write_table(options.path, *table, {.rows = options.rows, .bytes = bytes}, {});
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  Arrangement& arrangement = options.arrangement;
  CLI::App program("Makes a table of the benchmarks as a CSV file");
  program.add_option("TABLE", options.table, "people, taxi, quoted, wide or narrow")->required();
  program.add_option("FILE", options.path, "Where it goes")->required();
  CLI::Option* size = program.add_option("--size", options.size, "How large it is (1GB)");
  program.add_option("--rows", options.rows, "How many rows it has, instead")
      ->check(CLI::PositiveNumber)
      ->excludes(size);
  program.add_option("--seed", options.seed, "Which values (7)");
  program.add_flag("--shuffle-columns", arrangement.shuffle_columns,
                   "Its columns in an order that the seed decides");
  program
      .add_option("--columns", arrangement.num_columns,
                  "So many columns: the last are left out, or all repeated")
      ->check(CLI::Range(1, 10'000));
  program
      .add_option("--quoted", arrangement.quoted_percent,
                  "Quotes around so many percent of the cells that need none")
      ->check(CLI::Range(0.0, 100.0));
  CLI11_PARSE(program, argc, argv);

  const Result<TableWritten> written = make(options);
  if (!written) return std::cerr << "make_data: " << written.error().to_string() << '\n', 1;
  std::cout << options.path << ": " << written->bytes << " bytes, " << written->rows << " rows\n";
}
