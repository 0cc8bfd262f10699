#include "hsm/pcsc_cards.h"

#include <dlfcn.h>
#include <winscard.h>
#include <ykpiv/ykpiv.h>

#include <array>
#include <atomic>
#include <chrono>
#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <system_error>
#include <thread>
#include <utility>

#include "base/limits.h"
#include "base/secret.h"
#include "base/text.h"
#include "hsm/openssl_of_others.h"
#include "hsm/pcsc_error.h"

namespace touchstone::hsm {
namespace {

// The functions of both libraries that are used here.
struct Libraries {
  decltype(&SCardEstablishContext) establish_context = nullptr;
  decltype(&SCardReleaseContext) release_context = nullptr;
  decltype(&SCardListReaders) list_readers = nullptr;
  decltype(&SCardConnect) connect = nullptr;
  decltype(&SCardDisconnect) disconnect = nullptr;
  decltype(&SCardBeginTransaction) begin_transaction = nullptr;
  decltype(&SCardEndTransaction) end_transaction = nullptr;
  decltype(&SCardStatus) status = nullptr;
  decltype(&ykpiv_init) init = nullptr;
  decltype(&ykpiv_connect_with_external_card) connect_with_external_card = nullptr;
  decltype(&ykpiv_done_with_external_card) done_with_external_card = nullptr;
  decltype(&ykpiv_transfer_data) transfer_data = nullptr;

  bool complete = true;
};

template <class Function>
void find(Libraries& libraries, void* library, const char* name, Function& function) {
  function = reinterpret_cast<Function>(dlsym(library, name));
  libraries.complete = libraries.complete && function != nullptr;
}

Error missing(std::string_view file) {
  return Error{Code::device_library, std::string(file) + " cannot be loaded", ""};
}

// Loaded once, and kept: unloading a library that may have threads is asking for trouble.
Result<const Libraries*> load_libraries() {
  static Libraries loaded;
  static bool tried = false;
  if (tried && loaded.complete) return &loaded;
  tried = true;
  loaded.complete = false;
  void* pcsc = dlopen("libpcsclite.so.1", RTLD_NOW | RTLD_LOCAL);
  if (pcsc == nullptr) return missing("libpcsclite.so.1");
  void* ykpiv = dlopen("libykpiv.so.2", RTLD_NOW | RTLD_LOCAL);
  if (ykpiv == nullptr) return missing("libykpiv.so.2");
  ignore_openssl_configuration_of(ykpiv);
  loaded.complete = true;
  find(loaded, pcsc, "SCardEstablishContext", loaded.establish_context);
  find(loaded, pcsc, "SCardReleaseContext", loaded.release_context);
  find(loaded, pcsc, "SCardListReaders", loaded.list_readers);
  find(loaded, pcsc, "SCardConnect", loaded.connect);
  find(loaded, pcsc, "SCardDisconnect", loaded.disconnect);
  find(loaded, pcsc, "SCardBeginTransaction", loaded.begin_transaction);
  find(loaded, pcsc, "SCardEndTransaction", loaded.end_transaction);
  find(loaded, pcsc, "SCardStatus", loaded.status);
  find(loaded, ykpiv, "ykpiv_init", loaded.init);
  find(loaded, ykpiv, "ykpiv_connect_with_external_card", loaded.connect_with_external_card);
  find(loaded, ykpiv, "ykpiv_done_with_external_card", loaded.done_with_external_card);
  find(loaded, ykpiv, "ykpiv_transfer_data", loaded.transfer_data);
  if (!loaded.complete) return missing("libykpiv.so.2: a function of it");
  return &loaded;
}

// Makes a call that waits for the service, or for its turn on the card, and waits no longer than a
// person would: libpcsclite itself waits for as long as the service says nothing or another program
// holds the card, and keeps the connection to the service locked meanwhile. Absent: the turn did
// not come, and nothing may be asked of this connection ever again. What comes of the call later is
// undone. It may come when whoever asked is gone, so the call owns all that it uses.
std::optional<LONG> in_turn(
    std::function<LONG()> call, std::function<void()> undo = [] {},
    std::chrono::seconds patience = limits::card_turn_timeout) {
  struct Attempt {
    std::promise<LONG> result;
    std::atomic<bool> settled = false;  // by whoever comes first: the call's end, or the time's
  };
  const auto attempt = std::make_shared<Attempt>();
  std::future<LONG> result = attempt->result.get_future();
  try {
    std::thread([attempt, call, undo] {
      const LONG value = call();
      if (attempt->settled.exchange(true) && value == SCARD_S_SUCCESS) undo();
      attempt->result.set_value(value);
    }).detach();
  } catch (const std::system_error&) {  // no thread is to be had: as libpcsclite does it, then
    return call();
  }
  const bool ready = result.wait_for(patience) == std::future_status::ready;
  if (!ready && !attempt->settled.exchange(true)) return std::nullopt;
  return result.get();
}

Error silent_service() {
  return Error{Code::device_no_service, "the smart-card service (pcscd) does not answer",
               "restart it: systemctl restart pcscd"};
}

// A connection to the service of its own, so that a card that fails takes nothing else with it.
class Context {
 public:
  explicit Context(const Libraries& libraries) : libraries_(libraries) {}
  ~Context() {
    if (!open_) return;
    (void)in_turn([&libraries = libraries_, context = context_] {
      return libraries.release_context(context);
    });
  }
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;

  Status open() {
    const auto made = std::make_shared<SCARDCONTEXT>(0);
    const auto value = in_turn(
        [made, &libraries = libraries_] {
          return libraries.establish_context(SCARD_SCOPE_SYSTEM, nullptr, nullptr, made.get());
        },
        [made, &libraries = libraries_] { (void)libraries.release_context(*made); });
    if (!value) return silent_service();
    if (*value != SCARD_S_SUCCESS) return pcsc_error(*value, "looking for smart cards");
    context_ = *made;
    open_ = true;
    return ok();
  }
  SCARDCONTEXT get() const { return context_; }
  void abandon() { open_ = false; }

 private:
  const Libraries& libraries_;
  SCARDCONTEXT context_ = 0;
  bool open_ = false;
};

// One command and its answer, for a call that may outlive whoever made it.
struct Exchange {
  std::array<unsigned char, 4> header;
  Bytes data;
  Bytes answer = Bytes(limits::max_card_answer_bytes);
  unsigned long size = limits::max_card_answer_bytes;
  int status = 0;

  explicit Exchange(const CardCommand& command)
      : header{0, command.instruction, command.p1, command.p2},
        data(command.data.begin(), command.data.end()) {}
};

// Cards wait for a finger, and think long about a key.
std::chrono::seconds patience_for(const CardCommand& command) {
  constexpr std::uint8_t ins_generate = 0x47;
  return command.instruction == ins_generate ? limits::card_making_timeout
                                             : limits::card_answer_timeout;
}

class PcscLink : public CardLink {
 public:
  PcscLink(const Libraries& libraries, std::string reader)
      : libraries_(libraries), context_(libraries), reader_(std::move(reader)) {}

  ~PcscLink() override {
    unlock();
    if (abandoned_) return;
    if (state_ != nullptr) (void)libraries_.done_with_external_card(state_);
    if (!connected_) return;
    const DWORD how = reset_at_end_ ? SCARD_RESET_CARD : SCARD_LEAVE_CARD;
    const auto ended = in_turn(
        [&libraries = libraries_, card = card_, how] { return libraries.disconnect(card, how); });
    if (!ended) context_.abandon();
  }

  Status open() {
    TS_CHECK(context_.open());
    struct Connection {
      SCARDHANDLE card = 0;
      DWORD protocol = 0;
    };
    const auto made = std::make_shared<Connection>();
    const auto value = in_turn(
        [made, &libraries = libraries_, context = context_.get(), reader = reader_] {
          return libraries.connect(context, reader.c_str(), SCARD_SHARE_SHARED,
                                   SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1, &made->card,
                                   &made->protocol);
        },
        [made, &libraries = libraries_] {
          (void)libraries.disconnect(made->card, SCARD_LEAVE_CARD);
        });
    if (!value) return abandon(held_by_another());
    if (*value != SCARD_S_SUCCESS) return failure(*value);
    card_ = made->card;
    connected_ = true;
    // Never verbose: from level 2 on it prints the PIN.
    if (libraries_.init(&state_, 0) != YKPIV_OK) return lost();
    const auto joined =
        in_turn([&libraries = libraries_, state = state_, context = context_.get(), card = card_] {
          return static_cast<LONG>(libraries.connect_with_external_card(
              state, static_cast<uintptr_t>(context), static_cast<uintptr_t>(card)));
        });
    if (!joined) return abandon(silent_service());
    if (*joined != YKPIV_OK) return lost();
    return ok();
  }

  Result<Hold> lock() override {
    if (abandoned_) return *abandoned_;
    const auto begun = in_turn(
        [&libraries = libraries_, card = card_] { return libraries.begin_transaction(card); },
        [&libraries = libraries_, card = card_] {
          (void)libraries.end_transaction(card, SCARD_LEAVE_CARD);
        });
    if (!begun) return abandon(held_by_another());
    const LONG value = *begun;
    if (value == SCARD_S_SUCCESS) {
      held_ = true;
      return Hold::held;
    }
    const auto is = [&](LONG other) {
      return static_cast<std::uint32_t>(value) == static_cast<std::uint32_t>(other);
    };
    // The service may have been started anew, with the card in place: that is stale too.
    if (is(SCARD_W_RESET_CARD) || is(SCARD_W_REMOVED_CARD) || is(SCARD_E_INVALID_HANDLE) ||
        is(SCARD_E_READER_UNAVAILABLE) || is(SCARD_E_NO_SERVICE) || is(SCARD_F_COMM_ERROR)) {
      return Hold::stale;
    }
    return failure(value);
  }

  void unlock() override {
    if (!std::exchange(held_, false) || abandoned_) return;
    const auto ended = in_turn([&libraries = libraries_, card = card_] {
      return libraries.end_transaction(card, SCARD_LEAVE_CARD);
    });
    if (!ended) give_up(silent_service());
  }

  // Outside a hold of ours libpcsclite would wait for another program's without end.
  Result<CardAnswer> transmit(const CardCommand& command) override {
    if (held_) return send(command);
    TS_TRY(const Hold hold, lock());
    if (hold == Hold::stale) return failure(SCARD_W_RESET_CARD);
    auto answer = send(command);
    unlock();
    return answer;
  }

  void reset_at_end() override { reset_at_end_ = true; }

 private:
  Result<CardAnswer> send(const CardCommand& command) {
    if (abandoned_) return *abandoned_;
    const auto exchange = std::make_shared<Exchange>(command);
    const auto value = in_turn(
        [exchange, &libraries = libraries_, state = state_] {
          const ykpiv_rc done =
              libraries.transfer_data(state, exchange->header.data(), exchange->data.data(),
                                      static_cast<long>(exchange->data.size()),
                                      exchange->answer.data(), &exchange->size, &exchange->status);
          wipe(exchange->data);  // it may be a PIN
          return static_cast<LONG>(done);
        },
        [] {}, patience_for(command));
    if (!value) {
      return abandon(Error{Code::device_timeout, name() + ": the card does not answer", ""});
    }
    if (*value == YKPIV_SIZE_ERROR) {
      return Error{Code::device_failed, name() + ": the card's answer is too long", ""};
    }
    // A card that went away may leave libykpiv content, with a status word of 0.
    const bool whole = exchange->size <= exchange->answer.size();
    if (*value != YKPIV_OK || exchange->status == 0 || !whole) return lost();
    CardAnswer answer{std::move(exchange->answer), static_cast<std::uint16_t>(exchange->status)};
    answer.data.resize(exchange->size);
    return answer;
  }

  std::string name() const { return "reader \"" + printable(reader_) + "\""; }

  // A call never came back: nothing may be asked of this connection any more.
  void give_up(Error why) {
    abandoned_ = std::move(why);
    context_.abandon();
  }

  // The same, because the service does not answer anybody; else for the reason that is given.
  Error abandon(Error otherwise) {
    give_up(std::move(otherwise));
    Context fresh(libraries_);
    if (const auto answers = fresh.open(); !answers) abandoned_ = answers.error();
    return *abandoned_;
  }

  Error failure(LONG value) const { return pcsc_error(value, name()); }
  Error held_by_another() const { return failure(SCARD_E_SHARING_VIOLATION); }

  // libykpiv says only that something went wrong; the service knows what.
  Error lost() {
    struct Told {
      DWORD reader_size = 0;
      DWORD state = 0;
      DWORD protocol = 0;
      DWORD atr_size = 0;
    };
    const auto told = std::make_shared<Told>();
    const auto value = in_turn([told, &libraries = libraries_, card = card_] {
      return libraries.status(card, nullptr, &told->reader_size, &told->state, &told->protocol,
                              nullptr, &told->atr_size);
    });
    if (!value) return abandon(silent_service());
    if (*value != SCARD_S_SUCCESS) {
      Error error = failure(*value);
      if (error.code == Code::device_not_found) error.code = Code::device_removed;
      return error;
    }
    return Error{Code::device_removed, name() + ": the card does not answer any more", ""};
  }

  const Libraries& libraries_;
  Context context_;
  std::string reader_;
  SCARDHANDLE card_ = 0;
  ykpiv_state* state_ = nullptr;
  bool connected_ = false;
  bool held_ = false;
  bool reset_at_end_ = false;
  std::optional<Error> abandoned_;  // why nothing is asked any more
};

class PcscReaders : public CardReaders {
 public:
  explicit PcscReaders(const Libraries& libraries) : libraries_(libraries) {}

  Result<std::vector<std::string>> names() override {
    Context context(libraries_);
    TS_CHECK(context.open());
    struct Answer {
      std::vector<char> text = std::vector<char>(limits::max_reader_names_bytes, '\0');
      DWORD size = limits::max_reader_names_bytes;
    };
    const auto answer = std::make_shared<Answer>();
    const auto listed = in_turn([answer, &libraries = libraries_, context = context.get()] {
      return libraries.list_readers(context, nullptr, answer->text.data(), &answer->size);
    });
    if (!listed) {
      context.abandon();
      return silent_service();
    }
    const LONG value = *listed;
    std::vector<std::string> names;
    if (static_cast<std::uint32_t>(value) ==
        static_cast<std::uint32_t>(SCARD_E_NO_READERS_AVAILABLE)) {
      return names;
    }
    if (value != SCARD_S_SUCCESS) return pcsc_error(value, "looking for smart-card readers");
    // Names end with a NUL each, and the list with one more.
    const std::string_view all(answer->text.data(),
                               std::min<std::size_t>(answer->size, answer->text.size()));
    for (const std::string_view name : split(all, '\0')) {
      if (name.empty()) break;
      names.emplace_back(name);
    }
    return names;
  }

  Result<std::unique_ptr<CardLink>> connect(const std::string& reader) override {
    auto link = std::make_unique<PcscLink>(libraries_, reader);
    TS_CHECK(link->open());
    return std::unique_ptr<CardLink>(std::move(link));
  }

 private:
  const Libraries& libraries_;
};

}  // namespace

Result<std::unique_ptr<CardReaders>> open_card_readers() {
  TS_TRY(const Libraries* libraries, load_libraries());
  return std::unique_ptr<CardReaders>(std::make_unique<PcscReaders>(*libraries));
}

}  // namespace touchstone::hsm
