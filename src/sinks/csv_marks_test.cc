#include "sinks/csv_marks.h"

#include <gtest/gtest.h>

#include <string>

namespace polarway {
namespace {

TEST(CsvMarks, AreFoundWhereverTheyStand) {
  for (std::size_t size = 0; size <= 200; ++size) {
    std::string text(size, 'x');
    EXPECT_EQ(find_mark(text, ';'), size);
    for (std::size_t at = 0; at < size; ++at) {
      for (const char mark : {';', '"', '\n', '\r'}) {
        text[at] = mark;
        EXPECT_EQ(find_mark(text, ';'), at) << size;
      }
      if (at + 1 < size) text[size - 1] = ';';
      EXPECT_EQ(find_mark(text, ';'), at) << "the first one, of " << size;
      text[at] = ',';
      EXPECT_EQ(find_mark(text, ';'), at + 1 < size ? size - 1 : size) << "no delimiter of ours";
      text[size - 1] = 'x';
    }
  }
}

}  // namespace
}  // namespace polarway
