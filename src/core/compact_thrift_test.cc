#include "core/compact_thrift.h"

#include <gtest/gtest.h>

#include <string>

namespace polarway {
namespace {

using namespace std::string_literals;

TEST(CompactThrift, ReadsIntegersAndGoesPastTheRest) {
  // 1: list of 3 booleans, 2: text "ab", 9 (written out): -3
  const std::string bytes = "\x19\x31\x01\x02\x01\x18\x02"s + "ab" + "\x05\x12\x05\x00"s;
  CompactThrift thrift(bytes);
  int id = 0;
  std::int64_t value = 0;
  while (const auto field = thrift.next_field(id)) {
    id = field->id;
    if (field->type == CompactThrift::kInt32) {
      value = thrift.integer();
    } else {
      thrift.skip(field->type);
    }
  }
  EXPECT_TRUE(thrift.ok());
  EXPECT_EQ(id, 9);
  EXPECT_EQ(value, -3);
  EXPECT_EQ(thrift.position(), bytes.size());
}

TEST(CompactThrift, ListsAndMapsThatSayTheyAreEndlessEndWithTheBytes) {
  const std::string endless = "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x7F"s;
  const std::string endless_booleans = "\xF1"s + endless;
  CompactThrift booleans(endless_booleans);
  booleans.skip(CompactThrift::kList);
  EXPECT_FALSE(booleans.ok());
  const std::string endless_map = endless + "\x11"s;
  CompactThrift map(endless_map);
  map.skip(11);
  EXPECT_FALSE(map.ok());
}

TEST(CompactThrift, StructsWithinStructsEndSomewhere) {
  const std::string structs(1001, '\x1C');
  CompactThrift thrift(structs);
  thrift.skip(CompactThrift::kStruct);
  EXPECT_FALSE(thrift.ok());
}

}  // namespace
}  // namespace polarway
