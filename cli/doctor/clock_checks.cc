#include "cli/doctor/clock_checks.h"

#include "base/text.h"
#include "base/time.h"

namespace touchstone::cli {
namespace {

using std::chrono::seconds;
using std::chrono::sys_seconds;

constexpr const char* check = "clock";
constexpr const char* remedy = "set the clock, and let it be kept: timedatectl set-ntp true";

}  // namespace

sys_seconds source_date() {
  const auto day = parse_rfc3339(TOUCHSTONE_SOURCE_DATE "T00:00:00Z");
  return day.value_or(sys_seconds());
}

Finding check_clock(sys_seconds now, sys_seconds earliest) {
  if (now < earliest) {
    return problem(check, {Code::time_clock,
                           "it shows " + to_rfc3339(now) + ", and this program is from " +
                               to_rfc3339(earliest).substr(0, 10),
                           remedy});
  }
  return good(check, to_rfc3339(now));
}

Finding compare_clock(sys_seconds now, std::optional<sys_seconds> date, const std::string& server) {
  const std::string name = printable(server);
  if (!date) return good(check, name + " does not say what time it is");
  const seconds ahead = now - *date;
  const seconds apart = ahead < seconds(0) ? -ahead : ahead;
  if (apart <= tolerable_skew) return good(check, "agrees with that of " + name);
  const std::string text = "is " + std::to_string(apart.count()) + " s " +
                           (ahead > seconds(0) ? "ahead of" : "behind") + " that of " + name;
  if (apart <= grave_skew) return warning(check, text, remedy);
  return problem(check, {Code::time_clock, text, remedy});
}

}  // namespace touchstone::cli
