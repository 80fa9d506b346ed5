// Where the test libraries are, and a job that says nothing.
#pragma once

#include "base/progress.h"
#include "plugins/sdk/host/plugin_host.h"

#include <filesystem>
#include <string>

inline std::filesystem::path libraryFolder(const std::string& name) {
  return std::filesystem::path(RIDGELINE_TEST_LIBRARIES) / name;
}

inline ridgeline::plugins::PluginHost hostOf(std::vector<std::filesystem::path> folders, double probeSeconds = 10) {
  ridgeline::plugins::HostOptions options;
  options.folders = std::move(folders);
  options.probeSeconds = probeSeconds;
  return ridgeline::plugins::PluginHost(std::move(options));
}
