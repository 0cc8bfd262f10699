// A TCP proxy that adds a round trip to every exchange and counts the exchanges:
//
//   delay_proxy HOST-PORT ROUND-TRIP-MS LOG      forwards to 127.0.0.1:HOST-PORT
//
// Prints its own loopback port and serves until its standard input closes. What the client sends is
// held back for one round trip, and the first bytes of a connection for two (opening one takes a
// round trip of its own). LOG gets a line for each request: its turn, a blank, its first line. Two
// requests that do not wait for one another have the same turn; a request sent after an answer has
// a later turn than what was answered. The highest turn is the number of sequential requests.
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <list>
#include <string>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

struct Held {
  Clock::time_point due;
  std::string bytes;
};

struct Connection {
  int client;
  int server;
  std::deque<Held> held;  // from the client, waiting for their time
  bool asking = false;    // the client has sent more since the last answer began
  bool first = true;      // nothing was received yet
  bool client_closed = false;
  int turn = 0;
};

int connect_to(std::uint16_t port) {
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  const int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
    perror("delay_proxy: connect");
    std::exit(1);
  }
  return fd;
}

int listen_anywhere(std::uint16_t& port) {
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  if (bind(fd, reinterpret_cast<sockaddr*>(&address), size) != 0 || listen(fd, 64) != 0 ||
      getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    perror("delay_proxy: listen");
    std::exit(1);
  }
  port = ntohs(address.sin_port);
  return fd;
}

bool send_all(int fd, const std::string& bytes) {
  for (std::size_t sent = 0; sent < bytes.size();) {
    const ssize_t n = send(fd, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
    if (n <= 0) return false;
    sent += static_cast<std::size_t>(n);
  }
  return true;
}

class Proxy {
 public:
  Proxy(std::uint16_t server_port, milliseconds round_trip, std::FILE* log)
      : server_port_(server_port), round_trip_(round_trip), log_(log) {}

  void serve(int listener) {
    for (;;) {
      std::vector<pollfd> watched = {{0, POLLIN, 0}, {listener, POLLIN, 0}};
      for (const Connection& c : connections_) {
        watched.push_back({c.client_closed ? -1 : c.client, POLLIN, 0});
        watched.push_back({c.server, POLLIN, 0});
      }
      poll(watched.data(), watched.size(), wait_ms());
      if (watched[0].revents != 0) return;  // standard input carries nothing: it has closed

      std::size_t i = 2;
      for (auto c = connections_.begin(); c != connections_.end(); i += 2) {
        const bool alive = step(*c, watched[i].revents != 0, watched[i + 1].revents != 0);
        if (!alive) {
          close(c->client);
          close(c->server);
        }
        c = alive ? std::next(c) : connections_.erase(c);
      }
      if (watched[1].revents != 0) accept_one(listener);
    }
  }

 private:
  int wait_ms() const {
    auto wait = milliseconds(1000);
    for (const Connection& c : connections_) {
      if (c.held.empty()) continue;
      const auto left = std::chrono::ceil<milliseconds>(c.held.front().due - Clock::now());
      wait = std::clamp(left, milliseconds(0), wait);
    }
    return static_cast<int>(wait.count());
  }

  void accept_one(int listener) {
    const int client = accept(listener, nullptr, nullptr);
    if (client < 0) return;
    const int on = 1;
    setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    connections_.push_back({.client = client, .server = connect_to(server_port_), .held = {}});
  }

  bool step(Connection& c, bool client_ready, bool server_ready) {
    if (client_ready && !from_client(c)) return false;
    if (server_ready && !from_server(c)) return false;
    while (!c.held.empty() && c.held.front().due <= Clock::now()) {
      if (!send_all(c.server, c.held.front().bytes)) return false;
      c.held.pop_front();
    }
    return !(c.client_closed && c.held.empty());
  }

  bool from_client(Connection& c) {
    char buffer[65536];
    const ssize_t n = recv(c.client, buffer, sizeof buffer, 0);
    if (n <= 0) {
      c.client_closed = true;
      return true;
    }
    const std::string bytes(buffer, static_cast<std::size_t>(n));
    if (!c.asking) {
      c.asking = true;
      c.turn = answered_ + 1;
      std::fprintf(log_, "%d %s\n", c.turn, bytes.substr(0, bytes.find('\r')).c_str());
      std::fflush(log_);
    }
    c.held.push_back({Clock::now() + (c.first ? 2 : 1) * round_trip_, bytes});
    c.first = false;
    return true;
  }

  bool from_server(Connection& c) {
    char buffer[65536];
    const ssize_t n = recv(c.server, buffer, sizeof buffer, 0);
    if (n <= 0) return false;
    c.asking = false;
    answered_ = std::max(answered_, c.turn);
    return send_all(c.client, std::string(buffer, static_cast<std::size_t>(n)));
  }

  std::uint16_t server_port_;
  milliseconds round_trip_;
  std::FILE* log_;
  std::list<Connection> connections_;
  int answered_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
  std::FILE* log = argc == 4 ? std::fopen(argv[3], "w") : nullptr;
  if (log == nullptr) {
    std::fprintf(stderr, "usage: delay_proxy HOST-PORT ROUND-TRIP-MS LOG\n");
    return 2;
  }
  std::uint16_t port = 0;
  const int listener = listen_anywhere(port);
  std::printf("%d\n", port);
  std::fflush(stdout);
  Proxy(static_cast<std::uint16_t>(std::atoi(argv[1])), milliseconds(std::atoi(argv[2])), log)
      .serve(listener);
  return 0;
}
