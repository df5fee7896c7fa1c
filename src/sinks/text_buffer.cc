#include "sinks/text_buffer.h"

#include <arrow/buffer.h>

#include <algorithm>
#include <utility>

#include "core/arrow_status.h"

namespace polarway {

Result<std::unique_ptr<TextBuffer>> TextBuffer::make(const std::shared_ptr<MemoryBudget>& budget,
                                                     Output& output) {
  POLARWAY_TRY(MemoryLease lease, budget->reserve(kBytes, LeaseHolder::Sink));
  POLARWAY_TRY(std::unique_ptr<arrow::Buffer> bytes,
               from_arrow(arrow::AllocateBuffer(kBytes, budget->arrow_pool())));
  return std::unique_ptr<TextBuffer>(new TextBuffer(std::move(lease), std::move(bytes), output));
}

TextBuffer::TextBuffer(MemoryLease lease, std::unique_ptr<arrow::Buffer> bytes, Output& output)
    : lease_(std::move(lease)),
      bytes_(std::move(bytes)),
      output_(output),
      begin_(reinterpret_cast<char*>(bytes_->mutable_data())),
      end_(begin_ + kBytes),
      at_(begin_) {}

void TextBuffer::empty() {
  if (state_) state_ = output_.append({begin_, static_cast<std::size_t>(at_ - begin_)});
  at_ = begin_;
}

void TextBuffer::put_in_pieces(std::string_view text) {
  while (!text.empty()) {
    if (at_ == end_) empty();
    const auto room = static_cast<std::size_t>(end_ - at_);
    const std::string_view piece = text.substr(0, room);
    std::memcpy(at_, piece.data(), piece.size());
    at_ += piece.size();
    text.remove_prefix(piece.size());
  }
}

Result<void> TextBuffer::flush() {
  empty();
  return state_;
}

}  // namespace polarway
