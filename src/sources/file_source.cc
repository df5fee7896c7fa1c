#include "sources/file_source.h"

#include "transports/open_bytes.h"

namespace polarway {
namespace {

class FileReader final : public SourceReader {
 public:
  FileReader(std::string location, ByteOptions options, Charset charset,
             std::unique_ptr<Decoder> decoder)
      : location_(std::move(location)),
        options_(options),
        charset_(std::move(charset)),
        decoder_(std::move(decoder)) {}

  std::int64_t working_set_bytes(const ScanRequest& request) const override {
    return decoder_->working_set_bytes(request);
  }

  Result<ScanPlan> open(const ScanRequest& request, const Context& context) override {
    POLARWAY_TRY(auto bytes,
                 open_bytes(location_, options_, charset_, context.budget, context.stop));
    return decoder_->open(std::move(bytes), request, context);
  }

  Result<std::optional<Batch>> read(const ChunkTarget& target) override {
    return decoder_->read(target);
  }

  Result<std::vector<Split>> splits(int max_splits) override {
    return decoder_->splits(max_splits);
  }

  ReaderStats stats() const override {
    return {.bytes_read = decoder_->bytes_read(), .retries = 0};
  }

 private:
  std::string location_;
  ByteOptions options_;
  Charset charset_;
  std::unique_ptr<Decoder> decoder_;
};

}  // namespace

std::unique_ptr<SourceReader> make_file_reader(std::string location, ByteOptions options,
                                               Charset charset, std::unique_ptr<Decoder> decoder) {
  return std::make_unique<FileReader>(std::move(location), options, std::move(charset),
                                      std::move(decoder));
}

}  // namespace polarway
