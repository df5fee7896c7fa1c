#include "transports/http_body.h"

#include <array>
#include <string_view>
#include <utility>

#include "core/quoted_text.h"
#include "transports/compression.h"
#include "transports/decompressed_stream.h"

namespace polarway {
namespace {

class BodyStream final : public ByteStream {
 public:
  explicit BodyStream(HttpTransfer& transfer) : transfer_(transfer) {}

  Result<std::int64_t> read(std::span<std::uint8_t> into, std::stop_token stop) override {
    return transfer_.read(into, stop);
  }
  Result<void> seek(std::int64_t) override {
    return fail({.kind = ErrorKind::UnsupportedOperation, .message = "a body has no way back"});
  }
  bool seekable() const override { return false; }
  std::optional<std::int64_t> size_bytes() const override { return std::nullopt; }
  std::string identity() const override { return ""; }
  const std::string& location() const override { return transfer_.shown_url(); }
  std::int64_t bytes_read() const override { return transfer_.body_bytes(); }

 private:
  HttpTransfer& transfer_;
};

}  // namespace

Result<std::unique_ptr<ByteStream>> open_body(HttpTransfer& transfer,
                                              std::optional<std::int64_t> max_expansion,
                                              const std::shared_ptr<MemoryBudget>& budget) {
  auto body = std::make_unique<BodyStream>(transfer);
  std::string_view encoding = transfer.headers().find("Content-Encoding").value_or("identity");
  if (encoding.empty() || equals_ignoring_case(encoding, "identity")) return body;
  static constexpr std::array kEncodings = {
      std::pair<std::string_view, Compression>("gzip", Compression::Gzip),
      std::pair<std::string_view, Compression>("x-gzip", Compression::Gzip),
      std::pair<std::string_view, Compression>("zstd", Compression::Zstd),
      std::pair<std::string_view, Compression>("br", Compression::Brotli),
  };
  for (const auto& [name, compression] : kEncodings) {
    if (!equals_ignoring_case(encoding, name)) continue;
    return decompress(std::move(body), format_of(compression), max_expansion, budget);
  }
  return fail({.kind = ErrorKind::Parse,
               .where = {.location = transfer.shown_url()},
               .message = "the body has the Content-Encoding " + shorten(encoding) +
                          ", which was not asked for and is not read",
               .hint = "identity, gzip, zstd and br are"});
}

}  // namespace polarway
