#pragma once

#include <memory>
#include <optional>
#include <stop_token>

#include "core/byte_stream.h"
#include "polarway/memory.h"
#include "transports/http_session.h"

namespace polarway {

/// A file behind a URL, read as it comes. Where the server gives parts of it, it is seekable, and
/// what breaks off goes on at that byte; elsewhere it is read again from its start up to there, and
/// compared. Changed when the server says, or the bytes say, that it is another file by now.
///
/// NotFound, Auth and their like as HttpSession::await() has them. `max_expansion` is of its
/// Content-Encoding.
Result<std::unique_ptr<ByteStream>> open_http_file(std::unique_ptr<HttpSession> session,
                                                   HttpRequest request,
                                                   std::optional<std::int64_t> max_expansion,
                                                   std::shared_ptr<MemoryBudget> budget,
                                                   const std::stop_token& stop);

/// The size of the whole file in a Content-Range: "bytes 0-99/1234", "bytes */1234".
std::optional<std::int64_t> total_of_content_range(std::string_view field);

}  // namespace polarway
