#include "stream_summary.h"

#include <fmt/format.h>

#include <string_view>
#include <utility>
#include <vector>

#include "quantities.h"

namespace polarway::cli {

namespace {

std::string bytes_text(std::int64_t bytes) { return cli::bytes_text(static_cast<double>(bytes)); }

double rate(std::int64_t amount, double seconds) {
  return seconds > 0 ? static_cast<double>(amount) / seconds : 0;
}

std::string chunks_text(const StreamingStats& stats) {
  if (stats.chunks_read == 0) return "none";
  const std::string number = count_text(stats.chunks_read);
  if (stats.min_chunk_size == stats.max_chunk_size || stats.min_chunk_size == 0) {
    return fmt::format("{} of {} rows", number, count_text(stats.max_chunk_size));
  }
  return fmt::format("{} of {} to {} rows", number, count_text(stats.min_chunk_size),
                     count_text(stats.max_chunk_size));
}

}  // namespace

std::string summary_text(const StreamJob& job, const StreamReport& report) {
  const StreamingStats& stats = report.stats;
  std::string text;
  const auto line = [&](std::string_view name, const std::string& value) {
    text += fmt::format("{}{:<9}{}", text.empty() ? "" : "\n", name, value);
  };
  if (report.was_done) return job.to + " is complete since an earlier run";
  if (report.rows_before > 0) {
    line("before", fmt::format("{} rows, by earlier runs", count_text(report.rows_before)));
  }
  line("rows", fmt::format("{} of {} column{}", count_text(stats.records_processed), report.columns,
                           report.columns == 1 ? "" : "s"));
  line("read", fmt::format("{} in {}: {}/s, {} rows/s", bytes_text(stats.bytes_read),
                           seconds_text(report.seconds),
                           cli::bytes_text(rate(stats.bytes_read, report.seconds)),
                           short_count_text(rate(stats.records_processed, report.seconds))));
  line("memory", fmt::format("at most {} of the {} allowed ({} %)",
                             bytes_text(report.peak_anon_bytes), bytes_text(report.limit_bytes),
                             percent_text(static_cast<double>(report.peak_anon_bytes),
                                          static_cast<double>(report.limit_bytes))));
  line("chunks", chunks_text(stats));
  if (!job.to.empty()) {
    line("wrote", fmt::format("{} to {}", bytes_text(report.bytes_written),
                              job.to == "-" ? "standard output" : job.to));
  }
  if (stats.retries > 0) line("retries", count_text(stats.retries));
  return text;
}

std::string stats_table(const StreamReport& report) {
  const StreamingStats& stats = report.stats;
  const auto milliseconds = [](double value) { return fmt::format("{:.1f}", value); };
  const std::vector<std::pair<const char*, std::string>> rows = {
      {"bytes_read", count_text(stats.bytes_read)},
      {"records_processed", count_text(stats.records_processed)},
      {"chunks_read", count_text(stats.chunks_read)},
      {"memory_bytes", count_text(stats.memory_bytes)},
      {"peak_memory_bytes", count_text(stats.peak_memory_bytes)},
      {"peak_rss_anon_bytes", count_text(report.peak_anon_bytes)},
      {"memory_limit_bytes", count_text(stats.memory_limit_bytes)},
      {"process_bytes", count_text(stats.process_bytes)},
      {"process_file_bytes", count_text(stats.process_file_bytes)},
      {"avg_chunk_time_ms", milliseconds(stats.avg_chunk_time_ms)},
      {"throughput (rows/s)", fmt::format("{:.0f}", stats.throughput)},
      {"chunk_size", count_text(stats.chunk_size)},
      {"min_chunk_size", count_text(stats.min_chunk_size)},
      {"max_chunk_size", count_text(stats.max_chunk_size)},
      {"rows_rejected", count_text(stats.rows_rejected)},
      {"retries", count_text(stats.retries)},
      {"paused_ms", milliseconds(stats.paused_ms)},
      {"wait.source_ms", milliseconds(stats.wait.source_ms)},
      {"wait.memory_ms", milliseconds(stats.wait.memory_ms)},
      {"wait.consumer_ms", milliseconds(stats.wait.consumer_ms)},
      {"seconds", fmt::format("{:.3f}", report.seconds)},
  };
  std::string table;
  for (const auto& [name, value] : rows) {
    table += fmt::format("{}{:<20} {:>16}", table.empty() ? "" : "\n", name, value);
  }
  return table;
}

std::string stats_json(const StreamReport& report) {
  std::string json = report.stats.to_json();
  json.erase(json.rfind('}'));
  return json + fmt::format(",\"peak_rss_anon_bytes\":{},\"seconds\":{:.6f}}}",
                            report.peak_anon_bytes, report.seconds);
}

}  // namespace polarway::cli
