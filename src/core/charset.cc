#include "core/charset.h"

#include <iconv.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <string_view>
#include <utility>
#include <vector>

#include "core/nearest_name.h"
#include "core/quoted_text.h"

namespace polarway {
namespace {

constexpr std::array<std::pair<std::string_view, std::string_view>, 14> kSpellings{{
    {"utf8", "utf-8"},
    {"utf-8-sig", "utf-8"},  // a byte order mark is dropped anyway
    {"utf8-lossy", "utf-8-lossy"},
    {"latin-1", "latin1"},
    {"iso-8859-1", "latin1"},
    {"iso8859-1", "latin1"},
    {"utf16", "utf-16"},
    {"utf16le", "utf-16le"},
    {"utf16be", "utf-16be"},
    {"utf32", "utf-32"},
    {"utf32le", "utf-32le"},
    {"utf32be", "utf-32be"},
    {"cp1252", "windows-1252"},
    {"us-ascii", "ascii"},
}};

// Those that people use, to suggest; iconv knows hundreds more.
std::vector<std::string> common_names() {
  std::vector<std::string> names{
      "utf-8",     "utf-8-lossy", "latin1",      "utf-16", "utf-16le",  "utf-16be", "utf-32",
      "utf-32le",  "utf-32be",    "utf-7",       "ascii",  "macintosh", "big5",     "big5-hkscs",
      "euc-jp",    "euc-kr",      "euc-tw",      "euc-cn", "gbk",       "gb2312",   "gb18030",
      "shift_jis", "iso-2022-jp", "iso-2022-kr", "cp437",  "cp850",     "cp852",    "cp866",
      "cp932",     "cp936",       "cp949",       "cp950",  "koi8-r",    "koi8-u",   "tis-620",
      "viscii",    "hp-roman8"};
  for (int page = 1250; page <= 1258; ++page) names.push_back("windows-" + std::to_string(page));
  for (int part = 2; part <= 16; ++part) {
    if (part != 12) names.push_back("iso-8859-" + std::to_string(part));
  }
  return names;
}

// iconv takes more behind a slash ("//TRANSLIT", "//IGNORE"), which would change what is not valid
// in silence, and names that stand for whatever the machine has ("", "char").
bool is_name(std::string_view name) {
  return !name.empty() && name != "char" && name != "wchar_t" && name != "internal" &&
         std::all_of(name.begin(), name.end(), [](unsigned char c) {
           return c < 0x80 &&
                  (std::isalnum(c) != 0 || std::string_view("-_.:()+").find(static_cast<char>(c)) !=
                                               std::string_view::npos);
         });
}

}  // namespace

std::string iconv_name(const Charset& charset) {
  std::string name = charset.name;
  std::transform(name.begin(), name.end(), name.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return name;
}

Result<Charset> OptionValue<Charset>::parse(std::string_view text) {
  Charset charset{std::string(text)};
  std::string& name = charset.name;
  std::transform(name.begin(), name.end(), name.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  for (const auto& [spelling, meant] : kSpellings) {
    if (name == spelling) name = meant;
  }
  if (name == "utf-8" || name == "utf-8-lossy" || name == "latin1") return charset;
  if (is_name(name)) {
    const iconv_t opened = iconv_open("UTF-8", iconv_name(charset).c_str());
    if (opened != reinterpret_cast<iconv_t>(-1)) {
      iconv_close(opened);
      return charset;
    }
  }
  const std::string near = did_you_mean(name, common_names());
  return fail({.kind = ErrorKind::Config,
               .message = "no encoding is called " + shorten(text),
               .hint = near.empty() ? "`iconv -l` lists those there are" : near});
}

}  // namespace polarway
