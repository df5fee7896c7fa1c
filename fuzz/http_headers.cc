// What servers write into headers is read without harm: a link that is found stands in the field, a
// wait is never negative, a URL that is read is read again as itself, and no reference leads to
// another scheme or to a URL with a user name in it.

#include "transports/http_headers.h"

#include <cstdint>
#include <string>

#include "law.h"
#include "transports/http_rate.h"
#include "transports/http_url.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace polarway;

  const std::string text(fuzz::text_of(data, size));
  const WallTime now(std::chrono::seconds(1'700'000'000));
  if (const auto link = find_link(text, "next")) {
    fuzz::require(text.find(*link) != std::string::npos, "a link stands in the field");
  }
  if (const auto wait = parse_retry_after(text, now)) {
    fuzz::require(wait->count() >= 0, "nobody waits for the past");
  }
  HttpHeaders headers;
  headers.add("X-RateLimit-Remaining", "0");
  headers.add("X-RateLimit-Reset", text);
  headers.add("RateLimit", text);
  if (const auto wait = quota_wait(headers, now)) {
    fuzz::require(wait->count() >= 0, "no quota is renewed in the past");
  }
  const HttpUrl base = HttpUrl::parse("http://h:81/a/b?c=d").value();
  for (const Result<HttpUrl>& url : {HttpUrl::parse(text), base.resolve(text)}) {
    if (!url) continue;
    const Result<HttpUrl> again = HttpUrl::parse(url->text());
    fuzz::require(again && again->text() == url->text() && again->origin() == url->origin(),
                  "a URL is itself");
    fuzz::require(url->origin().starts_with("http"), "no other scheme");
    static_cast<void>(url->shown());
    static_cast<void>(url->with_parameter("p", text).text());
  }
  return 0;
}
