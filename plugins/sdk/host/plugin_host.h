// Finds plugins, and asks them what they know, each in a process of its own: one that crashes, hangs or talks nonsense
// is named and left out, and everything else goes on.
#pragma once

#include "base/progress.h"
#include "base/result.h"
#include "plugins/sdk/host/description.h"
#include "plugins/sdk/host/loaded_plugin.h"

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace ridgeline::plugins {

struct HostOptions {
  std::map<std::string, OptionValues> values;  // by plugin name
  // Folders to look through instead of the usual ones; for tests.
  std::vector<std::filesystem::path> folders;
  double probeSeconds = 10;     // for what must be quick
  double measureSeconds = 120;  // for roofs
};

// "cuda.nvtx=0" into `options.values`. Usage when it is not of that form.
Status addOption(std::string_view text, HostOptions& options);

struct FoundPlugin {
  std::filesystem::path library;
  PluginDescription description;  // where there is no problem
  std::string problem;            // why it is left out, one line; empty: it is in use
  bool usable() const { return problem.empty(); }
};

// The folders of RIDGELINE_PLUGIN_PATH (it may also name libraries), then ../lib/ridgeline/plugins beside the running
// program and where Ridgeline was installed.
std::vector<std::filesystem::path> pluginFolders();

class PluginHost {
 public:
  explicit PluginHost(HostOptions options) : m_options(std::move(options)) {}

  // Every library found, in the order of the search path; of two plugins of one name the first is in use. Usage when
  // options are given for a plugin that is not there.
  Result<std::vector<FoundPlugin>> find(Job job) const;
  // One library.
  Result<FoundPlugin> probe(const std::filesystem::path& library, Job job) const;

  Result<std::vector<RoofDescription>> roofs(const FoundPlugin& plugin, const std::string& device, int threads,
                                             Job job) const;
  // What the child's environment needs.
  Result<Injection> injection(const FoundPlugin& plugin, const std::filesystem::path& spool,
                              const std::vector<std::string>& counters, Job job) const;
  // Loads it into this process. Only what was probed.
  Result<LoadedPlugin> load(const FoundPlugin& plugin, const StopFlag& stop) const;

  const HostOptions& options() const { return m_options; }

 private:
  Result<std::string> ask(const FoundPlugin& plugin, std::string verb, std::vector<std::string> arguments,
                          double seconds, const StopFlag& stop) const;
  std::vector<std::string> optionArguments(const std::string& plugin) const;
  HostOptions m_options;
};

}  // namespace ridgeline::plugins
