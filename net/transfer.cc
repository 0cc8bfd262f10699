#include "net/transfer.h"

#include <sys/socket.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "base/text.h"
#include "net/address.h"
#include "net/certificates.h"
#include "net/redirect.h"

namespace touchstone::net {
namespace {

using std::chrono::duration_cast;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

bool is_token(std::string_view text) {  // RFC 9110 section 5.6.2
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("!#$%&'*+-.^_`|~").contains(c);
  });
}

bool is_field_value(std::string_view text) {
  return std::ranges::none_of(text, [](char c) { return c == '\r' || c == '\n' || c == '\0'; });
}

constexpr long stream_buffer_bytes = 256L << 10;

std::string_view trimmed(std::string_view text) {
  const auto is_blank = [](char c) { return c == ' ' || c == '\t'; };
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

std::optional<std::uint64_t> decimal(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// "HTTP/1.1 200 OK" or "HTTP/2 200": the three digits.
std::optional<int> status_of(std::string_view line) {
  const std::size_t blank = line.find(' ');
  if (!line.starts_with("HTTP/") || blank == std::string_view::npos) return std::nullopt;
  const std::string_view digits = line.substr(blank + 1).substr(0, 3);
  const auto value = decimal(digits);
  if (digits.size() != 3 || !value || *value < 100) return std::nullopt;
  return static_cast<int>(*value);
}

}  // namespace

bool Surroundings::is_private(std::string_view address_text) const {
  return std::ranges::find(options.public_addresses, address_text) ==
             options.public_addresses.end() &&
         is_private_address(address_text);
}

Transfer::Transfer(const HttpRequest& request, Surroundings& surroundings)
    : request_(request),
      surroundings_(surroundings),
      deadline_(steady_clock::now() + request.timeout) {
  std::vector<Easy>& idle = surroundings.idle_handles;
  if (idle.empty()) {
    easy_.reset(curl_easy_init());
  } else {
    easy_ = std::move(idle.back());
    idle.pop_back();
  }
}

Transfer::~Transfer() {
  if (!easy_) return;
  curl_easy_reset(easy_.get());  // it points to what ends here
  surroundings_.idle_handles.push_back(std::move(easy_));
}

Error Transfer::failure(Code code, std::string_view why, std::string hint) const {
  const std::string where = current_ ? current_->to_string() : request_.url;
  return Error{code, printable(where) + ": " + printable(why), std::move(hint)};
}

Status Transfer::check_request() const {
  for (const HttpHeader& header : request_.headers) {
    if (!is_token(header.name) || !is_field_value(header.value)) {
      return failure(Code::network_protocol, "a header of the request is malformed");
    }
    if (ascii_lower(header.name) == "authorization") {
      return failure(Code::internal_error, "authorization among the other headers");
    }
  }
  if (!is_field_value(request_.authorization)) {
    return failure(Code::network_protocol, "the authorization is malformed");
  }
  if (!is_token(request_.method)) return failure(Code::internal_error, "malformed method");
  if (request_.source != nullptr && (request_.method == "GET" || request_.method == "HEAD")) {
    return failure(Code::internal_error, "nothing is sent with " + request_.method);
  }
  return ok();
}

Status Transfer::prepare() {
  if (!easy_) return failure(Code::internal_error, "libcurl gives no handle");
  if (!current_) {
    TS_CHECK(check_request());
    TS_TRY(original_, Url::parse(request_.url));
    current_ = original_;
  }
  TS_CHECK(check_private_origin());
  response_ = HttpResponse{};
  header_bytes_ = 0;
  headers_complete_ = false;
  body_was_cut_ = false;
  streamed_bytes_ = 0;
  response_.url = current_->to_string();
  return configure();
}

bool Transfer::private_is_allowed() const {
  if (request_.refuse_private_address) return false;
  return redirects_ == 0 || first_peer_is_private_;
}

Status Transfer::check_private_origin() const {
  if (private_is_allowed()) return ok();
  const std::string_view host = current_->host;
  const bool known =
      surroundings_.private_origins.contains(current_->scheme + "://" + current_->authority());
  // Behind a proxy the socket is the proxy's, and only an address in text can be judged.
  const bool literal = behind_proxy() && (is_loopback_host(host) ||
                                          (is_address_literal(host) && is_private_address(host)));
  if (!known && !literal) return ok();
  return failure(Code::network_redirect, "a public server may not lead to a private address");
}

namespace {

// Options that every libcurl has. A refusal is remembered and ends the request.
class Options {
 public:
  explicit Options(CURL* handle) : handle_(handle) {}

  template <class Value>
  void set(CURLoption option, Value value) {
    if (curl_easy_setopt(handle_, option, value) != CURLE_OK) failed_ = true;
  }
  bool good() const { return !failed_; }

 private:
  CURL* handle_;
  bool failed_ = false;
};

}  // namespace

Status Transfer::configure() {
  const auto left = duration_cast<milliseconds>(deadline_ - steady_clock::now());
  if (left.count() <= 0) return failure(Code::network_timeout, "no time is left");
  const CurlOptions& options = surroundings_.options;
  CURL* const handle = easy_.get();
  curl_easy_reset(handle);
  Options to(handle);
  to.set(CURLOPT_ERRORBUFFER, curl_message_);
  to.set(CURLOPT_URL, current_->to_string().c_str());
  to.set(CURLOPT_PATH_AS_IS, 1L);
  to.set(CURLOPT_PROTOCOLS_STR, "http,https");
  to.set(CURLOPT_FOLLOWLOCATION, 0L);
  to.set(CURLOPT_NOSIGNAL, 1L);
  // "" keeps the environment's out. Exceptions were made here: libcurl knows of none.
  to.set(CURLOPT_PROXY, proxy_for(*current_, options.proxies).c_str());
  to.set(CURLOPT_NOPROXY, "");
  to.set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
  to.set(CURLOPT_USERAGENT, "touchstone/" TOUCHSTONE_VERSION);
  to.set(CURLOPT_CONNECTTIMEOUT_MS,
         static_cast<long>(std::min(left, options.connect_timeout).count()));
  to.set(CURLOPT_TIMEOUT_MS, static_cast<long>(left.count()));
  to.set(CURLOPT_LOW_SPEED_LIMIT, limits::low_speed_bytes);
  to.set(CURLOPT_LOW_SPEED_TIME, static_cast<long>(patience().count()));
  to.set(CURLOPT_HEADERFUNCTION, &Transfer::on_header);
  to.set(CURLOPT_HEADERDATA, this);
  to.set(CURLOPT_WRITEFUNCTION, &Transfer::on_body);
  to.set(CURLOPT_WRITEDATA, this);
  to.set(CURLOPT_OPENSOCKETFUNCTION, &Transfer::on_socket);
  to.set(CURLOPT_OPENSOCKETDATA, this);
  if (!to.good()) return failure(Code::internal_error, "libcurl lacks an option");
  // A libcurl built without .netrc or HTTP/2 refuses these two, and does neither.
  curl_easy_setopt(handle, CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
  curl_easy_setopt(handle, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_2TLS));
  if (current_->scheme == "https") TS_CHECK(configure_tls());
  TS_CHECK(configure_method());
  return add_headers();
}

Status Transfer::configure_tls() {
  const CurlOptions& options = surroundings_.options;
  const CertificateStore store =
      options.ca_file.empty() ? system_certificates() : CertificateStore{"", options.ca_file};
  const auto or_none = [](const std::string& text) {
    return text.empty() ? static_cast<const char*>(nullptr) : text.c_str();
  };
  Options to(easy_.get());
  to.set(CURLOPT_SSL_VERIFYPEER, 1L);
  to.set(CURLOPT_SSL_VERIFYHOST, 2L);
  to.set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  to.set(CURLOPT_CAPATH, or_none(store.folder));  // null takes back libcurl's own default
  to.set(CURLOPT_CAINFO, or_none(store.file));
  if (!options.certificate_file.empty() && current_->same_origin(*original_)) {
    to.set(CURLOPT_SSLCERT, options.certificate_file.c_str());
    to.set(CURLOPT_SSLKEY, or_none(options.key_file));
  }
  if (!to.good()) return failure(Code::internal_error, "libcurl lacks a TLS option");
  return ok();
}

Status Transfer::configure_method() {
  Options to(easy_.get());
  const std::string& method = request_.method;
  if (request_.source != nullptr) {
    TS_CHECK(request_.source->rewind());
    to.set(CURLOPT_UPLOAD, 1L);
    to.set(CURLOPT_INFILESIZE_LARGE, static_cast<curl_off_t>(request_.source->size()));
    to.set(CURLOPT_READFUNCTION, &Transfer::on_read);
    to.set(CURLOPT_READDATA, this);
    to.set(CURLOPT_SEEKFUNCTION, &Transfer::on_seek);
    to.set(CURLOPT_SEEKDATA, this);
    to.set(CURLOPT_UPLOAD_BUFFERSIZE, stream_buffer_bytes);
    to.set(CURLOPT_CUSTOMREQUEST, method.c_str());
  } else if (method == "HEAD") {
    to.set(CURLOPT_NOBODY, 1L);
  } else if (method == "GET") {
    to.set(CURLOPT_HTTPGET, 1L);
    if (request_.sink != nullptr) to.set(CURLOPT_BUFFERSIZE, stream_buffer_bytes);
  } else {
    const bool has_body = !request_.body.empty();
    to.set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request_.body.size()));
    to.set(CURLOPT_POSTFIELDS, has_body ? reinterpret_cast<const char*>(request_.body.data()) : "");
    to.set(CURLOPT_CUSTOMREQUEST, method.c_str());
  }
  if (!to.good()) return failure(Code::internal_error, "libcurl cannot do " + method);
  return ok();
}

// A registry may be silent for long when it has all of a large layer.
std::chrono::seconds Transfer::patience() const {
  const auto usual = surroundings_.options.low_speed_time;
  return request_.source != nullptr ? std::max<std::chrono::seconds>(usual, limits::store_timeout)
                                    : usual;
}

Status Transfer::add_headers() {
  std::vector<std::string> lines;
  bool has_type = false;
  for (const HttpHeader& header : request_.headers) {
    if (header.value.empty()) continue;
    has_type = has_type || ascii_lower(header.name) == "content-type";
    lines.push_back(header.name + ": " + header.value);
  }
  if (carries_authorization_ && !request_.authorization.empty()) {
    lines.push_back("Authorization: " + request_.authorization);
  }
  lines.push_back("Expect:");                       // no "100-continue", no waiting for it
  if (!has_type) lines.push_back("Content-Type:");  // libcurl would call it a web form
  headers_.reset();
  for (const std::string& line : lines) {
    curl_slist* const longer = curl_slist_append(headers_.get(), line.c_str());
    if (longer == nullptr) return failure(Code::internal_error, "out of memory");
    static_cast<void>(headers_.release());
    headers_.reset(longer);
  }
  if (curl_easy_setopt(easy_.get(), CURLOPT_HTTPHEADER, headers_.get()) != CURLE_OK) {
    return failure(Code::internal_error, "libcurl takes no headers");
  }
  return ok();
}

curl_socket_t Transfer::on_socket(void* self, curlsocktype purpose, curl_sockaddr* address) {
  auto& transfer = *static_cast<Transfer*>(self);
  Surroundings& around = transfer.surroundings_;
  if (purpose == CURLSOCKTYPE_IPCXN && !transfer.behind_proxy()) {
    const std::string text = address_text(address->addr);
    const bool is_private = around.is_private(text);
    if (is_private && !transfer.private_is_allowed()) {
      transfer.private_was_refused_ = true;
      return CURL_SOCKET_BAD;
    }
    if (is_private) {
      around.private_origins.insert(transfer.current_->scheme + "://" +
                                    transfer.current_->authority());
    }
  }
  ++around.sockets_opened;
  return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

std::size_t Transfer::on_read(char* room, std::size_t size, std::size_t count, void* self) {
  auto& transfer = *static_cast<Transfer*>(self);
  auto taken = transfer.request_.source->read(
      std::span(reinterpret_cast<std::uint8_t*>(room), size * count));
  if (taken) return *taken;
  transfer.refusal_ = std::move(taken).error();
  return CURL_READFUNC_ABORT;
}

// A kept connection that the server had closed: libcurl takes another, and begins again.
int Transfer::on_seek(void* self, curl_off_t offset, int origin) {
  auto& transfer = *static_cast<Transfer*>(self);
  if (offset != 0 || origin != SEEK_SET) return CURL_SEEKFUNC_CANTSEEK;
  auto rewound = transfer.request_.source->rewind();
  if (rewound) return CURL_SEEKFUNC_OK;
  transfer.refusal_ = std::move(rewound).error();
  return CURL_SEEKFUNC_FAIL;
}

std::size_t Transfer::on_header(char* data, std::size_t size, std::size_t count, void* self) {
  auto& transfer = *static_cast<Transfer*>(self);
  const std::size_t bytes = size * count;
  transfer.header_bytes_ += bytes;
  if (transfer.header_bytes_ > limits::max_header_bytes) {
    transfer.refusal_ = transfer.failure(Code::limit_size, "the headers are too long");
    return 0;
  }
  std::string_view line(data, bytes);
  if (line.ends_with('\n')) line.remove_suffix(1);
  if (line.ends_with('\r')) line.remove_suffix(1);
  if (auto taken = transfer.take_header_line(line); !taken) {
    transfer.refusal_ = std::move(taken).error();
    return 0;
  }
  return bytes;
}

Status Transfer::take_header_line(std::string_view line) {
  if (headers_complete_) return ok();
  if (response_.status < 200 && line.starts_with("HTTP/")) {
    const auto status = status_of(line);
    if (!status) return failure(Code::network_protocol, "the status line is malformed");
    response_.status = *status;
    response_.headers.clear();
    return ok();
  }
  if (line.empty()) {
    headers_complete_ = response_.status >= 200;
    return headers_complete_ && into_sink() ? request_.sink->begin() : ok();
  }
  if (!is_field_value(line)) return failure(Code::network_protocol, "a header holds CR or NUL");
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos || !is_token(line.substr(0, colon))) {
    return failure(Code::network_protocol, "a header is malformed");
  }
  if (response_.headers.size() >= limits::max_headers) {
    return failure(Code::limit_count, "there are too many headers");
  }
  return take_field(ascii_lower(line.substr(0, colon)), trimmed(line.substr(colon + 1)));
}

Status Transfer::take_field(std::string_view name, std::string_view value) {
  if (name == "content-encoding" && !value.empty() && ascii_lower(value) != "identity") {
    return failure(Code::network_protocol, "the content is encoded, which was not asked for");
  }
  if (name == "transfer-encoding" && ascii_lower(value) != "chunked") {
    return failure(Code::network_protocol, "the transfer encoding is unknown");
  }
  if (name == "content-length") {
    const auto length = decimal(value);
    const auto earlier = response_.header("content-length");
    if (!length || (earlier && *earlier != value)) {
      return failure(Code::network_protocol, "the content length is malformed");
    }
    if (successful() && request_.method != "HEAD" && *length > body_cap()) return too_long();
  }
  response_.headers.push_back({std::string(name), std::string(value)});
  return ok();
}

std::uint64_t Transfer::body_cap() const {
  return successful() ? request_.max_body_bytes : limits::max_error_body_bytes;
}

Error Transfer::too_long() const {
  return failure(Code::limit_size,
                 "the content is longer than " + std::to_string(body_cap()) + " bytes");
}

Status Transfer::pass_on(ByteView bytes) {
  if (bytes.size() > body_cap() - streamed_bytes_) return too_long();
  streamed_bytes_ += bytes.size();
  return request_.sink->write(bytes);
}

std::size_t Transfer::on_body(char* data, std::size_t size, std::size_t count, void* self) {
  auto& transfer = *static_cast<Transfer*>(self);
  const std::size_t bytes = size * count;
  if (transfer.into_sink()) {
    if (auto passed = transfer.pass_on(as_bytes({data, bytes})); !passed) {
      transfer.refusal_ = std::move(passed).error();
      return 0;
    }
    return bytes;
  }
  Bytes& body = transfer.response_.body;
  const std::size_t room = static_cast<std::size_t>(transfer.body_cap()) - body.size();
  if (bytes <= room) {
    body.insert(body.end(), data, data + bytes);
    return bytes;
  }
  if (transfer.successful()) {
    transfer.refusal_ = transfer.too_long();
  } else {
    body.insert(body.end(), data, data + room);
    transfer.body_was_cut_ = true;
  }
  return 0;
}

void Transfer::note_peer() {
  if (redirects_ > 0) return;
  if (behind_proxy()) {
    const std::string_view host = current_->host;
    first_peer_is_private_ =
        is_loopback_host(host) || (is_address_literal(host) && is_private_address(host));
    return;
  }
  const char* address = nullptr;
  curl_easy_getinfo(easy_.get(), CURLINFO_PRIMARY_IP, &address);
  first_peer_is_private_ = address != nullptr && surroundings_.is_private(address);
}

std::optional<Result<HttpResponse>> Transfer::finish(CURLcode outcome) {
  if (refusal_) return *refusal_;
  if (private_was_refused_) {
    return failure(Code::network_redirect, "a public server may not lead to a private address");
  }
  if (outcome != CURLE_OK && !body_was_cut_) return failure_of(outcome);
  if (response_.status < 200) return failure(Code::network_protocol, "there is no final answer");
  note_peer();
  response_.from_private_address = first_peer_is_private_;

  const auto location = response_.header("location");
  if (!request_.follow_redirects || !is_redirect(response_.status) || !location) {
    return std::move(response_);
  }
  if (redirects_ == limits::max_redirects) {
    return failure(Code::limit_redirects,
                   "more than " + std::to_string(limits::max_redirects) + " redirects");
  }
  auto target = redirect_target(*original_, *current_, *location);
  if (!target) return std::move(target).error();
  if (!target->same_origin(*current_)) carries_authorization_ = false;
  ++redirects_;
  current_ = *std::move(target);
  return std::nullopt;
}

Error Transfer::failure_of(CURLcode outcome) const {
  // In TLS 1.3 a server says what it thinks of our certificate, or of its absence, when the
  // handshake is over already: RFC 8446 section 4.4.2.4. libcurl calls that a failure to receive.
  const std::string_view said = curl_message_;
  if (said.contains("SSL routines") && said.contains(" alert ")) {
    const bool certificate = said.contains("certificate") || said.contains("unknown ca") ||
                             said.contains("handshake failure");
    return failure(Code::network_tls, said,
                   certificate
                       ? "the server may want another certificate of yours: --registry-cert "
                         "and --registry-key"
                       : "");
  }
  const auto code = [&] {
    switch (outcome) {
      case CURLE_OPERATION_TIMEDOUT:
        return Code::network_timeout;
      case CURLE_COULDNT_RESOLVE_HOST:
      case CURLE_COULDNT_RESOLVE_PROXY:
      case CURLE_COULDNT_CONNECT:
      case CURLE_SEND_ERROR:
      case CURLE_RECV_ERROR:
        return Code::network_unreachable;
      case CURLE_SSL_CONNECT_ERROR:
      case CURLE_PEER_FAILED_VERIFICATION:
      case CURLE_SSL_CERTPROBLEM:
      case CURLE_SSL_CIPHER:
      case CURLE_SSL_CACERT_BADFILE:
      case CURLE_SSL_ISSUER_ERROR:
      case CURLE_SSL_CRL_BADFILE:
      case CURLE_SSL_INVALIDCERTSTATUS:
      case CURLE_SSL_PINNEDPUBKEYNOTMATCH:
      case CURLE_SSL_CLIENTCERT:
      case CURLE_USE_SSL_FAILED:
        return Code::network_tls;
      case CURLE_OUT_OF_MEMORY:  // so libcurl calls a header line of over 100 KiB
        return headers_complete_ ? Code::internal_error : Code::limit_size;
      default:
        return Code::network_protocol;
    }
  }();
  const bool has_message = curl_message_[0] != '\0';
  return failure(code, has_message ? curl_message_ : curl_easy_strerror(outcome));
}

}  // namespace touchstone::net
