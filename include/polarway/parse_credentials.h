#pragma once

#include <string_view>

#include "polarway/credentials.h"
#include "polarway/export.h"
#include "polarway/result.h"

namespace polarway {

/// Reads credentials from a JSON object with one name in it, that of their way, and in that their
/// parts: `{"bearer": {"token": "..."}}`, `{"basic": {"username": "...", "password": "..."}}`,
/// `{"api_key": {"key": "...", "name": "X-API-Key", "in": "header"}}`,
/// `{"oauth2": {"token_url": "...", "client_id": "...", "client_secret": "...", "scope": "..."}}`.
/// Names are those of Credentials' structs, in snake_case. Config error, which shows no value, for
/// anything else.
POLARWAY_EXPORT Result<Credentials> parse_credentials(std::string_view json);

}  // namespace polarway
