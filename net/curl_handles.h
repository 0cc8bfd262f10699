// Owners of libcurl's handles. Included from net/ only.
#pragma once

#include <curl/curl.h>

#include <memory>

namespace touchstone::net {

template <class T, auto free_fn>
struct Free {
  void operator()(T* handle) const noexcept { free_fn(handle); }
};
template <class T, auto free_fn>
using Handle = std::unique_ptr<T, Free<T, free_fn>>;

using Easy = Handle<CURL, curl_easy_cleanup>;
using Multi = Handle<CURLM, curl_multi_cleanup>;
using HeaderList = Handle<curl_slist, curl_slist_free_all>;

}  // namespace touchstone::net
