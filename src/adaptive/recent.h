#pragma once

#include <cstddef>
#include <deque>

namespace polarway {

/// The last so many values, oldest first.
template <class T>
class Recent {
 public:
  explicit Recent(std::size_t most) : most_(most) {}

  void push(T value) {
    if (values_.size() == most_) values_.pop_front();
    values_.push_back(value);
  }
  void clear() { values_.clear(); }

  bool empty() const { return values_.empty(); }
  std::size_t size() const { return values_.size(); }
  auto begin() const { return values_.begin(); }
  auto end() const { return values_.end(); }
  const T& back() const { return values_.back(); }

 private:
  std::size_t most_;
  std::deque<T> values_;
};

}  // namespace polarway
