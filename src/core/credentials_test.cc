#include "polarway/credentials.h"

#include <gtest/gtest.h>

#include <concepts>
#include <ostream>

namespace polarway {
namespace {

template <class T>
concept Printable = requires(std::ostream& out, const T& value) { out << value; };

TEST(Credentials, ASecretCannotBePrintedComparedOrConverted) {
  static_assert(!Printable<Secret>);
  static_assert(!std::equality_comparable<Secret>);
  static_assert(!std::convertible_to<Secret, std::string>);
  static_assert(!Printable<Credentials>);
  EXPECT_EQ(Secret("hunter2").reveal(), "hunter2");
  EXPECT_TRUE(Secret().empty());
}

TEST(Credentials, EveryWayConvertsAndHasAName) {
  EXPECT_EQ(Credentials(Credentials::ProviderDefault{}).name(), "ProviderDefault");
  EXPECT_EQ(Credentials(
                Credentials::Aws{.access_key_id = "AKIA", .secret_access_key = "s", .region = "eu"})
                .name(),
            "Aws");
  EXPECT_EQ(Credentials(Credentials::Azure{.account = "a"}).name(), "Azure");
  EXPECT_EQ(Credentials(Credentials::Gcs{.service_account_json = "{}"}).name(), "Gcs");
  EXPECT_EQ(Credentials(Credentials::Bearer{.token = "t"}).name(), "Bearer");
  EXPECT_EQ(Credentials(Credentials::Basic{.username = "u", .password = "p"}).name(), "Basic");
  EXPECT_EQ(Credentials(Credentials::ApiKey{.key = "k"}).name(), "ApiKey");
  EXPECT_EQ(
      Credentials(Credentials::OAuth2{.token_url = "u", .client_id = "i", .client_secret = "s"})
          .name(),
      "OAuth2");
  EXPECT_EQ(Credentials(Credentials::DynamoDB{
                            .access_key_id = "A", .secret_access_key = "s", .region = "eu"})
                .name(),
            "DynamoDB");
  EXPECT_EQ(Credentials(Credentials::Kafka{.username = "u", .password = "p"}).name(), "Kafka");
}

TEST(Credentials, TheWayCanBeLookedAt) {
  const Credentials credentials = Credentials::Bearer{.token = "t"};
  const auto* bearer = std::get_if<Credentials::Bearer>(&credentials.any());
  ASSERT_NE(bearer, nullptr);
  EXPECT_EQ(bearer->token.reveal(), "t");
}

}  // namespace
}  // namespace polarway
