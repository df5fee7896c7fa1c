#include "sinks/csv_marks.h"

#include <gtest/gtest.h>

#include <string>

namespace polarway {
namespace {

TEST(CsvMarks, AreFoundWhereverTheyStand) {
  for (std::size_t size = 0; size <= 200; ++size) {
    std::string text(size, 'x');
    EXPECT_FALSE(has_marks(text, ';')) << size;
    for (std::size_t at = 0; at < size; ++at) {
      for (const char mark : {';', '"', '\n', '\r'}) {
        text[at] = mark;
        EXPECT_TRUE(has_marks(text, ';')) << size << " " << at;
      }
      text[at] = ',';
      EXPECT_FALSE(has_marks(text, ';')) << "another delimiter is none of ours";
    }
  }
}

}  // namespace
}  // namespace polarway
