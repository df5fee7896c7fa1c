#pragma once

#include <string>
#include <string_view>

#include "polarway/result.h"

namespace polarway {

/// An absolute http or https URL, without user name, password and fragment; its text is kept as it
/// was given, since escapes that a server made are not for us to rewrite.
class HttpUrl {
 public:
  /// Config error for what is none: another scheme, credentials in it, control characters.
  static Result<HttpUrl> parse(std::string_view text);
  /// What a reference (Location, a next link) that was found at this URL means.
  Result<HttpUrl> resolve(std::string_view reference) const;

  const std::string& text() const { return text_; }
  /// Lower case, without brackets.
  const std::string& host() const { return host_; }
  const std::string& path() const { return path_; }
  bool is_encrypted() const { return scheme_ == "https"; }
  /// scheme://host:port
  std::string origin() const;

  /// The same with one query parameter more; one of that name that is there is replaced.
  HttpUrl with_parameter(std::string_view name, std::string_view value) const;

  /// As errors may show it: values of parameters whose names speak of secrets are left out.
  std::string shown() const { return shown_url(text_); }
  static std::string shown_url(std::string_view url);

 private:
  std::string text_;
  std::string scheme_;
  std::string host_;
  std::string port_;
  std::string path_;
};

/// Text as it stands within a query: all but letters, digits and -._~ escaped.
std::string percent_encoded(std::string_view text);

}  // namespace polarway
