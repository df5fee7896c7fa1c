#include "polarway/credentials.h"

namespace polarway {

namespace {

struct NameOfWay {
  std::string_view operator()(const Credentials::ProviderDefault&) const {
    return "ProviderDefault";
  }
  std::string_view operator()(const Credentials::Aws&) const { return "Aws"; }
  std::string_view operator()(const Credentials::Azure&) const { return "Azure"; }
  std::string_view operator()(const Credentials::Gcs&) const { return "Gcs"; }
  std::string_view operator()(const Credentials::Bearer&) const { return "Bearer"; }
  std::string_view operator()(const Credentials::Basic&) const { return "Basic"; }
  std::string_view operator()(const Credentials::ApiKey&) const { return "ApiKey"; }
  std::string_view operator()(const Credentials::OAuth2&) const { return "OAuth2"; }
  std::string_view operator()(const Credentials::DynamoDB&) const { return "DynamoDB"; }
  std::string_view operator()(const Credentials::Kafka&) const { return "Kafka"; }
};

}  // namespace

std::string_view Credentials::name() const { return std::visit(NameOfWay{}, any_); }

}  // namespace polarway
