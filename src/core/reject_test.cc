#include <gtest/gtest.h>

#include "polarway/source.h"

namespace polarway {
namespace {

TEST(Reject, IsAnObjectOfItsPlaceItsFaultAndItsText) {
  const Reject reject{.where = {.location = "a.csv", .row = 2, .byte_offset = 21, .column = "age"},
                      .message = "\"x\" is no int64",
                      .raw = "2,\"x\"",
                      .fault = "type",
                      .row_byte_offset = 19};
  EXPECT_EQ(reject.to_json(),
            R"({"file":"a.csv","row":2,"row_byte":19,"byte":21,"column":"age","fault":"type",)"
            R"("message":"\"x\" is no int64","raw":"2,\"x\""})");
}

TEST(Reject, SpellsATextThatIsNoUtf8AndSaysWhatIsNotKnown) {
  const Reject reject{.where = {}, .message = "m", .raw = "2,\xFF", .fault = "encoding"};
  EXPECT_EQ(reject.to_json(), R"({"file":"","row":null,"row_byte":null,"byte":null,"column":null,)"
                              R"("fault":"encoding","message":"m","raw":{"hex":"322cff"}})");
}

}  // namespace
}  // namespace polarway
