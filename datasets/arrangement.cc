#include "datasets/arrangement.h"

#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include "datasets/put_text.h"
#include "datasets/random.h"

namespace polarway::datasets {

namespace {

constexpr std::uint64_t kOtherNumbers = 0x5851f42d4c957f2d;  // than those that the table draws

class ArrangedTable final : public TableMaker {
 public:
  ArrangedTable(std::unique_ptr<TableMaker> table, const Arrangement& arrangement,
                std::uint64_t seed)
      : table_(std::move(table)),
        random_(seed ^ kOtherNumbers),
        quoted_of_2_32_(static_cast<std::uint64_t>(arrangement.quoted_percent / 100 * 0x1p32)),
        row_(table_->max_row_bytes()),
        row_ends_(table_->columns().size()) {
    std::vector<std::size_t> order(table_->columns().size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    if (arrangement.shuffle_columns) {
      for (std::size_t i = order.size(); i > 1; --i)
        std::swap(order[i - 1], order[random_.below(i)]);
    }
    const auto wanted = static_cast<std::size_t>(arrangement.num_columns);
    const std::size_t count = wanted > 0 ? wanted : order.size();
    for (std::size_t i = 0; i < count; ++i) {
      const std::size_t source = order[i % order.size()];
      const std::size_t round = i / order.size() + 1;
      sources_.push_back(source);
      columns_.push_back(table_->columns()[source] +
                         (round > 1 ? "_" + std::to_string(round) : std::string()));
    }
  }

  std::span<const std::string> columns() const override { return columns_; }

  std::size_t max_row_bytes() const override {
    const std::size_t rounds = columns_.size() / row_ends_.size() + 1;
    return rounds * table_->max_row_bytes() + 2 * columns_.size();
  }

  char* put_row(char* out, std::span<char*> ends) override {
    table_->put_row(row_.data(), row_ends_);
    for (std::size_t i = 0; i < sources_.size(); ++i) {
      const std::size_t source = sources_[i];
      const char* const begin = source == 0 ? row_.data() : row_ends_[source - 1] + 1;
      const std::string_view cell(begin, static_cast<std::size_t>(row_ends_[source] - begin));
      if (i > 0) *out++ = ',';
      const bool is_quoted = quoted_of_2_32_ != 0 && (random_.next() >> 32) < quoted_of_2_32_ &&
                             !cell.empty() && cell.front() != '"';
      out = is_quoted ? put(put(put(out, "\""), cell), "\"") : put(out, cell);
      ends[i] = out;
    }
    return out;
  }

 private:
  std::unique_ptr<TableMaker> table_;
  Random random_;
  std::uint64_t quoted_of_2_32_;
  std::vector<std::size_t> sources_;
  std::vector<std::string> columns_;
  std::vector<char> row_;
  std::vector<char*> row_ends_;
};

}  // namespace

bool changes_anything(const Arrangement& arrangement) {
  return arrangement.shuffle_columns || arrangement.num_columns > 0 ||
         arrangement.quoted_percent > 0;
}

std::unique_ptr<TableMaker> arrange(std::unique_ptr<TableMaker> table,
                                    const Arrangement& arrangement, std::uint64_t seed) {
  if (!changes_anything(arrangement)) return table;
  return std::make_unique<ArrangedTable>(std::move(table), arrangement, seed);
}

}  // namespace polarway::datasets
