#include "formats/json/sample.h"

#include <string_view>
#include <utility>

#include "formats/json/path_scanner.h"

namespace polarway::json {
namespace {

std::string_view text_of(const Block& block) {
  return {reinterpret_cast<const char*>(block.text().data()), block.text().size()};
}

// Goes to the value that the path leads to; nothing but a name is held meanwhile.
Result<void> follow_path(Block& block, const JsonOptions& options, Sample& sample,
                         std::stop_token stop) {
  if (options.layout == Layout::Lines || options.layout == Layout::Values) {
    return fail({.kind = ErrorKind::Config,
                 .message = "records_path is a place in one document, but the text is read as many",
                 .hint = "read it as json, without format, or leave out records_path"});
  }
  const std::string path = options.records_path->to_text();
  PathScanner scanner(options.records_path->names, options.max_depth);
  PathScanner::Cut cut = scanner.next(block.text(), block.at_end());
  while (cut.found == PathScanner::Found::More) {
    block.consume(static_cast<std::int64_t>(cut.begin));
    POLARWAY_CHECK(block.fill(stop));
    cut = scanner.next(block.text(), block.at_end());
  }
  const std::int64_t byte = block.offset() + static_cast<std::int64_t>(cut.begin);
  if (cut.found != PathScanner::Found::Value) {
    return fail(path_error(scanner, cut, block.text(), path, byte));
  }
  block.consume(static_cast<std::int64_t>(cut.begin));
  const char first = text_of(block).front();
  sample.data_offset = byte;
  sample.layout = options.layout.value_or(first == '[' ? Layout::Array : Layout::One);
  if (first == '[' || (sample.layout == Layout::One && (first == '{' || first == 'n'))) return {};
  return fail({.kind = ErrorKind::Config,
               .where = {.byte_offset = byte},
               .message = "records_path=" + path + " leads to no array" +
                          (sample.layout == Layout::One ? " and no object" : ""),
               .hint = "name the place of the array of records"});
}

// Finds where the text begins, and how its records follow each other.
Result<void> find_start(Block& block, const JsonOptions& options, Sample& sample,
                        std::stop_token stop) {
  constexpr std::string_view kMark = "\xEF\xBB\xBF";
  constexpr std::string_view kBlanks = " \t\r\n";
  do {
    POLARWAY_CHECK(block.fill(stop));
  } while (text_of(block).size() < kMark.size() && kMark.starts_with(text_of(block)) &&
           !block.at_end());
  if (text_of(block).starts_with(kMark)) block.consume(kMark.size());
  std::size_t first = text_of(block).find_first_not_of(kBlanks);
  while (first == std::string_view::npos && !block.at_end()) {
    block.consume(std::ssize(block.text()));
    POLARWAY_CHECK(block.fill(stop));
    first = text_of(block).find_first_not_of(kBlanks);
  }
  if (first == std::string_view::npos) {
    return fail({.kind = ErrorKind::EmptySource,
                 .message = "there is nothing in it",
                 .hint = "an empty table is written []"});
  }
  if (options.records_path && !options.records_path->names.empty()) {
    return follow_path(block, options, sample, stop);
  }
  sample.data_offset = block.offset();
  sample.layout =
      options.layout.value_or(text_of(block)[first] == '[' ? Layout::Array : Layout::Values);
  return {};
}

// Says of an error which record it is about.
template <class T>
Result<T> placed(Result<T> result, const Sample& sample, std::int64_t byte) {
  if (!result) {
    result.error().where.row = sample.num_records + 1;
    result.error().where.byte_offset = byte;
  }
  return result;
}

// Looks at one record. False when it is none.
Result<bool> see(std::string_view record, RecordParser& parser, GuessContext& context,
                 Sample& sample) {
  POLARWAY_CHECK(parser.reserve(std::ssize(record)));
  context.text_end = record.data() + record.size();
  const bool is_good = parser.parse(record, context.trouble, [&](auto value) {
    if constexpr (std::is_same_v<decltype(value), ondemand::object>) {
      return sample.root.see_object(value, 0, context);
    } else if constexpr (std::is_same_v<decltype(value), ondemand::array>) {
      return sample.root.see_array(value, 0, context);
    } else {
      return sample.root.see_token(value, context);
    }
  });
  if (is_good) return true;
  if (context.trouble.kind != ErrorKind::MemoryLimit) return false;
  return fail({.kind = ErrorKind::MemoryLimit,
               .message = context.trouble.message,
               .hint = context.trouble.hint});
}

}  // namespace

RecordScanner make_scanner(Layout layout, const JsonOptions& options) {
  return {layout, options.max_depth,
          options.records_path ? options.records_path->names : std::vector<std::string>()};
}

Result<Sample> read_sample(Block& block, RecordParser& parser, const JsonOptions& options,
                           const Schema& known, bool seekable,
                           const std::shared_ptr<MemoryBudget>& budget, std::stop_token stop) {
  Sample sample;
  POLARWAY_CHECK(find_start(block, options, sample, stop));
  GuessContext context;
  context.known = &known;
  context.infers_times = options.try_parse_dates;
  context.max_depth = options.max_depth;
  POLARWAY_TRY(context.lease, budget->reserve(0, LeaseHolder::Reader));
  if (!seekable && options.infer_schema_length.is_all()) {
    return fail({.kind = ErrorKind::Config,
                 .message = "infer_schema_length=full needs to read everything twice, and a pipe "
                            "can be read once",
                 .hint = "give a number of records, or name the columns in schema"});
  }
  RecordScanner scanner(sample.layout, options.max_depth);  // which ends behind the records
  std::size_t at = 0;                                       // in the block
  while (sample.num_records < options.infer_schema_length.rows) {
    const RecordScanner::Cut cut = scanner.next(block.text().subspan(at), block.at_end());
    if (cut.found == RecordScanner::Found::More) {
      at += cut.begin;
      // A pipe's block must keep the sample; but one record is looked at, however long.
      if (!seekable && sample.num_records > 0 && block.is_full()) break;
      if (seekable) {
        block.consume(static_cast<std::int64_t>(at));
        at = 0;
      }
      POLARWAY_CHECK(
          placed(block.fill(stop), sample, block.offset() + static_cast<std::int64_t>(at)));
      continue;
    }
    if (cut.found != RecordScanner::Found::Record) break;
    const std::string_view record = text_of(block).substr(at + cut.begin, cut.end - cut.begin);
    POLARWAY_TRY(const bool is_good,
                 placed(see(record, parser, context, sample), sample,
                        block.offset() + static_cast<std::int64_t>(at + cut.begin)));
    if (!is_good && options.on_schema_change != SchemaChange::Reject) break;
    ++sample.num_records;
    at += cut.end;
  }
  if (block.offset() != sample.data_offset) POLARWAY_CHECK(block.seek(sample.data_offset));
  sample.lease = std::move(context.lease);
  return sample;
}

}  // namespace polarway::json
