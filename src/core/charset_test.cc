#include "core/charset.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace polarway {
namespace {

using ::testing::HasSubstr;

std::string parsed(const std::string& text) {
  const Result<Charset> charset = OptionValue<Charset>::parse(text);
  return charset ? charset->name : charset.error().to_string();
}

TEST(Charset, HasOneNameForSpellingsOfTheSame) {
  for (const std::string text : {"utf-8", "UTF8", "utf-8-sig"}) EXPECT_EQ(parsed(text), "utf-8");
  for (const std::string text : {"latin1", "Latin-1", "ISO-8859-1"}) {
    EXPECT_EQ(parsed(text), "latin1");
  }
  EXPECT_EQ(parsed("utf8-lossy"), "utf-8-lossy");
  EXPECT_EQ(parsed("UTF16LE"), "utf-16le");
  EXPECT_EQ(parsed("cp1252"), "windows-1252");
}

TEST(Charset, MayBeAnyThatIconvKnows) {
  for (const std::string name : {"utf-16", "utf-32be", "shift_jis", "koi8-r", "gb18030", "cp850"}) {
    EXPECT_EQ(parsed(name), name);
    EXPECT_EQ(parsed(OptionValue<Charset>::print({name})), name);
  }
}

TEST(Charset, ThatIsUnknownGetsTheNearestName) {
  EXPECT_THAT(parsed("utf-61"), HasSubstr("did you mean \"utf-16\"?"));
  EXPECT_THAT(parsed("windws-1252"), HasSubstr("\"windows-1252\""));
  EXPECT_THAT(parsed("klingon"), HasSubstr("no encoding is called \"klingon\""));
}

TEST(Charset, IsNeverOneThatChangesTextInSilenceOrDependsOnTheMachine) {
  for (const std::string name : {"", "ascii//TRANSLIT", "utf-16//IGNORE", "char", "wchar_t", "/"}) {
    EXPECT_FALSE(OptionValue<Charset>::parse(name)) << name;
  }
}

}  // namespace
}  // namespace polarway
