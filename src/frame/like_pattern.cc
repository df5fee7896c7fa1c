#include "frame/like_pattern.h"

#include <arrow/array.h>
#include <arrow/buffer.h>
#include <arrow/util/bit_util.h>
#include <arrow/util/bitmap_ops.h>

#include <algorithm>
#include <cstdint>
#include <utility>

#include "core/arrow_status.h"
#include "core/quoted_text.h"

namespace polarway {
namespace {

constexpr std::size_t kNone = std::string_view::npos;

bool continues_character(char byte) { return (static_cast<unsigned char>(byte) & 0xC0) == 0x80; }

// Where the character ends that begins at `at`, which is within the text.
std::size_t next_character(std::string_view text, std::size_t at) {
  do {
    ++at;
  } while (at < text.size() && continues_character(text[at]));
  return at;
}

tl::unexpected<SourceError> refuse(std::string message, std::string hint) {
  return fail({.kind = ErrorKind::Config, .message = std::move(message), .hint = std::move(hint)});
}

template <class ArrayType, class Matches>
void match_each(const arrow::Array& array, std::uint8_t* bits, const Matches& matches) {
  const auto& texts = static_cast<const ArrayType&>(array);
  for (std::int64_t i = 0; i < texts.length(); ++i) {
    arrow::bit_util::SetBitTo(bits, i, texts.IsValid(i) && matches(texts.GetView(i)));
  }
}

}  // namespace

Result<LikePattern> LikePattern::parse(std::string_view pattern, std::string_view escape) {
  if (!escape.empty() && next_character(escape, 0) != escape.size()) {
    return refuse("the escape " + shorten(escape) + " is not one character", "such as escape '!'");
  }
  LikePattern like;
  like.runs_.emplace_back(1);
  for (std::size_t at = 0; at < pattern.size();) {
    const std::size_t end = next_character(pattern, at);
    const std::string_view character = pattern.substr(at, end - at);
    at = end;
    Run& run = like.runs_.back();
    if (character == escape) {
      const std::size_t escaped = at < pattern.size() ? next_character(pattern, at) : at;
      const std::string_view what = pattern.substr(at, escaped - at);
      if (what != "%" && what != "_" && what != escape) {
        return refuse(
            "the escape " + shorten(escape) + " has no %, _ or " + shorten(escape) + " behind it",
            "write it twice to mean itself");
      }
      run.back().bytes += what;
      at = escaped;
    } else if (character == "%") {
      like.runs_.emplace_back(1);
    } else if (character == "_") {
      if (!run.back().bytes.empty()) run.emplace_back();
      ++run.back().num_any;
    } else {
      run.back().bytes += character;
    }
  }
  return like;
}

// Where the run ends that begins at `from`, or kNone.
std::size_t LikePattern::end_of_match(const Run& run, std::string_view text, std::size_t from) {
  for (const Piece& piece : run) {
    for (std::size_t i = 0; i < piece.num_any; ++i) {
      if (from >= text.size()) return kNone;
      from = next_character(text, from);
    }
    if (!text.substr(from).starts_with(piece.bytes)) return kNone;
    from += piece.bytes.size();
  }
  return from;
}

// Moves `from` behind the first match of the run.
bool LikePattern::find(const Run& run, std::string_view text, std::size_t& from) {
  while (from <= text.size()) {
    if (run.front().num_any == 0) {
      from = text.find(run.front().bytes, from);
      if (from == kNone) return false;
    }
    if (const std::size_t end = end_of_match(run, text, from); end != kNone) {
      from = end;
      return true;
    }
    if (from == text.size()) return false;
    from = next_character(text, from);
  }
  return false;
}

bool LikePattern::matches(std::string_view text) const {
  std::size_t from = end_of_match(runs_.front(), text, 0);
  if (runs_.size() == 1 || from == kNone) return from == text.size();
  // Where the text before a % may end does not matter to what is behind it: the first place is
  // the best.
  for (std::size_t i = 1; i + 1 < runs_.size(); ++i) {
    if (!find(runs_[i], text, from)) return false;
  }
  // The last run is what the text ends with, read backwards.
  std::size_t end = text.size();
  const Run& last = runs_.back();
  for (auto piece = last.rbegin(); piece != last.rend(); ++piece) {
    if (!text.substr(from, end - from).ends_with(piece->bytes)) return false;
    end -= piece->bytes.size();
    for (std::size_t i = 0; i < piece->num_any; ++i) {
      if (end == from) return false;
      do {
        --end;
      } while (end > from && continues_character(text[end]));
    }
  }
  return true;
}

Result<std::shared_ptr<arrow::Array>> LikePattern::matches(const arrow::Array& texts,
                                                           arrow::MemoryPool* pool) const {
  const std::int64_t rows = texts.length();
  POLARWAY_TRY(std::shared_ptr<arrow::Buffer> bits,
               from_arrow(arrow::AllocateEmptyBitmap(rows, pool)));
  const auto matches_one = [this](std::string_view text) { return matches(text); };
  if (texts.type_id() == arrow::Type::STRING) {
    match_each<arrow::StringArray>(texts, bits->mutable_data(), matches_one);
  } else {
    match_each<arrow::LargeStringArray>(texts, bits->mutable_data(), matches_one);
  }
  std::shared_ptr<arrow::Buffer> validity;
  if (texts.null_count() > 0) {
    POLARWAY_TRY(validity, from_arrow(arrow::internal::CopyBitmap(pool, texts.null_bitmap_data(),
                                                                  texts.offset(), rows)));
  }
  return std::make_shared<arrow::BooleanArray>(rows, std::move(bits), std::move(validity));
}

}  // namespace polarway
