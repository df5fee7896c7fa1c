#include "formats/parquet/arrow_pages.h"

#include <arrow/buffer.h>
#include <parquet/column_page.h>
#include <parquet/column_reader.h>
#include <parquet/exception.h>
#include <parquet/properties.h>

#include <algorithm>
#include <utility>

#include "formats/parquet/page_reader.h"

namespace polarway::pq {
namespace {

// All that is opened here works with these.
struct Tools {
  const RowGroups& groups;
  RandomAccess& file;
  std::shared_ptr<MemoryBudget> budget;
  std::stop_token stop;
  std::optional<SourceError>* error;
  ::parquet::ReaderProperties properties;

  [[noreturn]] void refuse(SourceError why) const {
    *error = std::move(why);
    throw ::parquet::ParquetException((*error)->message);
  }
  template <class T>
  T take(Result<T> result) const {
    if (!result) refuse(std::move(result.error()));
    if constexpr (!std::is_void_v<T>) return *std::move(result);
  }
};

::parquet::Encoding::type encoding_of(std::int64_t number) {
  const bool is_known = number >= 0 && number < ::parquet::Encoding::UNDEFINED;
  return is_known ? static_cast<::parquet::Encoding::type>(number) : ::parquet::Encoding::UNDEFINED;
}

class Pages final : public ::parquet::PageReader {
 public:
  Pages(std::shared_ptr<Tools> tools, const ColumnChunk& chunk, const std::string& column)
      : tools_(std::move(tools)),
        pages_(tools_->file, column, tools_->budget, tools_->stop),
        left_(chunk.num_values) {
    tools_->take(pages_.start(chunk, chunk.offset));
  }

  std::shared_ptr<::parquet::Page> NextPage() override {
    while (left_ > 0) {
      const PageHeader header = tools_->take(pages_.peek());
      switch (header.kind) {
        case PageHeader::Kind::Other:
          pages_.skip(header);
          break;
        case PageHeader::Kind::Dictionary:
          return dictionary(header);
        case PageHeader::Kind::Data:
        case PageHeader::Kind::DataV2:
          if (header.num_values > left_) {
            tools_->refuse(pages_.malformed("a page has more values than the column"));
          }
          left_ -= header.num_values;
          return data(header);
      }
    }
    return nullptr;
  }

  void set_max_page_header_size(std::uint32_t) override {}

 private:
  static std::shared_ptr<arrow::Buffer> view(const PageBytes& page) {
    return std::make_shared<arrow::Buffer>(page.bytes().data(),
                                           static_cast<std::int64_t>(page.bytes().size()));
  }

  // libparquet makes its own of it: as large again, and a pointer and a length for each value.
  std::shared_ptr<::parquet::Page> dictionary(const PageHeader& header) {
    const std::int64_t made = header.bytes + 16 * std::min(header.num_values, header.bytes);
    tools_->take(pages_.load(header, made, dictionary_));
    return std::make_shared<::parquet::DictionaryPage>(view(dictionary_),
                                                       static_cast<std::int32_t>(header.num_values),
                                                       encoding_of(header.encoding));
  }

  std::shared_ptr<::parquet::Page> data(const PageHeader& header) {
    tools_->take(pages_.load(header, 0, data_));
    const auto num_values = static_cast<std::int32_t>(header.num_values);
    if (header.kind == PageHeader::Kind::Data) {
      return std::make_shared<::parquet::DataPageV1>(
          view(data_), num_values, encoding_of(header.encoding),
          encoding_of(header.definition_encoding), encoding_of(header.repetition_encoding),
          header.bytes);
    }
    return std::make_shared<::parquet::DataPageV2>(
        view(data_), num_values, static_cast<std::int32_t>(header.num_nulls),
        static_cast<std::int32_t>(header.num_rows), encoding_of(header.encoding),
        static_cast<std::int32_t>(header.definition_bytes),
        static_cast<std::int32_t>(header.repetition_bytes), header.bytes);
  }

  std::shared_ptr<Tools> tools_;
  pq::PageReader pages_;
  std::int64_t left_;  // values in pages to come
  PageBytes dictionary_;
  PageBytes data_;
};

class Group final : public ::parquet::RowGroupReader::Contents {
 public:
  Group(std::shared_ptr<Tools> tools, std::size_t index, int number)
      : tools_(std::move(tools)),
        index_(index),
        metadata_(tools_->groups.metadata().RowGroup(number)) {}

  std::unique_ptr<::parquet::PageReader> GetColumnPageReader(int column) override {
    const ColumnChunk chunk = tools_->take(tools_->groups.chunk(index_, column, true));
    return std::make_unique<Pages>(tools_, chunk,
                                   metadata_->schema()->Column(column)->path()->ToDotString());
  }
  const ::parquet::RowGroupMetaData* metadata() const override { return metadata_.get(); }
  const ::parquet::ReaderProperties* properties() const override { return &tools_->properties; }

 private:
  std::shared_ptr<Tools> tools_;
  std::size_t index_;
  std::unique_ptr<::parquet::RowGroupMetaData> metadata_;
};

class File final : public ::parquet::ParquetFileReader::Contents {
 public:
  explicit File(std::shared_ptr<Tools> tools) : tools_(std::move(tools)) {}

  void Close() override {}
  std::shared_ptr<::parquet::RowGroupReader> GetRowGroup(int number) override {
    const auto& groups = tools_->groups.groups();
    const auto found = std::find_if(groups.begin(), groups.end(),
                                    [&](const auto& group) { return group.number == number; });
    if (found == groups.end()) throw ::parquet::ParquetException("a row group that is not read");
    return std::make_shared<::parquet::RowGroupReader>(
        std::make_unique<Group>(tools_, static_cast<std::size_t>(found - groups.begin()), number));
  }
  std::shared_ptr<::parquet::FileMetaData> metadata() const override {
    return tools_->groups.shared_metadata();
  }
  std::shared_ptr<::parquet::PageIndexReader> GetPageIndexReader() override { return nullptr; }
  ::parquet::BloomFilterReader& GetBloomFilterReader() override {
    throw ::parquet::ParquetException("bloom filters are not read");
  }

 private:
  std::shared_ptr<Tools> tools_;
};

}  // namespace

std::unique_ptr<::parquet::ParquetFileReader> open_with_our_pages(
    const RowGroups& groups, RandomAccess& file, const std::shared_ptr<MemoryBudget>& budget,
    std::stop_token stop, std::optional<SourceError>* error) {
  const auto tools =
      std::make_shared<Tools>(Tools{groups, file, budget, std::move(stop), error,
                                    ::parquet::ReaderProperties(budget->arrow_pool())});
  auto reader = std::make_unique<::parquet::ParquetFileReader>();
  reader->Open(std::make_unique<File>(tools));
  return reader;
}

}  // namespace polarway::pq
