#include "core/arrow_status.h"

#include <arrow/util/io_util.h>
#include <gtest/gtest.h>

#include <cerrno>
#include <memory>
#include <string>

namespace polarway {
namespace {

TEST(ArrowStatus, EachCodeHasTheKindThatSaysWhatToDoNext) {
  EXPECT_EQ(to_source_error(arrow::Status::OutOfMemory("x")).kind, ErrorKind::MemoryLimit);
  EXPECT_EQ(to_source_error(arrow::Status::IOError("x")).kind, ErrorKind::Io);
  EXPECT_EQ(to_source_error(arrow::Status::AlreadyExists("x")).kind, ErrorKind::Io);
  EXPECT_EQ(to_source_error(arrow::Status::Invalid("x")).kind, ErrorKind::Parse);
  EXPECT_EQ(to_source_error(arrow::Status::IndexError("x")).kind, ErrorKind::Parse);
  EXPECT_EQ(to_source_error(arrow::Status::SerializationError("x")).kind, ErrorKind::Parse);
  EXPECT_EQ(to_source_error(arrow::Status::TypeError("x")).kind, ErrorKind::Schema);
  EXPECT_EQ(to_source_error(arrow::Status::CapacityError("x")).kind, ErrorKind::Schema);
  EXPECT_EQ(to_source_error(arrow::Status::KeyError("x")).kind, ErrorKind::Config);
  EXPECT_EQ(to_source_error(arrow::Status::NotImplemented("x")).kind,
            ErrorKind::UnsupportedOperation);
  EXPECT_EQ(to_source_error(arrow::Status::Cancelled("x")).kind, ErrorKind::Cancelled);
  EXPECT_EQ(to_source_error(arrow::Status::UnknownError("x")).kind, ErrorKind::Other);
}

TEST(ArrowStatus, AnErrnoSaysMoreThanTheCode) {
  const auto kind_of = [](int number) {
    return to_source_error(arrow::internal::IOErrorFromErrno(number, "cannot open")).kind;
  };
  EXPECT_EQ(kind_of(ENOENT), ErrorKind::NotFound);
  EXPECT_EQ(kind_of(ENOMEM), ErrorKind::MemoryLimit);
  EXPECT_EQ(kind_of(ETIMEDOUT), ErrorKind::Timeout);
  EXPECT_EQ(kind_of(ECONNRESET), ErrorKind::Network);
  EXPECT_EQ(kind_of(EACCES), ErrorKind::Io);
}

TEST(ArrowStatus, TheMessageIsArrowsWithoutItsFullStop) {
  EXPECT_EQ(to_source_error(arrow::Status::Invalid("Parquet magic bytes not found.")).message,
            "Parquet magic bytes not found");
  EXPECT_EQ(to_source_error(arrow::Status::Invalid("")).message, "Invalid");
}

TEST(ArrowStatus, AValuePassesThroughAndMayBeMoveOnly) {
  Result<std::unique_ptr<int>> got =
      from_arrow(arrow::Result<std::unique_ptr<int>>(std::make_unique<int>(7)));
  ASSERT_TRUE(got);
  EXPECT_EQ(**got, 7);
  EXPECT_TRUE(from_arrow(arrow::Status::OK()));
  EXPECT_EQ(from_arrow(arrow::Result<int>(arrow::Status::IOError("gone"))).error().message, "gone");
}

}  // namespace
}  // namespace polarway
