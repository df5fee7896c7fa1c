#include "formats/json/record_reader.h"

#include "core/quoted_text.h"
#include "formats/json/table_columns.h"

namespace polarway::json {

void RecordReader::resume(std::int64_t rows) {
  rows_ = rows;
  byte_ = block_.offset();
  record_.reset();
  final_cut_.reset();
  if (rows > 0) scanner_.resume_behind_record();
}

void RecordReader::consume(std::size_t num_bytes) {
  if (!within_) return block_.consume(static_cast<std::int64_t>(num_bytes));
  within_->text = within_->text.subspan(num_bytes);
  within_->offset += static_cast<std::int64_t>(num_bytes);
}

void RecordReader::enter(std::span<const std::uint8_t> text, std::int64_t offset) {
  within_ = Within{.text = text, .offset = offset};
  scanner_.resume_behind_record();
}

void RecordReader::skip(std::int64_t num_records) {
  for (std::int64_t i = 0; i < num_records; ++i) {
    consume(scanner_.next(within_->text, false).end);
    ++rows_;
  }
  if (num_records > 0) byte_ = within_->offset;
}

void RecordReader::leave(std::int64_t num_records) {
  rows_ += num_records;
  byte_ = within_->offset + std::ssize(within_->text);
  within_.reset();
  scanner_.resume_behind_record();
}

Result<std::optional<std::string_view>> RecordReader::peek(std::stop_token stop) {
  if (final_cut_) return fail(cut_error(*final_cut_));
  while (!record_) {
    const RecordScanner::Cut cut = scanner_.next(text(), !within_ && block_.at_end());
    switch (cut.found) {
      case RecordScanner::Found::Record:
        record_ = cut;
        break;
      case RecordScanner::Found::More:
        if (within_) {
          leave(0);
          return std::nullopt;
        }
        block_.consume(static_cast<std::int64_t>(cut.begin));
        if (Result<void> filled = block_.fill(stop); !filled) {
          filled.error().where.row = rows_ + 1;
          filled.error().where.byte_offset = block_.offset();
          filled.error().where.location = location_;
          return fail(std::move(filled.error()));
        }
        break;
      case RecordScanner::Found::End:
        block_.consume(static_cast<std::int64_t>(cut.begin));  // to be found again
        return std::nullopt;
      default:
        final_cut_ = cut;
        return fail(cut_error(cut));
    }
  }
  return std::string_view(reinterpret_cast<const char*>(text().data()) + record_->begin,
                          record_->end - record_->begin);
}

void RecordReader::take() {
  consume(record_->end);
  byte_ = offset();
  record_.reset();
  ++rows_;
}

SourceError RecordReader::cut_error(const RecordScanner::Cut& cut) const {
  SourceError error{.kind = ErrorKind::Parse,
                    .where = {.location = location_,
                              .row = rows_ + 1,
                              .byte_offset = offset() + static_cast<std::int64_t>(cut.begin)}};
  if (cut.found == RecordScanner::Found::Unclosed) {
    error.message = "the text ends within a record, or what is around them";
    error.hint = "the file was cut off, or a quote or a bracket is not closed";
  } else if (cut.found == RecordScanner::Found::TooDeep) {
    error.message = "more objects and arrays are open here than max_depth allows";
    error.hint = "raise max_depth";
  } else if (cut.found == RecordScanner::Found::Twice) {
    error.message = "records_path is in the document twice: here it begins again";
    error.hint = "records that were read cannot be taken back: mend the document";
  } else {
    const char c = static_cast<char>(text()[cut.begin]);
    error.message = shorten({&c, 1}) + " stands where no record can begin or end";
    error.hint = "records of an array have one comma between them; others have none";
  }
  return error;
}

SourceError RecordReader::at_record(SourceError error) const {
  error.where.location = location_;
  error.where.row = rows_ + 1;
  if (!error.where.byte_offset) error.where.byte_offset = record_byte();
  return error;
}

SourceError RecordReader::error_of(const Trouble& trouble) const {
  SourceError error{.kind = trouble.kind, .message = trouble.message, .hint = trouble.hint};
  if (trouble.at != nullptr) {
    error.where.byte_offset =
        offset() + (trouble.at - reinterpret_cast<const char*>(text().data()));
  }
  error.where.column = trouble.path.starts_with('.') ? trouble.path.substr(1)
                       : trouble.path.empty()        ? ""
                                                     : kValueColumn + trouble.path;
  return at_record(std::move(error));
}

}  // namespace polarway::json
