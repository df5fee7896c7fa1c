#include "core/stream_options.h"

#include <fmt/format.h>

#include <string>
#include <string_view>

namespace polarway {

namespace {

// Beyond these, a stream would do nothing but overshoot, or read ahead more than any source needs.
constexpr double kMostGrowth = 16;
constexpr std::int64_t kDeepestPrefetch = 64;

SourceError nonsense(std::string message) {
  return {.kind = ErrorKind::Config, .message = std::move(message)};
}

Result<void> check_share(std::string_view name, double value) {
  if (value > 0 && value <= 1) return {};
  return fail(
      nonsense(fmt::format("option \"{}\" is {}, but must be above 0 and at most 1", name, value)));
}

Result<void> check_order(std::string_view low_name, double low, std::string_view high_name,
                         double high) {
  if (low < high) return {};
  return fail(nonsense(fmt::format("option \"{}\" is {}, but must be below \"{}\", which is {}",
                                   low_name, low, high_name, high)));
}

Result<void> check_range(std::string_view name, std::int64_t value, std::int64_t least,
                         std::int64_t most) {
  if (value >= least && value <= most) return {};
  if (value < least)
    return fail(
        nonsense(fmt::format("option \"{}\" is {}, but must be at least {}", name, value, least)));
  return fail(
      nonsense(fmt::format("option \"{}\" is {}, but must be at most {}", name, value, most)));
}

}  // namespace

Result<void> StreamOptions::validate() const {
  POLARWAY_CHECK(check_share("shrink_above", shrink_above));
  POLARWAY_CHECK(check_share("shrink_factor", shrink_factor));
  POLARWAY_CHECK(check_share("grow_below", grow_below));
  POLARWAY_CHECK(check_share("pause_above", pause_above));
  POLARWAY_CHECK(check_share("resume_below", resume_below));
  POLARWAY_CHECK(check_order("grow_below", grow_below, "shrink_above", shrink_above));
  POLARWAY_CHECK(check_order("resume_below", resume_below, "pause_above", pause_above));
  if (!(grow_factor >= 1 && grow_factor <= kMostGrowth)) {
    return fail(nonsense(fmt::format("option \"grow_factor\" is {}, but must be from 1 to {}",
                                     grow_factor, kMostGrowth)));
  }
  POLARWAY_CHECK(check_range("min_chunk_size", min_chunk_size, 1, INT64_MAX));
  POLARWAY_CHECK(check_range("min_chunk_bytes", min_chunk_bytes.value, 1, INT64_MAX));
  POLARWAY_CHECK(
      check_range("max_chunk_bytes", max_chunk_bytes.value, min_chunk_bytes.value, INT64_MAX));
  POLARWAY_CHECK(check_range("prefetch_depth", prefetch_depth, 0, kDeepestPrefetch));
  return check_range("held_timeout_ms", held_timeout_ms, 0, INT64_MAX);
}

const OptionTable<StreamOptions>& stream_option_table() {
  using Options = StreamOptions;
  static const OptionTable<Options> built = [] {
    OptionTable<Options> table;
    table
        .add("preset", &Options::preset,
             "Limit and largest chunk for a machine of this size: auto, b1s, b2s or b4ms.")
        .add_choice("policy", &Options::policy,
                    "What sizes chunks: classic shrinks and grows them by shares of the memory "
                    "limit; model makes them as large as pays.",
                    {{"classic", SizingPolicy::Classic}, {"model", SizingPolicy::Model}})
        .add("shrink_above", &Options::shrink_above,
             "Chunks shrink above this share of the memory limit.")
        .add("shrink_factor", &Options::shrink_factor,
             "What a chunk's rows are multiplied by to shrink.")
        .add("grow_below", &Options::grow_below,
             "Chunks may grow below this share of the memory limit.")
        .add("grow_factor", &Options::grow_factor, "What a chunk's rows are multiplied by to grow.")
        .add("pause_above", &Options::pause_above,
             "Reading ahead pauses above this share of the memory limit.")
        .add("resume_below", &Options::resume_below,
             "Reading ahead resumes below this share of the memory limit.")
        .add("min_chunk_size", &Options::min_chunk_size,
             "The rows below which chunks do not shrink.")
        .add("max_chunk_bytes", &Options::max_chunk_bytes, "The most bytes a chunk may weigh.")
        .add("min_chunk_bytes", &Options::min_chunk_bytes,
             "The bytes below which chunks do not shrink while they fit.")
        .add("prefetch_depth", &Options::prefetch_depth, "How many chunks are read ahead.")
        .add("held_timeout_ms", &Options::held_timeout_ms,
             "How long to wait for the caller to let go of chunks before MemoryLimit.");
    return table;
  }();
  return built;
}

}  // namespace polarway
