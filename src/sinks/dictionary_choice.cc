#include "sinks/dictionary_choice.h"

#include <arrow/array.h>
#include <arrow/type.h>
#include <arrow/type_traits.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <functional>
#include <string_view>

namespace polarway {
namespace {

constexpr std::int64_t kMaxSample = 4096;
constexpr std::int64_t kMinSample = 64;
constexpr std::int64_t kTextLength = 4;  // what a plain text has in front of it
constexpr double kMustSave = 0.25;

class Sample {
 public:
  bool is_full() const { return size_ == kMaxSample; }
  void add(std::string_view value) {
    hashes_[static_cast<std::size_t>(size_++)] = std::hash<std::string_view>()(value);
    bytes_ += static_cast<std::int64_t>(value.size());
  }
  std::int64_t size() const { return size_; }
  double mean_bytes() const { return static_cast<double>(bytes_) / static_cast<double>(size_); }
  std::int64_t num_distinct() {
    const auto end = hashes_.begin() + size_;
    std::sort(hashes_.begin(), end);
    return std::unique(hashes_.begin(), end) - hashes_.begin();
  }

 private:
  std::array<std::size_t, kMaxSample> hashes_;
  std::int64_t size_ = 0;
  std::int64_t bytes_ = 0;
};

template <class ValueAt>
void take(const arrow::Array& values, Sample& sample, ValueAt value_at) {
  for (std::int64_t i = 0; i < values.length() && !sample.is_full(); ++i) {
    if (values.IsValid(i)) sample.add(value_at(i));
  }
}

template <class Array>
void take_texts(const arrow::Array& values, Sample& sample) {
  const auto& texts = static_cast<const Array&>(values);
  take(values, sample, [&](std::int64_t i) { return texts.GetView(i); });
}

// False for types that are not looked at.
bool take_any(const arrow::Array& values, Sample& sample) {
  const arrow::Type::type type = values.type_id();
  if (type == arrow::Type::STRING || type == arrow::Type::BINARY) {
    take_texts<arrow::BinaryArray>(values, sample);
  } else if (type == arrow::Type::LARGE_STRING || type == arrow::Type::LARGE_BINARY) {
    take_texts<arrow::LargeBinaryArray>(values, sample);
  } else if (type == arrow::Type::STRING_VIEW || type == arrow::Type::BINARY_VIEW) {
    take_texts<arrow::BinaryViewArray>(values, sample);
  } else if (arrow::is_primitive(type) || arrow::is_decimal(type) ||
             type == arrow::Type::FIXED_SIZE_BINARY) {
    const auto width = static_cast<std::size_t>(values.type()->byte_width());
    const auto* bytes = values.data()->GetValues<char>(1, 0);
    take(values, sample, [&](std::int64_t i) {
      return std::string_view(bytes + static_cast<std::size_t>(values.offset() + i) * width, width);
    });
  } else {
    return false;
  }
  return true;
}

// How many distinct values there are, if `drawn` of them at random show `seen`: the solution of
// seen = all * (1 - exp(-drawn / all)), whose right side grows with `all`.
double estimate_distinct(double drawn, double seen) {
  double low = seen, high = seen;
  const auto shown = [&](double all) { return all * -std::expm1(-drawn / all); };
  while (shown(high) < seen && high < 1e12) high *= 2;
  for (int i = 0; i < 40; ++i) {
    const double middle = (low + high) / 2;
    (shown(middle) < seen ? low : high) = middle;
  }
  return high;
}

}  // namespace

bool dictionary_pays(const arrow::Array& values, std::int64_t num_rows, std::int64_t max_bytes) {
  if (values.type_id() == arrow::Type::BOOL) return false;
  Sample sample;
  if (!take_any(values, sample) || sample.size() < kMinSample) return true;
  const bool is_text = !arrow::is_fixed_width(values.type_id());
  const double width = sample.mean_bytes() + (is_text ? static_cast<double>(kTextLength) : 0);
  const std::int64_t seen = sample.num_distinct();
  if (seen == sample.size()) return false;
  const double distinct =
      estimate_distinct(static_cast<double>(sample.size()), static_cast<double>(seen));
  const double dictionary_bytes = distinct * width;
  if (dictionary_bytes > static_cast<double>(max_bytes)) return false;
  const auto index_bits = static_cast<double>(std::bit_width(static_cast<std::uint64_t>(distinct)));
  const double index_bytes = index_bits / 8 * static_cast<double>(num_rows);
  return dictionary_bytes + index_bytes < (1 - kMustSave) * width * static_cast<double>(num_rows);
}

}  // namespace polarway
