#include "exit_code.h"

#include <gtest/gtest.h>

namespace polarway::cli {
namespace {

TEST(ExitCode, SaysWhatAScriptCanDoNext) {
  EXPECT_EQ(exit_code_for(ErrorKind::Io), 1);
  EXPECT_EQ(exit_code_for(ErrorKind::Config), 2);
  EXPECT_EQ(exit_code_for(ErrorKind::UnsupportedSource), 2);
  EXPECT_EQ(exit_code_for(ErrorKind::UnsupportedOperation), 2);
  EXPECT_EQ(exit_code_for(ErrorKind::NotFound), 3);
  EXPECT_EQ(exit_code_for(ErrorKind::EmptySource), 3);
  EXPECT_EQ(exit_code_for(ErrorKind::Auth), 4);
  EXPECT_EQ(exit_code_for(ErrorKind::Network), 5);
  EXPECT_EQ(exit_code_for(ErrorKind::Timeout), 5);
  EXPECT_EQ(exit_code_for(ErrorKind::MemoryLimit), 6);
  EXPECT_EQ(exit_code_for(ErrorKind::Parse), 7);
  EXPECT_EQ(exit_code_for(ErrorKind::Schema), 7);
}

TEST(ExitCode, OfASignalIsTheShells) {
  EXPECT_EQ(report({.kind = ErrorKind::Cancelled, .message = "stopped"}, 2), 130);
  EXPECT_EQ(report({.kind = ErrorKind::Io, .message = "broken pipe"}, 15), 143);
}

}  // namespace
}  // namespace polarway::cli
