// An emulated YubiKey with PIV, behind the smart-card daemon's virtual reader (vpcd):
//
//   piv_card --port 35963 --log FILE [--control FIFO] [CONTROL-LINE...]
//
// It connects to vpcd on loopback, and answers until its parent ends. Each argument, and later each
// line of the FIFO, is a line of control (see card.h), or "remove", "insert", "end". The log has a
// line an APDU (without PINs) and an "ok" or "bad" line for each line of control.
//
// The wire: each message, both ways, is a length of two bytes (big-endian) and that many bytes. A
// message of one byte is about power: 0 off, 1 on, 2 reset, 4 asks for the ATR; others are APDUs.
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <charconv>
#include <fstream>
#include <iostream>

#include "base/files.h"
#include "tests/support/piv_card/card.h"

namespace touchstone::piv_card {
namespace {

// A YubiKey 5's.
const Bytes answer_to_reset = {0x3B, 0xFD, 0x13, 0x00, 0x00, 0x81, 0x31, 0xFE,
                               0x15, 0x80, 0x73, 0xC0, 0x21, 0xC0, 0x57, 0x59,
                               0x75, 0x62, 0x69, 0x4B, 0x65, 0x79, 0x40};

Descriptor connect_to(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  Descriptor fd(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    return Descriptor(-1);
  }
  const int one = 1;
  setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  return fd;
}

bool read_exactly(int fd, std::uint8_t* out, std::size_t size) {
  while (size > 0) {
    // vpcd writes length and body apart: a delayed acknowledgement costs 40 ms an APDU.
    const int one = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_QUICKACK, &one, sizeof one);
    const ssize_t count = read(fd, out, size);
    if (count <= 0) return false;
    out += count;
    size -= static_cast<std::size_t>(count);
  }
  return true;
}

bool send_message(int fd, const Bytes& body) {
  Bytes message = {static_cast<std::uint8_t>(body.size() >> 8),
                   static_cast<std::uint8_t>(body.size())};
  message.insert(message.end(), body.begin(), body.end());
  return send(fd, message.data(), message.size(), MSG_NOSIGNAL) ==
         static_cast<ssize_t>(message.size());
}

// One message from the reader. False: the connection is over.
bool serve_one(int fd, Card& card) {
  std::uint8_t length[2] = {};
  if (!read_exactly(fd, length, sizeof length)) return false;
  Bytes message(static_cast<std::size_t>(length[0] << 8 | length[1]));
  if (!read_exactly(fd, message.data(), message.size())) return false;
  if (message.size() == 1) {
    if (message[0] == 0) card.power("power-off");
    if (message[0] == 1) card.power("power-on");
    if (message[0] == 2) card.power("reset");
    return message[0] != 4 || send_message(fd, answer_to_reset);
  }
  const auto response = card.exchange(message);
  return response && send_message(fd, *response);
}

struct Options {
  std::uint16_t port = 0;
  std::string log;
  std::string control;
  std::vector<std::string> lines;
};

std::optional<Options> parse_options(const std::vector<std::string>& arguments) {
  Options options;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string& name = arguments[i];
    if (!name.starts_with("--")) {
      options.lines.push_back(name);
      continue;
    }
    if (++i == arguments.size()) return std::nullopt;
    const std::string& value = arguments[i];
    if (name == "--port") {
      std::from_chars(value.data(), value.data() + value.size(), options.port);
    } else if (name == "--log") {
      options.log = value;
    } else if (name == "--control") {
      options.control = value;
    } else {
      return std::nullopt;
    }
  }
  if (options.port == 0 || options.log.empty()) return std::nullopt;
  return options;
}

class Program {
 public:
  explicit Program(const Options& options)
      : options_(options),
        log_(options.log),
        card_([this](const std::string& line) { log_ << line << std::endl; }) {}

  int run() {
    for (const std::string& line : options_.lines) {
      if (!obey(line)) return 2;
    }
    // For writing as well: the last writer's leaving is then not the end of the FIFO.
    const Descriptor control(
        options_.control.empty() ? -1 : open(options_.control.c_str(), O_RDWR | O_CLOEXEC));
    while (!ended_) {
      if (!reader_ && !card_.removed()) reader_ = connect_to(options_.port);
      pollfd wanted[2] = {{control.get(), POLLIN, 0}, {reader_.get(), POLLIN, 0}};
      const int wait = reader_ || card_.removed() ? -1 : 50;
      if (poll(wanted, 2, wait) < 0) return 1;
      if (wanted[0].revents != 0) read_control(control.get());
      if (reader_ && wanted[1].revents != 0 && !serve_one(reader_.get(), card_)) {
        reader_ = Descriptor(-1);
      }
      if (card_.removed()) reader_ = Descriptor(-1);
    }
    return 0;
  }

 private:
  bool obey(const std::string& line) {
    bool good = true;
    if (line == "remove") {
      card_.remove();
    } else if (line == "insert") {
      card_.insert();
    } else if (line == "end") {
      ended_ = true;
    } else {
      good = card_.control(line);
    }
    if (card_.removed()) reader_ = Descriptor(-1);
    log_ << (good ? "ok " : "bad ") << line << std::endl;
    return good;
  }

  void read_control(int fd) {
    char text[512];
    const ssize_t count = read(fd, text, sizeof text);
    if (count > 0) pending_.append(text, static_cast<std::size_t>(count));
    for (std::size_t end = 0; (end = pending_.find('\n')) != std::string::npos;) {
      (void)obey(pending_.substr(0, end));
      pending_.erase(0, end + 1);
    }
  }

  Options options_;
  std::ofstream log_;
  Card card_;
  Descriptor reader_{-1};
  std::string pending_;
  bool ended_ = false;
};

}  // namespace
}  // namespace touchstone::piv_card

int main(int argc, char** argv) {
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  const auto options = touchstone::piv_card::parse_options({argv + 1, argv + argc});
  if (!options) {
    std::cerr << "usage: piv_card --port N --log FILE [--control FIFO] [CONTROL-LINE...]\n";
    return 2;
  }
  return touchstone::piv_card::Program(*options).run();
}
