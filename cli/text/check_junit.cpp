#include "base/clock.h"
#include "cli/text/check_text.h"
#include "cli/text/xml.h"

namespace ridgeline::cli {
namespace {

using advisor::CheckResult;
using advisor::CheckVerdict;
using advisor::GateState;

struct Case {
  std::string name, failure, skipped, output;
};

std::vector<Case> casesOf(const CheckResult& r) {
  std::vector<Case> cases;
  Case latency{.name = "latency", .output = checkSpeedLine(r)};
  if (r.verdict == CheckVerdict::Regression) latency.failure = checkHeadline(r);
  if (r.verdict == CheckVerdict::Inconclusive) latency.skipped = checkHeadline(r);
  for (const auto& line : blameLines(r, 8)) latency.output += "\n" + line;
  cases.push_back(std::move(latency));
  for (const auto& gate : r.gates) {
    if (gate.state == GateState::Told) continue;
    cases.push_back({.name = gate.name,
                     .failure = gate.state == GateState::Passed ? std::string() : gate.text,
                     .output = gate.text});
  }
  return cases;
}

std::string xmlOf(const Case& c, const std::string& suite, double seconds) {
  auto out = fmt::format("    <testcase name=\"{}\" classname=\"{}\" time=\"{:.3f}\">\n", xmlEscaped(c.name),
                         xmlEscaped(suite), c.name == "latency" ? seconds : 0.0);
  if (!c.skipped.empty()) out += fmt::format("      <skipped message=\"{}\"/>\n", xmlEscaped(c.skipped));
  if (!c.failure.empty()) {
    out += fmt::format("      <failure message=\"{}\" type=\"{}\">{}</failure>\n", xmlEscaped(c.failure),
                       xmlEscaped(c.name), xmlEscaped(c.output));
  }
  out += fmt::format("      <system-out>{}</system-out>\n    </testcase>\n", xmlEscaped(c.output));
  return out;
}

// In a workflow command, what would end it or start a parameter.
std::string command(const std::string& text, bool parameter) {
  std::string out;
  for (const char c : text) {
    if (c == '%' || c == '\n' || c == '\r' || (parameter && (c == ':' || c == ','))) {
      out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    } else {
      out += c;
    }
  }
  return out;
}

}  // namespace

std::string checkJunit(const CheckResult& r, const std::string& subject) {
  const auto cases = casesOf(r);
  size_t failures = 0, skipped = 0;
  for (const auto& c : cases) {
    failures += !c.failure.empty();
    skipped += !c.skipped.empty();
  }
  const auto suite = "ridgeline." + (r.current.model.empty() ? subject : r.current.model);
  std::string now = utcNow();
  if (!now.empty() && now.back() == 'Z') now.pop_back();  // the schema wants no zone
  std::string out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
  out += fmt::format("<testsuites tests=\"{0}\" failures=\"{1}\" errors=\"0\" time=\"{2:.3f}\">\n", cases.size(),
                     failures, r.seconds);
  out += fmt::format(
      "  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"0\" skipped=\"{}\" time=\"{:.3f}\" "
      "timestamp=\"{}\" hostname=\"localhost\">\n",
      xmlEscaped(suite), cases.size(), failures, skipped, r.seconds, now);
  for (const auto& c : cases) out += xmlOf(c, suite, r.seconds);
  return out + "  </testsuite>\n</testsuites>\n";
}

std::string checkGithub(const CheckResult& r, const std::string& subject) {
  std::string out;
  const auto say = [&](const char* level, const std::string& title, const std::string& text) {
    out += fmt::format("::{} file={},title={}::{}\n", level, command(subject, true), command(title, true),
                       command(text, false));
  };
  std::string why = checkSpeedLine(r);
  for (const auto& line : blameLines(r, 3)) why += "\n" + line;
  if (r.verdict == CheckVerdict::Regression) say("error", checkHeadline(r), why);
  if (r.verdict == CheckVerdict::Inconclusive) say("warning", checkHeadline(r), why);
  if (r.madeBaseline || r.verdict == CheckVerdict::Improvement) say("notice", checkHeadline(r), why);
  for (const auto& gate : r.gates) {
    if (gate.state == GateState::Failed || gate.state == GateState::Unknown) say("error", gate.name, gate.text);
  }
  return out;
}

}  // namespace ridgeline::cli
