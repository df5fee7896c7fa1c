#include "datasets/table_maker.h"

namespace polarway::datasets {

namespace {

struct Named {
  std::string_view name;
  std::unique_ptr<TableMaker> (*make)(std::uint64_t seed);
};

constexpr Named kTables[] = {{"people", make_people},
                             {"taxi", make_taxi},
                             {"quoted", make_quoted},
                             {"wide", make_wide},
                             {"narrow", make_narrow}};

}  // namespace

Result<std::unique_ptr<TableMaker>> make_table(std::string_view name, std::uint64_t seed) {
  std::string names;
  for (const Named& table : kTables) {
    if (table.name == name) return table.make(seed);
    names += (names.empty() ? "" : ", ") + std::string(table.name);
  }
  return fail({.kind = ErrorKind::Config,
               .message = "there is no table called " + std::string(name),
               .hint = "the tables are " + names});
}

}  // namespace polarway::datasets
