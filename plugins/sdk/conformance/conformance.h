// What every plugin must do, as checks: `ridgeline plugin test` runs each in a process of its own.
#pragma once

#include "base/progress.h"
#include "base/result.h"
#include "plugins/sdk/host/loaded_plugin.h"

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace ridgeline::plugins {

// False: the plugin does not have what is checked, and need not.
using CheckFunction = Result<bool> (*)(const std::filesystem::path& library,
                                       const std::function<void(std::string_view)>& step);

struct Check {
  std::string name;   // for the command line of ridgeline-plugin-host
  std::string title;  // "describes itself"
  double seconds;     // the longest it may take
  CheckFunction run;
};
const std::vector<Check>& allChecks();

struct CheckOutcome {
  std::string title;
  enum class Verdict { Passed, Failed, Absent } verdict = Verdict::Failed;
  std::string problem;  // of a failed one
};

// Every check, also after one that failed, unless the library cannot be loaded at all. `done` is told of each.
Result<std::vector<CheckOutcome>> testPlugin(const std::filesystem::path& library, Job job,
                                             const std::function<void(const CheckOutcome&)>& done = {});

// One check in this process; only for a process that may crash.
Result<bool> runCheck(const std::string& name, const std::filesystem::path& library,
                      const std::function<void(std::string_view)>& step);

// The checks, by what they look at.
Result<bool> checkLoads(const std::filesystem::path& library, const std::function<void(std::string_view)>& step);
Result<bool> checkOlderHost(const std::filesystem::path& library, const std::function<void(std::string_view)>& step);
Result<bool> checkDescribe(const std::filesystem::path& library, const std::function<void(std::string_view)>& step);
Result<bool> checkDevices(const std::filesystem::path& library, const std::function<void(std::string_view)>& step);
Result<bool> checkCounters(const std::filesystem::path& library, const std::function<void(std::string_view)>& step);
Result<bool> checkRoofs(const std::filesystem::path& library, const std::function<void(std::string_view)>& step);
Result<bool> checkRewrites(const std::filesystem::path& library, const std::function<void(std::string_view)>& step);
Result<bool> checkInjection(const std::filesystem::path& library, const std::function<void(std::string_view)>& step);
Result<bool> checkBadArguments(const std::filesystem::path& library, const std::function<void(std::string_view)>& step);
Result<bool> checkCollection(const std::filesystem::path& library, const std::function<void(std::string_view)>& step);
Result<bool> checkLifetimes(const std::filesystem::path& library, const std::function<void(std::string_view)>& step);
Result<bool> checkThreads(const std::filesystem::path& library, const std::function<void(std::string_view)>& step);
Result<bool> checkUnload(const std::filesystem::path& library, const std::function<void(std::string_view)>& step);

}  // namespace ridgeline::plugins
