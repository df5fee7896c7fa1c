#include "transports/http_curl.h"

#include <dlfcn.h>

#include <optional>
#include <type_traits>

namespace polarway {
namespace {

// Sanitizers refuse to load anything apart.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr int kApart = 0;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
constexpr int kApart = 0;
#else
constexpr int kApart = RTLD_DEEPBIND;
#endif
#else
constexpr int kApart = RTLD_DEEPBIND;
#endif

std::optional<Curl> load() {
  void* const library = dlopen("libcurl.so.4", RTLD_NOW | RTLD_LOCAL | kApart);
  if (library == nullptr) return std::nullopt;
  Curl curl{};
  bool is_whole = true;
  const auto find = [&](auto& function, const char* name) {
    function = reinterpret_cast<std::remove_reference_t<decltype(function)>>(dlsym(library, name));
    is_whole = is_whole && function != nullptr;
  };
  find(curl.global_init, "curl_global_init");
  find(curl.multi_init, "curl_multi_init");
  find(curl.multi_setopt, "curl_multi_setopt");
  find(curl.multi_cleanup, "curl_multi_cleanup");
  find(curl.multi_add_handle, "curl_multi_add_handle");
  find(curl.multi_remove_handle, "curl_multi_remove_handle");
  find(curl.multi_perform, "curl_multi_perform");
  find(curl.multi_poll, "curl_multi_poll");
  find(curl.multi_wakeup, "curl_multi_wakeup");
  find(curl.multi_info_read, "curl_multi_info_read");
  find(curl.easy_init, "curl_easy_init");
  find(curl.easy_reset, "curl_easy_reset");
  find(curl.easy_cleanup, "curl_easy_cleanup");
  find(curl.easy_setopt, "curl_easy_setopt");
  find(curl.easy_getinfo, "curl_easy_getinfo");
  find(curl.easy_pause, "curl_easy_pause");
  find(curl.easy_strerror, "curl_easy_strerror");
  find(curl.slist_append, "curl_slist_append");
  find(curl.slist_free_all, "curl_slist_free_all");
  find(curl.url, "curl_url");
  find(curl.url_cleanup, "curl_url_cleanup");
  find(curl.url_set, "curl_url_set");
  find(curl.url_get, "curl_url_get");
  find(curl.url_strerror, "curl_url_strerror");
  find(curl.free, "curl_free");
  find(curl.getdate, "curl_getdate");
  if (!is_whole || curl.global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) return std::nullopt;
  return curl;
}

}  // namespace

const Curl* find_curl() {
  static const std::optional<Curl> loaded = load();
  return loaded ? &*loaded : nullptr;
}

SourceError no_curl() {
  return {.kind = ErrorKind::UnsupportedOperation,
          .message = "libcurl.so.4 cannot be loaded, or is older than 7.85",
          .hint = "install it: libcurl4 is its package on Debian"};
}

}  // namespace polarway
