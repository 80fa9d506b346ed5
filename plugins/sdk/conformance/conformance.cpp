#include "plugins/sdk/conformance/conformance.h"

#include "plugins/sdk/host/helper_process.h"

#include <algorithm>

namespace ridgeline::plugins {

const std::vector<Check>& allChecks() {
  static const std::vector<Check> checks = {
      {"load", "is loaded, and its function table is whole", 10, checkLoads},
      {"older-host", "survives a host of an older ABI", 10, checkOlderHost},
      {"describe", "describes itself, twice the same", 10, checkDescribe},
      {"devices", "finds its devices, twice the same", 20, checkDevices},
      {"counters", "lists the counters of each device", 20, checkCounters},
      {"rewrites", "says which rewrites pay", 20, checkRewrites},
      {"injection", "gives the environment of a child", 20, checkInjection},
      {"arguments", "refuses arguments that make no sense", 20, checkBadArguments},
      {"collection", "collects, stops, and collects again", 30, checkCollection},
      {"lifetimes", "keeps nothing that it was only lent", 30, checkLifetimes},
      {"threads", "may be called by several threads", 30, checkThreads},
      {"unload", "is unloaded without a trace, ten times", 30, checkUnload},
      {"roofs", "measures the roofs of each device", 300, checkRoofs}};
  return checks;
}

Result<bool> runCheck(const std::string& name, const std::filesystem::path& library,
                      const std::function<void(std::string_view)>& step) {
  for (const auto& check : allChecks()) {
    if (check.name == name) return check.run(library, step);
  }
  return internalError("there is no check " + name);
}

namespace {

Result<CheckOutcome> runOutside(const Check& check, const std::filesystem::path& library, const StopFlag& stop) {
  CheckOutcome outcome{check.title, CheckOutcome::Verdict::Failed, {}};
  auto ran = runHelper({"check", library.string(), check.name}, check.seconds, stop);
  if (!ran) return passOn(ran);
  const auto& answer = ran->answer;
  if (!ran->finished) {
    outcome.problem = fmt::format("{} in {}()", ran->failure, ran->step.empty() ? "load" : ran->step);
  } else if (answer == "passed" || answer == "absent") {
    outcome.verdict = answer == "passed" ? CheckOutcome::Verdict::Passed : CheckOutcome::Verdict::Absent;
  } else {
    outcome.problem = answer.substr(std::min(answer.size(), answer.find(' ') + 1));
  }
  return outcome;
}

}  // namespace

Result<std::vector<CheckOutcome>> testPlugin(const std::filesystem::path& library, Job job,
                                             const std::function<void(const CheckOutcome&)>& done) {
  std::error_code ec;
  if (!std::filesystem::is_regular_file(library, ec)) {
    return badInput(fmt::format("{}: no such file", library.string()), "name the plugin's shared library");
  }
  std::vector<CheckOutcome> outcomes;
  for (const auto& check : allChecks()) {
    job.progress.phase(check.title);
    auto outcome = runOutside(check, library, job.stop);
    if (!outcome) return passOn(outcome);
    if (done) done(*outcome);
    outcomes.push_back(std::move(*outcome));
    if (check.name == "load" && outcomes.back().verdict == CheckOutcome::Verdict::Failed) break;
  }
  return outcomes;
}

}  // namespace ridgeline::plugins
