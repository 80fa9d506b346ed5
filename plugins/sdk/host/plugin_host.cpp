#include "plugins/sdk/host/plugin_host.h"

#include "plugins/sdk/host/helper_process.h"

#include <algorithm>
#include <cstdlib>
#include <set>

namespace ridgeline::plugins {
namespace fs = std::filesystem;
namespace {

void addLibraries(const fs::path& place, std::vector<fs::path>& out) {
  std::error_code ec;
  if (fs::is_regular_file(place, ec)) return out.push_back(place);
  std::vector<fs::path> found;
  for (const auto& entry : fs::directory_iterator(place, ec)) {
    if (entry.path().extension() == ".so" && entry.is_regular_file(ec)) found.push_back(entry.path());
  }
  std::sort(found.begin(), found.end());
  out.insert(out.end(), found.begin(), found.end());
}

// What the helper says of a failure begins with its library's name already; of its own end we say it.
std::string problemOf(const fs::path& library, const HelperOutcome& outcome) {
  return fmt::format("{}: it {} in {}()", library.filename().string(), outcome.failure,
                     outcome.step.empty() ? "load" : outcome.step);
}

}  // namespace

Status addOption(std::string_view text, HostOptions& options) {
  const auto dot = text.find('.');
  const auto equals = text.find('=');
  if (dot == std::string_view::npos || equals == std::string_view::npos || dot == 0 || equals < dot + 2) {
    return fail(ErrorCode::Usage, fmt::format("plugin option '{}' is not PLUGIN.NAME=VALUE", text));
  }
  options.values[std::string(text.substr(0, dot))][std::string(text.substr(dot + 1, equals - dot - 1))] =
      text.substr(equals + 1);
  return {};
}

std::vector<fs::path> pluginFolders() {
  std::vector<fs::path> folders;
  if (const char* named = std::getenv("RIDGELINE_PLUGIN_PATH")) {
    for (std::string_view rest = named; !rest.empty();) {
      const auto colon = std::min(rest.find(':'), rest.size());
      if (colon > 0) folders.emplace_back(rest.substr(0, colon));
      rest.remove_prefix(std::min(rest.size(), colon + 1));
    }
  }
  std::error_code ec;
  const fs::path programs = fs::read_symlink("/proc/self/exe", ec).parent_path();
  const auto own = fs::path("ridgeline") / "plugins";
  folders.push_back(programs / ".." / "lib" / own);
  folders.push_back(programs / ".." / RIDGELINE_LIBDIR / own);
  folders.push_back(fs::path(RIDGELINE_INSTALL_PREFIX) / RIDGELINE_LIBDIR / own);
  return folders;
}

std::vector<std::string> PluginHost::optionArguments(const std::string& plugin) const {
  std::vector<std::string> arguments;
  const auto given = m_options.values.find(plugin);
  if (given == m_options.values.end()) return arguments;
  for (const auto& [name, value] : given->second) arguments.push_back(fmt::format("--option={}={}", name, value));
  return arguments;
}

Result<FoundPlugin> PluginHost::probe(const fs::path& library, Job job) const {
  FoundPlugin found{library, {}, {}};
  std::vector<std::string> arguments{"probe", library.string()};
  // Before it has told its name nobody knows which options are its own: it gets all, by plugin.
  for (const auto& [plugin, values] : m_options.values) {
    for (const auto& [name, value] : values)
      arguments.push_back(fmt::format("--option-of={}.{}={}", plugin, name, value));
  }
  auto outcome = runHelper(arguments, m_options.probeSeconds, job.stop);
  if (!outcome) return passOn(outcome);
  if (!outcome->finished) {
    found.problem = problemOf(library, *outcome);
    return found;
  }
  if (outcome->answer.starts_with("usage ")) return fail(ErrorCode::Usage, outcome->answer.substr(6));
  if (outcome->answer.starts_with("problem ")) {
    found.problem = outcome->answer.substr(8);
    return found;
  }
  auto description = parseDescription(outcome->answer);
  if (!description) return passOn(description);
  found.description = std::move(*description);
  return found;
}

Result<std::vector<FoundPlugin>> PluginHost::find(Job job) const {
  std::vector<fs::path> libraries;
  for (const auto& folder : m_options.folders.empty() ? pluginFolders() : m_options.folders)
    addLibraries(folder, libraries);
  std::vector<FoundPlugin> plugins;
  std::set<fs::path> seen;
  std::map<std::string, fs::path> names;
  for (const auto& library : libraries) {
    std::error_code ec;
    if (!seen.insert(fs::weakly_canonical(library, ec)).second) continue;
    auto found = probe(library, job);
    if (!found) return passOn(found);
    if (found->usable()) {
      const auto [first, fresh] = names.emplace(found->description.name, library);
      if (!fresh) {
        found->problem = fmt::format("{}: there is a plugin of the name {} before it in the search path",
                                     library.filename().string(), found->description.name);
      }
    }
    plugins.push_back(std::move(*found));
  }
  for (const auto& [plugin, values] : m_options.values) {
    if (names.contains(plugin)) continue;
    return fail(ErrorCode::Usage,
                fmt::format("there is no plugin {} for the option {}.{}", plugin, plugin, values.begin()->first),
                "`ridgeline plugin list` shows those there are");
  }
  return plugins;
}

Result<std::string> PluginHost::ask(const FoundPlugin& plugin, std::string verb, std::vector<std::string> arguments,
                                    double seconds, const StopFlag& stop) const {
  std::vector<std::string> all{std::move(verb), plugin.library.string()};
  all.insert(all.end(), arguments.begin(), arguments.end());
  const auto options = optionArguments(plugin.description.name);
  all.insert(all.end(), options.begin(), options.end());
  auto outcome = runHelper(all, seconds, stop);
  if (!outcome) return passOn(outcome);
  if (!outcome->finished) return badInput(problemOf(plugin.library, *outcome), "tell its vendor");
  if (outcome->answer.starts_with("problem ")) return unavailable(outcome->answer.substr(8));
  if (outcome->answer.starts_with("usage ")) return fail(ErrorCode::Usage, outcome->answer.substr(6));
  return std::move(outcome->answer);
}

Result<std::vector<RoofDescription>> PluginHost::roofs(const FoundPlugin& plugin, const std::string& device,
                                                       int threads, Job job) const {
  auto answer = ask(plugin, "roofs", {device, std::to_string(threads)}, m_options.measureSeconds, job.stop);
  if (!answer) return passOn(answer);
  return parseRoofs(*answer);
}

Result<Injection> PluginHost::injection(const FoundPlugin& plugin, const fs::path& spool,
                                        const std::vector<std::string>& counters, Job job) const {
  std::vector<std::string> arguments{spool.string()};
  for (const auto& c : counters) arguments.push_back("--counter=" + c);
  auto answer = ask(plugin, "injection", std::move(arguments), m_options.probeSeconds, job.stop);
  if (!answer) return passOn(answer);
  return parseInjection(*answer);
}

Result<LoadedPlugin> PluginHost::load(const FoundPlugin& plugin, const StopFlag& stop) const {
  const auto given = m_options.values.find(plugin.description.name);
  return LoadedPlugin::load(plugin.library, given == m_options.values.end() ? OptionValues() : given->second, stop);
}

}  // namespace ridgeline::plugins
