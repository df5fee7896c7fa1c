#include "formats/json/type_guess.h"

#include <arrow/type.h>

#include <bit>
#include <utility>

#include "core/quoted_text.h"
#include "formats/json/number.h"
#include "formats/json/scalar_readers.h"

namespace polarway::json {
namespace {

// A guess, its name and its place in the map; later the field, the column and their copies.
constexpr std::int64_t kFieldBytes = 2'000;

bool too_deep(GuessContext& context, const char* at) {
  context.trouble.at = at;
  context.trouble.message =
      "more than " + std::to_string(context.max_depth) + " objects and arrays are open here";
  context.trouble.hint = "raise max_depth";
  return false;
}

}  // namespace

TypeGuess::TypeGuess() = default;
TypeGuess::TypeGuess(TypeGuess&&) noexcept = default;
TypeGuess& TypeGuess::operator=(TypeGuess&&) noexcept = default;
TypeGuess::~TypeGuess() = default;

bool TypeGuess::see(ondemand::value value, std::int64_t depth, GuessContext& context) {
  const std::string_view token = take_token(value);
  simdjson::error_code error = simdjson::SUCCESS;
  if (token.front() == '{') {
    ondemand::object object;
    error = value.get_object().get(object);
    if (!error) return see_object(object, depth, context);
  } else if (token.front() == '[') {
    ondemand::array array;
    error = value.get_array().get(array);
    if (!error) return see_array(array, depth, context);
  } else {
    return see_token(without_blanks(token), context);
  }
  set_trouble(context.trouble, error, nullptr);
  return false;
}

TypeGuess* TypeGuess::child_of(std::string_view name, std::int64_t depth, GuessContext& context) {
  const auto found = places_.find(name);
  if (found != places_.end()) return &children_[found->second]->guess;
  const auto bytes = kFieldBytes + 4 * static_cast<std::int64_t>(name.size());
  if (context.lease) {
    if (Result<void> paid = context.lease.grow(bytes); !paid) {
      context.trouble.kind = ErrorKind::MemoryLimit;
      context.trouble.message =
          "there is no room for more fields than those before " + shorten(name);
      context.trouble.hint =
          "raise the memory limit; where names are data, pin the column to string";
      return nullptr;
    }
  }
  children_.push_back(std::make_unique<Child>(Child{std::string(name), TypeGuess()}));
  places_.emplace(children_.back()->name, children_.size() - 1);
  TypeGuess& guess = children_.back()->guess;
  guess.is_known_ = depth == 0 && context.known != nullptr &&
                    context.known->index_of(children_.back()->name) >= 0;
  return &guess;
}

bool TypeGuess::see_object(ondemand::object object, std::int64_t depth, GuessContext& context) {
  seen_ |= kObject;
  if (depth >= context.max_depth) return too_deep(context, nullptr);
  std::size_t next = 0;  // names come in one order, mostly
  for (auto found : object) {
    ondemand::field field;
    if (const auto error = std::move(found).get(field)) {
      set_trouble(context.trouble, error, nullptr);
      return false;
    }
    std::string_view name;
    if (!read_key(field.key(), context.text_end, context.scratch, name)) {
      set_malformed(context.trouble, {field.key().raw() - 1, 1});
      return false;
    }
    TypeGuess* const child = next < children_.size() && children_[next]->name == name
                                 ? &children_[next]->guess
                                 : child_of(name, depth, context);
    if (child == nullptr) return false;
    ++next;
    if (child->is_known_) continue;
    if (!child->see(field.value(), depth + 1, context)) {
      context.trouble.within_field(name);
      return false;
    }
  }
  return true;
}

bool TypeGuess::see_array(ondemand::array array, std::int64_t depth, GuessContext& context) {
  seen_ |= kArray;
  if (depth >= context.max_depth) return too_deep(context, nullptr);
  std::int64_t index = 0;
  for (auto found : array) {
    ondemand::value value;
    if (const auto error = found.get(value)) {
      set_trouble(context.trouble, error, nullptr);
      return false;
    }
    if (!element_) element_ = std::make_unique<TypeGuess>();
    if (!element_->see(value, depth + 1, context)) {
      context.trouble.within_element(index);
      return false;
    }
    ++index;
  }
  num_elements_ += index;
  return true;
}

bool TypeGuess::see_token(std::string_view token, GuessContext& context) {
  num_bytes_ += static_cast<std::int64_t>(token.size());
  if (!is_scalar(token, context.scratch)) {
    set_malformed(context.trouble, token);
    return false;
  }
  switch (token.front()) {
    case 'n':
      seen_ |= kNull;
      break;
    case 't':
    case 'f':
      seen_ |= kBoolean;
      break;
    case '"':
      see_string(token, context);
      break;
    default:
      see_number(token);
  }
  return true;
}

void TypeGuess::see_string(std::string_view token, const GuessContext& context) {
  seen_ |= kString;
  if (!context.infers_times) times_ = 0;
  if (times_ == 0) return;
  const std::string_view text = plain_text(token);
  std::int32_t days = 0;
  TextTime time;
  if (!parse_date(text, days)) times_ &= ~unsigned{kDate};
  if (!parse_timestamp(text, time)) {
    times_ &= unsigned{kDate};
  } else {
    times_ &= ~unsigned{time.has_zone ? kTimestamp : kTimestampUtc};
  }
}

void TypeGuess::see_number(std::string_view token) {
  Number number;
  double real = 0;
  if (!read_number(token, number)) return;
  const bool is_float64 = number.to_double(real);
  if (!number.is_integer) {
    seen_ |= is_float64 ? kFloat : kFloat | kBigFloat;
    return;
  }
  std::int64_t value = 0;
  std::uint64_t positive = 0;
  if (!is_float64) seen_ |= kInexact;
  if (number.is_negative) seen_ |= kNegative;
  if (number.to_int64(value)) {
    seen_ |= kInt64;
  } else {
    seen_ |= number.to_uint64(positive) ? kUInt64 : kBigInteger;
  }
}

bool TypeGuess::is_mixed() const {
  const unsigned kinds = seen_ & (kBoolean | kString | kObject | kArray);
  const int num_kinds = std::popcount(kinds) + ((seen_ & kNumbers) != 0 ? 1 : 0);
  if (num_kinds > 1) return true;
  return (seen_ & kNumbers) != 0 && number_type() == DataType::String;
}

DataType TypeGuess::number_type() const {
  if ((seen_ & kFloat) != 0) {
    const bool is_exact = (seen_ & (kInexact | kBigFloat | kBigInteger)) == 0;
    return is_exact ? DataType::Float64 : DataType::String;
  }
  if ((seen_ & kBigInteger) != 0) return DataType::String;
  if ((seen_ & kUInt64) == 0) return DataType::Int64;
  return (seen_ & kNegative) != 0 ? DataType::String : DataType(arrow::uint64());
}

DataType TypeGuess::type_or_string() const { return has_seen_value() ? type() : DataType::String; }

DataType TypeGuess::type() const {
  if (!has_seen_value()) return DataType(arrow::null());
  if (is_mixed()) return DataType::String;
  if ((seen_ & kBoolean) != 0) return DataType::Boolean;
  if ((seen_ & kNumbers) != 0) return number_type();
  if ((seen_ & kArray) != 0) {
    return DataType(arrow::list(
        arrow::field("item", element_ ? element_->type_or_string().arrow() : arrow::utf8())));
  }
  if ((seen_ & kObject) != 0) {
    arrow::FieldVector fields;
    for (const auto& child : children_) {
      fields.push_back(arrow::field(child->name, child->guess.type_or_string().arrow()));
    }
    return DataType(arrow::struct_(std::move(fields)));
  }
  if ((times_ & kDate) != 0) return DataType::Date;
  if ((times_ & kTimestamp) != 0) return DataType::Timestamp;
  return (times_ & kTimestampUtc) != 0 ? DataType::TimestampUtc : DataType::String;
}

const TypeGuess* TypeGuess::child(std::string_view name) const {
  const auto found = places_.find(name);
  return found == places_.end() ? nullptr : &children_[found->second]->guess;
}

double TypeGuess::bytes_per_row(std::int64_t num_rows) const {
  constexpr double kOffset = 4;
  constexpr double kValidity = 0.125;
  const auto rows = static_cast<double>(std::max<std::int64_t>(1, num_rows));
  const DataType own = type_or_string();
  if (own.arrow()->id() == arrow::Type::LIST) {
    return kValidity + kOffset +
           (element_
                ? static_cast<double>(num_elements_) / rows * element_->bytes_per_row(num_elements_)
                : 0);
  }
  if (own.arrow()->id() == arrow::Type::STRUCT) {
    double bytes = kValidity;
    for (const auto& child : children_) bytes += child->guess.bytes_per_row(num_rows);
    return bytes;
  }
  const int bits = own.arrow()->bit_width();  // -1: not fixed
  return kValidity + (bits < 0 ? static_cast<double>(num_bytes_) / rows + kOffset : bits / 8.0);
}

}  // namespace polarway::json
