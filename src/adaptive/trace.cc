#include <nlohmann/json.hpp>

#include "polarway/stream.h"

namespace polarway {

std::string Decision::to_json() const {
  const nlohmann::ordered_json json{{"t_ms", t_ms},
                                    {"chunk", chunk},
                                    {"rows", rows},
                                    {"bytes", bytes},
                                    {"rows_before", rows_before},
                                    {"rows_after", rows_after},
                                    {"usage", usage},
                                    {"limit_bytes", limit_bytes},
                                    {"rows_per_second", rows_per_second},
                                    {"rule", rule},
                                    {"sentence", sentence}};
  return json.dump();
}

std::string StreamingStats::to_json() const {
  const nlohmann::ordered_json json{{"bytes_read", bytes_read},
                                    {"records_processed", records_processed},
                                    {"chunks_read", chunks_read},
                                    {"memory_bytes", memory_bytes},
                                    {"peak_memory_bytes", peak_memory_bytes},
                                    {"memory_limit_bytes", memory_limit_bytes},
                                    {"process_bytes", process_bytes},
                                    {"process_file_bytes", process_file_bytes},
                                    {"avg_chunk_time_ms", avg_chunk_time_ms},
                                    {"throughput", throughput},
                                    {"chunk_size", chunk_size},
                                    {"min_chunk_size", min_chunk_size},
                                    {"max_chunk_size", max_chunk_size},
                                    {"rows_rejected", rows_rejected},
                                    {"retries", retries},
                                    {"paused_ms", paused_ms},
                                    {"wait",
                                     {{"source_ms", wait.source_ms},
                                      {"memory_ms", wait.memory_ms},
                                      {"consumer_ms", wait.consumer_ms}}}};
  return json.dump();
}

}  // namespace polarway
