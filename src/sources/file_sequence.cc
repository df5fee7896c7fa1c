#include "sources/file_sequence.h"

#include <arrow/record_batch.h>
#include <arrow/type.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <mutex>
#include <utility>

#include "core/leased_batch.h"
#include "sources/column_union.h"
#include "sources/file_ahead.h"
#include "sources/file_listing.h"
#include "sources/file_place.h"
#include "sources/file_splits.h"
#include "sources/file_table.h"

namespace polarway {
namespace {

bool fits(const Batch& batch, const ChunkTarget& target) {
  return batch.rows->num_rows() <= target.max_rows && batch_bytes(*batch.rows) <= target.max_bytes;
}

class FileSequence final : public SourceReader {
 public:
  FileSequence(std::vector<std::string> locations, FileOptions options, FileFormat format)
      : locations_(std::move(locations)),
        options_(std::move(options)),
        format_(std::move(format)),
        rules_{.glob = options_.glob, .extensions = format_.extensions} {}

  std::int64_t working_set_bytes(const ScanRequest& request) const override {
    return format_.make_decoder(locations_.front())->working_set_bytes(request);
  }

  Result<ScanPlan> open(const ScanRequest& request, const Context& context) override {
    context_ = context;
    request_ = request;
    const bool is_one = locations_.size() == 1 && !is_file_set(locations_.front(), rules_);
    // One file that is named as it stands has folders for other reasons.
    if (is_one && options_.hive_partitioning == HivePartitioning::Auto) {
      options_.hive_partitioning = HivePartitioning::Off;
    }
    is_plain_ = is_one && options_.adds_no_column();
    return is_plain_ ? open_plain() : open_files();
  }

  Result<std::optional<Batch>> read(const ChunkTarget& target) override {
    if (is_plain_) return decoder_->read(target);
    if (final_error_) return fail(*final_error_);
    Result<std::optional<Batch>> batch = read_files(target);
    if (!batch && !batch.error().retryable()) final_error_ = batch.error();
    return batch;
  }

  Result<std::vector<Split>> splits(int max_splits) override {
    if (is_plain_) return decoder_->splits(max_splits);
    if (!files_->all_regular()) {
      return fail({.kind = ErrorKind::UnsupportedOperation,
                   .where = {.location = locations_.front()},
                   .message = "what is no regular file cannot be split",
                   .hint = "write it to a file first"});
    }
    close_file();  // its room is for those that find the splits
    ahead_.drop();
    return split_files(*files_, max_splits, table_.has_row_numbers(),
                       [this](const std::string& path) { return open_alone(path); });
  }

  ReaderStats stats() const override {
    const std::lock_guard lock(decoder_mutex_);
    return {.bytes_read = bytes_before_ + (decoder_ ? decoder_->bytes_read() : 0), .retries = 0};
  }

 private:
  Result<ScanPlan> open_plain() {
    decoder_ = format_.make_decoder(locations_.front());
    POLARWAY_TRY(auto bytes, format_.open_bytes(locations_.front(), context_));
    return decoder_->open(std::move(bytes), request_, context_);
  }

  Result<ScanPlan> open_files();
  Result<Schema> find_columns();
  Result<Schema> start_first();
  Result<Schema> survey();
  Result<void> find_place();
  Result<bool> open_next();
  Result<bool> open_file(const std::string& path);
  Result<StartedFile> start_file(const std::string& path);
  Result<void> open_started(StartedFile& file, const std::string& path, ScanRequest place) const;
  Result<Schema> start(Decoder& decoder, const std::string& path, const Schema& known) const;
  Result<std::unique_ptr<ByteStream>> open_bytes(const std::string& path) const;
  Result<std::unique_ptr<Decoder>> open_alone(const std::string& path);
  std::size_t num_threads() const {
    return context_.executor ? static_cast<std::size_t>(context_.executor->num_threads()) : 1;
  }
  void close_file();
  void look_ahead(const ChunkTarget& target);
  Result<void> start_ahead(StartedFile& file, const std::string& path,
                           const ChunkTarget& target) const;

  Result<std::optional<Batch>> read_files(const ChunkTarget& target);
  ChunkTarget part_for_decoder(const ChunkTarget& target, const FileTable::File& columns) const;
  Result<Batch> finish(Batch decoded, std::int64_t first_row);

  std::vector<std::string> locations_;
  FileOptions options_;
  FileFormat format_;
  ListingRules rules_;
  Context context_;
  ScanRequest request_;
  bool is_plain_ = false;

  std::optional<FileList> files_;
  std::optional<ColumnUnion> union_;  // of the files looked at: the first, or all
  FileTable table_;
  std::string first_path_;            // of the first file that has columns,
  std::int64_t started_file_ = 0;     // its number,
  std::unique_ptr<Decoder> started_;  // and what it was looked at with, until it is opened
  Schema started_columns_;
  std::optional<PathFilter> path_filter_;
  bool pushes_filter_ = false;
  std::optional<std::string> split_within_;  // of the first file, when there is a split
  FilePlace place_;                          // of the file that is open, or to be opened
  bool may_go_back_ = true;                  // positions are promised

  StartedFile::Open file_;            // what is open
  std::optional<Batch> first_batch_;  // of it, where that was decoded ahead
  std::int64_t looked_at_ = 0;        // the last file that was begun ahead
  double decoded_row_bytes_ = 0;      // of a row of the first file's sample
  mutable std::mutex decoder_mutex_;  // for stats(), while decoders come and go
  std::unique_ptr<Decoder> decoder_;
  std::atomic<std::int64_t> bytes_before_ = 0;  // read of files that are closed
  std::optional<SourceError> final_error_;
  FileAhead ahead_;  // goes first: its task refers to the others
};

Result<ScanPlan> FileSequence::open_files() {
  POLARWAY_TRY(files_, list_files(locations_, rules_, context_.budget, context_.stop));
  may_go_back_ = files_->all_regular();
  POLARWAY_TRY(Schema columns, find_columns());
  POLARWAY_TRY(PathColumns from_paths, PathColumns::find(*files_, options_));
  POLARWAY_TRY(table_, FileTable::make(std::move(columns), std::move(from_paths), options_,
                                       request_, locations_.front()));
  pushes_filter_ = request_.filter && table_.can_push(*request_.filter);
  // Which files are passed over, nobody may notice by the numbers of rows.
  path_filter_.emplace(table_.has_row_numbers() ? std::nullopt : request_.filter,
                       table_.from_paths().fields());
  POLARWAY_CHECK(find_place());

  POLARWAY_TRY(const bool is_open, open_next());
  if (is_open && pushes_filter_ && !file_.plan.residual) table_.drop_filter_columns();
  SourceMetadata metadata = file_.plan.metadata;
  metadata.schema = Schema(table_.schema());
  metadata.size_bytes.reset();
  if (files_->all_regular()) metadata.size_bytes = files_->total_bytes();
  metadata.num_records.reset();
  metadata.seekable = may_go_back_ && (!is_open || metadata.seekable);
  may_go_back_ = metadata.seekable;
  metadata.splittable = may_go_back_;
  if (metadata.bytes_per_row) {
    *metadata.bytes_per_row += static_cast<double>(file_.columns.added_row_bytes());
  }
  metadata.notes = union_->notes();
  return ScanPlan{.metadata = std::move(metadata),
                  .residual = pushes_filter_ && is_open ? file_.plan.residual : request_.filter,
                  .limit_applied = false};
}

Result<std::unique_ptr<ByteStream>> FileSequence::open_bytes(const std::string& path) const {
  Result<std::unique_ptr<ByteStream>> bytes = format_.open_bytes(path, context_);
  if (!bytes && bytes.error().kind == ErrorKind::NotFound) {
    bytes.error().hint = "it was there when the files were listed: start again without it";
  }
  return bytes;
}

Result<Schema> FileSequence::start(Decoder& decoder, const std::string& path,
                                   const Schema& known) const {
  POLARWAY_TRY(auto bytes, open_bytes(path));
  return decoder.start(std::move(bytes), known, context_);
}

// The columns that the files have.
Result<Schema> FileSequence::find_columns() {
  return options_.allows_differences() ? survey() : start_first();
}

// Those of the first file that has any. It stays as it is then: a pipe cannot be opened twice.
// Where it has no value at all, the first file that has one tells the types.
Result<Schema> FileSequence::start_first() {
  union_.emplace(options_, context_.budget);
  for (std::int64_t i = 0; i < files_->size(); ++i) {
    const std::string path = files_->path(i);
    started_ = format_.make_decoder(path);
    Result<Schema> columns = start(*started_, path, Schema());
    if (!columns && columns.error().kind == ErrorKind::EmptySource && files_->size() > 1) continue;
    if (!columns) return columns;
    started_file_ = i;
    started_columns_ = *columns;
    if (union_->num_files() == 0) first_path_ = path;
    POLARWAY_CHECK(union_->add(path, *columns));
    const arrow::FieldVector& fields = columns->arrow()->fields();
    const bool has_values = std::any_of(fields.begin(), fields.end(), [](const auto& field) {
      return field->type()->id() != arrow::Type::NA;
    });
    if (has_values || !files_->all_regular()) break;
  }
  if (union_->num_files() > 0) return union_->schema();
  return fail(
      {.kind = ErrorKind::EmptySource,
       .where = {.location = locations_.front()},
       .message = "there is nothing in any of the " + std::to_string(files_->size()) + " files",
       .hint = "an empty table still has a header line"});
}

// Those of all files, which are looked at some at a time.
Result<Schema> FileSequence::survey() {
  if (!files_->all_regular()) {
    return fail({.kind = ErrorKind::UnsupportedOperation,
                 .where = {.location = locations_.front()},
                 .message = "where columns may differ, every file is looked at before it is read, "
                            "and a pipe can be read only once",
                 .hint = "write it to a file first"});
  }
  POLARWAY_TRY(Schema known, start_first());
  started_.reset();
  if (options_.union_by_name) known = Schema();
  union_.emplace(options_, context_.budget);
  const auto look = [this, known](StartedFile& file, const std::string& path) -> Result<void> {
    POLARWAY_TRY(file.columns, start(*file.decoder, path, known));
    return {};
  };
  std::int64_t next_ahead = 1;
  for (std::int64_t i = 0; i < files_->size(); ++i) {
    if (context_.stop.stop_requested()) {
      return fail({.kind = ErrorKind::Cancelled, .message = "stopped while looking at the files"});
    }
    next_ahead = std::max(next_ahead, i + 1);
    for (; next_ahead < files_->size() && ahead_.size() < num_threads(); ++next_ahead) {
      const std::string path = files_->path(next_ahead);
      const bool is_begun = ahead_.begin(
          next_ahead, format_.make_decoder(path), request_, 0,
          [look, path](StartedFile& file) { return look(file, path); }, context_);
      if (!is_begun) break;
    }
    const std::string path = files_->path(i);
    std::optional<Result<StartedFile>> started = ahead_.take(i);
    if (!started) {
      started.emplace();
      (*started)->decoder = format_.make_decoder(path);
      if (Result<void> looked = look(**started, path); !looked) started = fail(looked.error());
    }
    if (!*started && started->error().kind == ErrorKind::EmptySource) continue;
    if (!*started) return fail(std::move(started->error()));
    POLARWAY_CHECK(union_->add(path, (*started)->columns));
  }
  if (format_.pinned) POLARWAY_CHECK(union_->add_pinned(*format_.pinned));
  return union_->schema();
}

// Where reading begins and ends.
Result<void> FileSequence::find_place() {
  place_ = {.fingerprint = files_->fingerprint(), .file = 0, .end_file = files_->size()};
  if (request_.split) {
    POLARWAY_TRY(place_, FilePlace::parse(request_.split->piece, files_->fingerprint(),
                                          files_->size(), locations_.front()));
    if (!place_.within.empty()) split_within_ = std::exchange(place_.within, {});
  }
  if (request_.resume_from) {
    POLARWAY_TRY(place_, FilePlace::parse(*request_.resume_from, files_->fingerprint(),
                                          files_->size(), locations_.front()));
  }
  return {};
}

// Opens the file at hand, or one behind it, as some have no row that is wanted. False at the end.
Result<bool> FileSequence::open_next() {
  for (; place_.file < place_.end_file; ++place_.file, place_.within.clear()) {
    POLARWAY_TRY(const bool is_open, open_file(files_->path(place_.file)));
    if (is_open) return true;
  }
  return false;
}

Result<bool> FileSequence::open_file(const std::string& path) {
  POLARWAY_TRY(const std::vector<FileValue> values, table_.from_paths().values_of(path));
  if (!path_filter_->may_pass(values, context_.budget->arrow_pool())) return false;
  std::optional<Result<StartedFile>> started = ahead_.take(place_.file);
  if (!started) started = start_file(path);
  // What has no bytes has no rows, and no columns to be wrong.
  if (!*started && started->error().kind == ErrorKind::EmptySource) return false;
  if (!*started) return fail(std::move(started->error()));
  StartedFile& file = **started;
  if (!file.open) {
    ScanRequest place;
    if (split_within_) place.split = Split{.piece = *split_within_};
    if (!place_.within.empty()) place.resume_from = place_.within;
    POLARWAY_CHECK(open_started(file, path, std::move(place)));
  }
  if (may_go_back_ && !file.open->plan.metadata.seekable && place_.file > 0) {
    return fail({.kind = ErrorKind::UnsupportedOperation,
                 .where = {.location = path},
                 .message = "it cannot be read from another position, unlike the files before it",
                 .hint = "read it as a source of its own"});
  }
  file_ = *std::move(file.open);
  first_batch_ = std::move(file.first);
  if (decoded_row_bytes_ == 0) {
    decoded_row_bytes_ = file_.plan.metadata.bytes_per_row.value_or(64.0);
  }
  const std::lock_guard lock(decoder_mutex_);
  decoder_ = std::move(file.decoder);
  return true;
}

// The file at hand, here and now.
Result<StartedFile> FileSequence::start_file(const std::string& path) {
  StartedFile file;
  if (started_ && started_file_ == place_.file) {
    file.decoder = std::move(started_);
    file.columns = started_columns_;
    return file;
  }
  started_.reset();
  file.decoder = format_.make_decoder(path);
  POLARWAY_TRY(file.columns, start(*file.decoder, path, table_.in_files()));
  return file;
}

// Opens what is started, at a place that is all there is in `place`.
Result<void> FileSequence::open_started(StartedFile& file, const std::string& path,
                                        ScanRequest place) const {
  POLARWAY_CHECK(check_columns(table_.in_files(), first_path_, file.columns, path, options_));
  StartedFile::Open open;
  POLARWAY_TRY(open.columns, table_.file(file.columns, path));
  place.columns = open.columns.decoded();
  if (pushes_filter_) place.filter = request_.filter;
  if (pushes_filter_ || !request_.filter) place.limit = request_.limit;
  POLARWAY_TRY(open.plan, file.decoder->open(place));
  POLARWAY_CHECK(table_.arrange(open.columns, open.plan.metadata.schema));
  file.open = std::move(open);
  return {};
}

// Has the next files started that may have rows: one, or as many as there are threads to decode
// them.
void FileSequence::look_ahead(const ChunkTarget& target) {
  if (!files_->all_regular()) return;  // a pipe would be waited for
  const std::size_t most = format_.decodes_ahead ? num_threads() : 1;
  looked_at_ = std::max(looked_at_, place_.file);
  ChunkTarget ahead = target;
  ahead.stop = context_.stop;
  while (ahead_.size() < most && looked_at_ + 1 < place_.end_file) {
    const std::string path = files_->path(looked_at_ + 1);
    const Result<std::vector<FileValue>> values = table_.from_paths().values_of(path);
    if (!values) return;  // in its turn
    if (path_filter_->may_pass(*values, context_.budget->arrow_pool())) {
      const bool is_begun = ahead_.begin(
          looked_at_ + 1, format_.make_decoder(path), request_,
          format_.decodes_ahead ? target.max_bytes : 0,
          [this, path, ahead](StartedFile& file) { return start_ahead(file, path, ahead); },
          context_);
      if (!is_begun) return;
    }
    ++looked_at_;
  }
}

// On any thread.
Result<void> FileSequence::start_ahead(StartedFile& file, const std::string& path,
                                       const ChunkTarget& target) const {
  POLARWAY_TRY(auto bytes, open_bytes(path));
  constexpr std::int64_t kSmall = 8;
  const bool is_small =
      format_.decodes_ahead && bytes->size_bytes().value_or(INT64_MAX) <= target.max_bytes / kSmall;
  Context context = context_;
  if (is_small) context.parallel = false;
  POLARWAY_TRY(file.columns, file.decoder->start(std::move(bytes), table_.in_files(), context));
  if (!is_small) {
    // In its turn the threads decode parts of it, in the reader's own room.
    file.lease.shrink_to(file.decoder->working_set_bytes(request_));
    return {};
  }
  POLARWAY_CHECK(open_started(file, path, {}));
  POLARWAY_TRY(file.first, file.decoder->read(part_for_decoder(target, file.open->columns)));
  return {};
}

// A decoder of all rows of a file, without columns.
Result<std::unique_ptr<Decoder>> FileSequence::open_alone(const std::string& path) {
  std::unique_ptr<Decoder> decoder = format_.make_decoder(path);
  const Result<Schema> columns = start(*decoder, path, table_.in_files());
  if (!columns && columns.error().kind == ErrorKind::EmptySource) return nullptr;
  if (!columns) return fail(columns.error());
  ScanRequest request;
  request.columns.emplace();
  POLARWAY_CHECK(decoder->open(request));
  return decoder;
}

void FileSequence::close_file() {
  const std::lock_guard lock(decoder_mutex_);
  if (decoder_) bytes_before_ += decoder_->bytes_read();
  decoder_.reset();
  first_batch_.reset();
}

Result<std::optional<Batch>> FileSequence::read_files(const ChunkTarget& target) {
  for (;;) {
    if (!decoder_) {
      POLARWAY_TRY(const bool is_open, open_next());
      if (!is_open) return std::nullopt;
    }
    const ChunkTarget part = part_for_decoder(target, file_.columns);
    if (first_batch_ && !fits(*first_batch_, part)) {
      // Less is asked for than when it was decoded: the file is opened anew.
      close_file();
      continue;
    }
    look_ahead(target);
    const std::int64_t first_row = first_batch_ ? 0 : decoder_->next_row();
    Result<std::optional<Batch>> batch =
        first_batch_ ? std::exchange(first_batch_, std::nullopt) : decoder_->read(part);
    if (!batch && batch.error().memory && batch.error().kind == ErrorKind::MemoryLimit) {
      // Of what is asked for the next time, the decoder gets its part again.
      std::int64_t& needed = batch.error().memory->needed_bytes;
      if (needed > part.max_bytes) {
        needed = static_cast<std::int64_t>(
                     static_cast<double>(needed) * static_cast<double>(target.max_bytes) /
                     static_cast<double>(std::max<std::int64_t>(1, part.max_bytes))) +
                 1;
      }
    }
    if (!batch) return batch;
    if (*batch) {
      POLARWAY_TRY(Batch finished, finish(**std::move(batch), first_row));
      return finished;
    }
    place_.rows_before += decoder_->next_row();
    ++place_.file;
    place_.within.clear();
    split_within_.reset();
    close_file();
  }
}

// Columns that are added take their share of the bytes, and so bound the rows.
ChunkTarget FileSequence::part_for_decoder(const ChunkTarget& target,
                                           const FileTable::File& columns) const {
  const auto added = static_cast<double>(columns.added_row_bytes());
  if (added == 0) return target;
  // Room that buffers take for being many, or of a size that the pool has not.
  constexpr double kSlack = 1.25;
  const double decoded = std::max(8.0, decoded_row_bytes_);
  const double bytes = static_cast<double>(target.max_bytes) * added / (added + decoded);
  ChunkTarget part = target;
  part.max_rows = std::clamp<std::int64_t>(static_cast<std::int64_t>(bytes / (added * kSlack)), 1,
                                           target.max_rows);
  part.max_bytes = std::max<std::int64_t>(1, target.max_bytes - static_cast<std::int64_t>(bytes));
  return part;
}

Result<Batch> FileSequence::finish(Batch decoded, std::int64_t first_row) {
  const std::int64_t first_number = options_.row_index_offset + place_.rows_before + first_row;
  POLARWAY_TRY(decoded.rows, table_.rows(file_.columns, *decoded.rows, first_number,
                                         context_.budget->arrow_pool()));
  if (may_go_back_) {
    FilePlace place = place_;
    place.within = std::move(decoded.position_after);
    decoded.position_after = place.to_text();
  } else {
    decoded.position_after.clear();
  }
  return decoded;
}

}  // namespace

std::unique_ptr<SourceReader> make_file_sequence(std::vector<std::string> locations,
                                                 FileOptions options, FileFormat format) {
  return std::make_unique<FileSequence>(std::move(locations), std::move(options),
                                        std::move(format));
}

}  // namespace polarway
