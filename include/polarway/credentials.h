#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "polarway/export.h"

namespace polarway {

/// A string that cannot be printed, formatted or compared by accident; only reveal() shows it.
class POLARWAY_EXPORT Secret {
 public:
  /// An empty secret.
  Secret() = default;
  Secret(std::string value) : value_(std::move(value)) {}  ///< Takes the string over.
  Secret(const char* value) : value_(value) {}             ///< Copies a C string.

  /// The value itself: for the call that authenticates, and nothing else.
  const std::string& reveal() const { return value_; }
  /// True when nothing was given.
  bool empty() const { return value_.empty(); }

 private:
  std::string value_;
};

/// How to prove who one is: one of the alternatives below. Secrets never appear in errors, logs
/// or SourceConfig::to_json().
class POLARWAY_EXPORT Credentials {
 public:
  /// Access keys of AWS, for s3 and DynamoDB.
  struct Aws {
    std::string access_key_id;                 ///< "AKIA..."
    Secret secret_access_key;                  ///< The key's other half.
    std::optional<std::string> region;         ///< Else from the environment.
    std::optional<Secret> session_token = {};  ///< Of temporary credentials.
  };
  /// An Azure storage account.
  struct Azure {
    std::string account;                    ///< The storage account's name.
    std::optional<Secret> access_key = {};  ///< One of the account's keys, or
    std::optional<Secret> sas_token = {};   ///< a shared access signature.
  };
  /// A Google service account.
  struct Gcs {
    Secret service_account_json;  ///< The key file's content.
  };
  /// `Authorization: Bearer`.
  struct Bearer {
    Secret token;  ///< Sent as it is.
  };
  /// `Authorization: Basic`.
  struct Basic {
    std::string username;  ///< Must not contain ':'.
    Secret password;       ///< May be empty.
  };
  /// A key in a header, a query parameter or a cookie.
  struct ApiKey {
    Secret key;                      ///< The value.
    std::string name = "X-API-Key";  ///< The header's, parameter's or cookie's name.
    std::string in = "header";       ///< "header", "query" or "cookie".
  };
  /// OAuth 2.0 (RFC 6749), client credentials or refresh token.
  struct OAuth2 {
    std::string token_url;                     ///< Where tokens are issued.
    std::string client_id;                     ///< The client's public name.
    Secret client_secret;                      ///< Its secret.
    std::optional<std::string> scope = {};     ///< Space-separated.
    std::optional<Secret> refresh_token = {};  ///< Makes it a refresh-token grant.
  };
  /// Access keys for DynamoDB, with its region.
  struct DynamoDB {
    std::string access_key_id;                 ///< "AKIA..."
    Secret secret_access_key;                  ///< The key's other half.
    std::string region;                        ///< "us-east-1"
    std::optional<Secret> session_token = {};  ///< Of temporary credentials.
  };
  /// SASL for Kafka.
  struct Kafka {
    std::string username;             ///< The SASL user.
    Secret password;                  ///< Its password.
    std::string mechanism = "PLAIN";  ///< "PLAIN", "SCRAM-SHA-256" or "SCRAM-SHA-512".
  };
  /// The provider's own chain: environment, profile files, instance metadata.
  struct ProviderDefault {};

  /// The closed set of ways.
  using Any = std::variant<ProviderDefault, Aws, Azure, Gcs, Bearer, Basic, ApiKey, OAuth2,
                           DynamoDB, Kafka>;

  /// Any alternative converts: `Credentials c = Credentials::Bearer{.token = "..."};`
  template <class Way>
    requires std::is_constructible_v<Any, Way&&>
  Credentials(Way&& way) : any_(std::forward<Way>(way)) {}

  /// The alternative held.
  const Any& any() const { return any_; }
  /// Its name, such as "Bearer": safe to print.
  std::string_view name() const;

 private:
  Any any_;
};

}  // namespace polarway
