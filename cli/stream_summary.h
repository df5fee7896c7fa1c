#pragma once

#include <string>

#include "stream_job.h"

namespace polarway::cli {

/// Some lines for people: rows, bytes, rate, memory and chunk sizes.
std::string summary_text(const StreamJob& job, const StreamReport& report);

/// The counters as a table, one a line.
std::string stats_table(const StreamReport& report);

/// StreamingStats::to_json() with "seconds" and "peak_rss_anon_bytes" added: one line.
std::string stats_json(const StreamReport& report);

}  // namespace polarway::cli
