#include "polarway/parse_credentials.h"

#include <gtest/gtest.h>

namespace polarway {
namespace {

TEST(ParseCredentials, EachWayHasItsParts) {
  const auto basic =
      parse_credentials(R"({"basic": {"username": "me", "password": "pw"}})").value();
  EXPECT_EQ(basic.name(), "Basic");
  EXPECT_EQ(std::get<Credentials::Basic>(basic.any()).password.reveal(), "pw");
  const auto key = parse_credentials(R"({"api_key": {"key": "k", "in": "query"}})").value();
  EXPECT_EQ(std::get<Credentials::ApiKey>(key.any()).name, "X-API-Key");
  EXPECT_EQ(std::get<Credentials::ApiKey>(key.any()).in, "query");
  const auto oauth =
      parse_credentials(
          R"({"oauth2": {"token_url": "u", "client_id": "c", "client_secret": "s", "scope": null}})")
          .value();
  EXPECT_FALSE(std::get<Credentials::OAuth2>(oauth.any()).scope);
}

TEST(ParseCredentials, WhatIsWrongIsSaidWithoutAnyValue) {
  for (const char* bad :
       {"", "geheim", "[]", "{}", R"({"bearer": "geheim"})", R"({"bearer": {"tokem": "geheim"}})",
        R"({"bearer": {"token": 1}})", R"({"bearer": {"token": "geheim", "x": "geheim"}})",
        R"({"barer": {"token": "geheim"}})", R"({"bearer": {"token": "geheim)"}) {
    const Result<Credentials> read = parse_credentials(bad);
    ASSERT_FALSE(read) << bad;
    EXPECT_EQ(read.error().kind, ErrorKind::Config);
    EXPECT_EQ(read.error().to_string().find("geheim"), std::string::npos) << bad;
  }
  EXPECT_NE(parse_credentials(R"({"barer": {}})").error().hint.find("bearer"), std::string::npos);
}

}  // namespace
}  // namespace polarway
