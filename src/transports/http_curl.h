#pragma once

// The functions are called through a table, which its checks of types do not know.
#define CURL_DISABLE_TYPECHECK
#include <curl/curl.h>

#include "polarway/error.h"

namespace polarway {

/// The functions of libcurl that we call. It is loaded when the first URL is read, and apart from
/// everything else in the process: the wheel of pyarrow exports the symbols of an OpenSSL of its
/// own, into which the system's OpenSSL, linked as usual, would call.
struct Curl {
  decltype(&curl_global_init) global_init;
  decltype(&curl_multi_init) multi_init;
  decltype(&curl_multi_setopt) multi_setopt;
  decltype(&curl_multi_cleanup) multi_cleanup;
  decltype(&curl_multi_add_handle) multi_add_handle;
  decltype(&curl_multi_remove_handle) multi_remove_handle;
  decltype(&curl_multi_perform) multi_perform;
  decltype(&curl_multi_poll) multi_poll;
  decltype(&curl_multi_wakeup) multi_wakeup;
  decltype(&curl_multi_info_read) multi_info_read;
  decltype(&curl_easy_init) easy_init;
  decltype(&curl_easy_reset) easy_reset;
  decltype(&curl_easy_cleanup) easy_cleanup;
  decltype(&curl_easy_setopt) easy_setopt;
  decltype(&curl_easy_getinfo) easy_getinfo;
  decltype(&curl_easy_pause) easy_pause;
  decltype(&curl_easy_strerror) easy_strerror;
  decltype(&curl_slist_append) slist_append;
  decltype(&curl_slist_free_all) slist_free_all;
  decltype(&curl_url) url;
  decltype(&curl_url_cleanup) url_cleanup;
  decltype(&curl_url_set) url_set;
  decltype(&curl_url_get) url_get;
  decltype(&curl_url_strerror) url_strerror;
  decltype(&curl_free) free;
  decltype(&curl_getdate) getdate;
};

/// Null where there is no libcurl. Thread-safe.
const Curl* find_curl();
/// For who has seen that it is there.
inline const Curl& curl() { return *find_curl(); }
/// That it is not.
SourceError no_curl();

}  // namespace polarway
