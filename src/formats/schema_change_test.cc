#include "formats/schema_change.h"

#include <gtest/gtest.h>

namespace polarway {
namespace {

TEST(SchemaChange, WideningIsRefusedWithWhatThereIsInstead) {
  for (const SchemaChange change :
       {SchemaChange::Error, SchemaChange::Reject, SchemaChange::Rescue}) {
    EXPECT_TRUE(check_schema_change(change));
  }
  const auto refused = check_schema_change(SchemaChange::Widen);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::Config);
  EXPECT_NE(refused.error().hint.find("schema_overrides"), std::string::npos);
}

}  // namespace
}  // namespace polarway
