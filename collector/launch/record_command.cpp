#include "collector/launch/record_command.h"

#include "analyzers/analyze.h"
#include "base/files.h"
#include "collector/launch/counting_run.h"
#include "collector/launch/device_roofs.h"
#include "collector/launch/launcher.h"

#include <time.h>

#include <algorithm>
#include <iterator>

namespace ridgeline::collector {
namespace {

using plugins::FoundPlugin;
using plugins::Variable;
using profile::Profile;

int64_t clockNs(clockid_t clock) {
  timespec t{};
  ::clock_gettime(clock, &t);
  return int64_t{t.tv_sec} * 1'000'000'000 + t.tv_nsec;
}

struct Injected {
  std::vector<Variable> variables;
  std::vector<Variable> countingVariables;  // for a run in which nothing but counting happens; empty: there is none
  std::vector<std::string> plugins;         // that are put in
};

bool countsApart(const plugins::Injection& injection) {
  return std::any_of(injection.variables.begin(), injection.variables.end(),
                     [](const Variable& v) { return v.name == RIDGELINE_COUNTING_RUN; });
}

void append(std::vector<Variable>& to, std::vector<Variable> from) {
  to.insert(to.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
}

class InjectionPlanner {
 public:
  InjectionPlanner(const plugins::PluginHost& host, const CommandRequest& request, const std::filesystem::path& spool,
                   std::vector<std::string>& notes, Job job)
      : m_host(host), m_counters(request.counters), m_spool(spool), m_notes(notes), m_job(job) {}

  // What a plugin cannot do is a note, unless counters were asked for and nobody has them.
  Result<Injected> plan(const std::vector<FoundPlugin>& found) {
    m_injected.variables.push_back({RIDGELINE_SPOOL_VARIABLE, m_spool.string(), Variable::How::Replace});
    for (const auto& plugin : found) {
      if (!plugin.usable()) {
        m_notes.push_back(plugin.problem + " (left out)");
      } else if (plugin.description.injects) {
        auto added = add(plugin);
        if (!added && added.error().code == ErrorCode::Interrupted) return passOn(added);
        if (!added) m_notes.push_back(added.error().text());
      }
    }
    if (m_counters.empty() || m_counted) return std::move(m_injected);
    return fail(ErrorCode::Usage, m_refusal.empty() ? "no plugin can count anything in another program" : m_refusal,
                "`ridgeline plugin list` shows the counters there are");
  }

 private:
  Status add(const FoundPlugin& plugin) {
    auto injection = m_host.injection(plugin, m_spool, m_counters, m_job);
    const bool refused = !injection && injection.error().code == ErrorCode::Usage && !m_counters.empty();
    const bool apart = injection && countsApart(*injection);
    if (refused) m_refusal = injection.error().text();
    if (injection) {
      m_counted = m_counted || !m_counters.empty();
      tell(plugin, *injection);
    }
    if (apart) append(m_injected.countingVariables, std::move(injection->variables));
    if (refused || apart) injection = m_host.injection(plugin, m_spool, {}, m_job);
    if (!injection) return passOn(injection);
    m_injected.plugins.push_back(plugin.description.name);
    append(m_injected.variables, std::move(injection->variables));
    return {};
  }
  void tell(const FoundPlugin& plugin, const plugins::Injection& injection) {
    for (const auto& message : injection.messages) {
      auto line = fmt::format("{}: {}", plugin.description.name, message.text);
      m_job.progress.note(line);
      m_notes.push_back(std::move(line));
    }
  }

  const plugins::PluginHost& m_host;
  const std::vector<std::string>& m_counters;
  const std::filesystem::path& m_spool;
  std::vector<std::string>& m_notes;
  Job m_job;
  Injected m_injected;
  bool m_counted = false;
  std::string m_refusal;
};

std::string join(const std::vector<std::string>& words, const char* separator) {
  std::string out;
  for (const auto& w : words) out += (out.empty() ? "" : separator) + w;
  return out;
}

// Why there is nothing to see, where there is nothing to see.
void explainEmptiness(const Injected& injected, const SpoolFolder& spools, const std::vector<FoundPlugin>& found,
                      CommandSummary& summary) {
  if (summary.totals.kernels + summary.totals.copies + summary.totals.spans > 0) return;
  if (injected.plugins.empty()) {
    summary.notes.push_back("nothing was recorded: no plugin could be put into the command");
  } else if (spools.spools.empty()) {
    summary.notes.push_back(fmt::format("nothing was recorded: the command used no device of the plugins {}",
                                        join(injected.plugins, ", ")));
  } else {
    summary.notes.push_back("nothing was recorded: the command ran nothing on a device");
  }
  for (const auto& plugin : found) {
    if (plugin.usable() && !plugin.description.noDevices.empty()) summary.notes.push_back(plugin.description.noDevices);
  }
}

Status writeRoofs(Profile& profile, const plugins::PluginHost& host, const std::vector<FoundPlugin>& found,
                  CommandSummary& summary, Job job) {
  for (const auto& device : summary.totals.devices) {
    const auto plugin = std::find_if(found.begin(), found.end(), [&](const FoundPlugin& p) {
      return p.usable() && p.description.name == device.plugin;
    });
    if (plugin == found.end() || device.kernels == 0 || !plugin->description.measuresRoofs) continue;
    auto roofs = deviceRoofs(host, *plugin, device.id, 0, false, job);
    if (!roofs) {
      if (roofs.error().code == ErrorCode::Interrupted) return passOn(roofs);
      summary.notes.push_back(fmt::format("no roofs of {}: {}", device.name, roofs.error().text()));
      continue;
    }
    if (auto added = addRoofs(profile, device.row, *roofs); !added) return added;
  }
  return {};
}

Status writeMeta(Profile& profile, const CommandRequest& request, const CommandSummary& summary) {
  const auto& devices = summary.totals.devices;
  const auto busiest = std::max_element(devices.begin(), devices.end(),
                                        [](const auto& a, const auto& b) { return a.busyNs < b.busyNs; });
  // The program alone: arguments may say who ran it, and where.
  const std::vector<std::string> command{"ridgeline", "record", "--", request.command.front()};
  const std::pair<std::string_view, std::string> values[] = {
      {profile::meta::toolVersion, RIDGELINE_VERSION},
      {profile::meta::command, profile::commandForProfile(command)},
      {profile::meta::device, busiest == devices.end() ? "" : busiest->name},
      {profile::meta::inputs, "given"},
      {profile::meta::lostEvents, std::to_string(summary.totals.lost)},
      {"exit_status", std::to_string(summary.exitStatus)},
      {profile::meta::notes, join(summary.notes, "\n")}};
  for (const auto& [key, value] : values) {
    if (value.empty()) continue;
    if (auto set = profile.setMeta(key, value); !set) return set;
  }
  return {};
}

void noteEnd(const LaunchOutcome& outcome, const CommandRequest& request, CommandSummary& summary) {
  if (outcome.signal) summary.notes.push_back(fmt::format("the command was ended by signal {}", outcome.signal));
  if (outcome.othersLeft) {
    summary.notes.push_back(
        fmt::format("processes that the command started went on for more than {:.3g} s after it: what "
                    "they did later is not here",
                    request.followSeconds));
  }
}

// The command a second time, for counting alone. That it cannot be run again is a note: there is a recording.
Status count(Profile& profile, const CommandRequest& request, const Injected& injected, const SpoolContext& context,
             CommandSummary& summary, Job job) {
  if (injected.countingVariables.empty()) return {};
  if (summary.signal || summary.totals.kernels == 0) {
    summary.notes.push_back(summary.signal ? "nothing was counted: the command was ended by a signal"
                                           : "nothing was counted: there is no kernel to put it to");
    return {};
  }
  auto folder = TemporaryFolder::create("spool");
  if (!folder) return passOn(folder);
  LaunchRequest launching{.command = request.command,
                          .variables = injected.countingVariables,
                          .othersAtWork = [&] { return spoolersAtWork(folder->path()); },
                          .followSeconds = request.followSeconds};
  launching.variables.push_back({RIDGELINE_SPOOL_VARIABLE, folder->path().string(), Variable::How::Replace});
  job.progress.phase("run again, counting");
  const auto outcome = launch(launching, job);
  if (!outcome) {
    summary.notes.push_back("nothing was counted: " + outcome.error().text());
    return {};
  }
  if (outcome->exitStatus != summary.exitStatus) {
    summary.notes.push_back(fmt::format("the command ended with status {} when it was counted", outcome->exitStatus));
  }
  auto counted = writeCounters(profile, listSpools(folder->path()), context, job);
  if (!counted) return passOn(counted);
  summary.notes.insert(summary.notes.end(), counted->notes.begin(), counted->notes.end());
  auto line = fmt::format("counted {} of {} kernels, in a second run of the command", counted->matched,
                          counted->matched + counted->uncounted);
  if (counted->unmatched) line += fmt::format("; {} that it launched are not in the first", counted->unmatched);
  if (counted->lost) line += fmt::format("; {} could not be counted", counted->lost);
  summary.notes.push_back(std::move(line));
  return {};
}

// From the end of the command to the end of the file.
Status writeProfile(Profile& profile, const CommandRequest& request, const plugins::PluginHost& host,
                    const std::vector<FoundPlugin>& found, const Injected& injected,
                    const std::filesystem::path& folder, const LaunchOutcome& outcome, CommandSummary& summary,
                    Job job) {
  const auto spools = listSpools(folder);
  SpoolContext context{.originNs = outcome.startNs,
                       .realtimeOffsetNs = clockNs(CLOCK_REALTIME) - clockNs(CLOCK_MONOTONIC),
                       .plugins = found};
  std::erase_if(context.plugins, [](const FoundPlugin& p) { return !p.usable(); });
  auto totals = writeSpools(profile, spools, context, job);
  if (!totals) return passOn(totals);
  summary.totals = std::move(*totals);
  summary.notes.insert(summary.notes.end(), summary.totals.notes.begin(), summary.totals.notes.end());
  explainEmptiness(injected, spools, found, summary);
  if (auto done = count(profile, request, injected, context, summary, job); !done) return done;
  if (request.measureRoofs) {
    if (auto done = writeRoofs(profile, host, found, summary, job); !done) return done;
  }
  if (auto done = writeMeta(profile, request, summary); !done) return done;
  job.progress.phase("analyze");
  if (auto done = analyzers::analyze(profile); !done) return done;
  return profile.finish();
}

}  // namespace

Result<CommandSummary> recordCommand(const CommandRequest& request, Job job) {
  if (request.command.empty()) return fail(ErrorCode::Usage, "there is no command to record", "put it behind --");
  auto profile = Profile::create(request.output);
  if (!profile) return passOn(profile);
  auto folder = TemporaryFolder::create("spool");
  if (!folder) return passOn(folder);
  job.progress.phase("look for plugins");
  const plugins::PluginHost host(request.plugins);
  auto found = host.find(job);
  if (!found) return passOn(found);
  CommandSummary summary;
  auto injected = InjectionPlanner(host, request, folder->path(), summary.notes, job).plan(*found);
  if (!injected) return passOn(injected);

  job.progress.phase("run");
  LaunchRequest launching{.command = request.command,
                          .variables = injected->variables,
                          .othersAtWork = [&] { return spoolersAtWork(folder->path()); },
                          .followSeconds = request.followSeconds};
  auto outcome = launch(launching, job);
  if (!outcome) return passOn(outcome);
  summary.exitStatus = outcome->exitStatus;
  summary.signal = outcome->signal;
  summary.seconds = static_cast<double>(outcome->endNs - outcome->startNs) * 1e-9;
  noteEnd(*outcome, request, summary);
  auto written = writeProfile(*profile, request, host, *found, *injected, folder->path(), *outcome, summary, job);
  if (!written) return passOn(written);
  return summary;
}

}  // namespace ridgeline::collector
