// A plugin's library in this process. What it says is checked; whatever it does wrong is an error that names it. What
// it does to the process cannot be helped here: libraries that have not been probed yet are loaded by
// ridgeline-plugin-host.
#pragma once

#include "base/progress.h"
#include "base/result.h"
#include "plugins/sdk/host/description.h"
#include "plugins/sdk/ridgeline_plugin.h"

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace ridgeline::plugins {

using OptionValues = std::map<std::string, std::string>;  // by the option's name

class LoadedPlugin {
 public:
  // `stop` outlives the plugin. `abi`: what the host says it speaks; other values are for tests.
  static Result<LoadedPlugin> load(const std::filesystem::path& library, OptionValues options, const StopFlag& stop,
                                   uint32_t abi = RIDGELINE_PLUGIN_ABI);
  LoadedPlugin(LoadedPlugin&&) noexcept;
  LoadedPlugin& operator=(LoadedPlugin&&) noexcept;
  ~LoadedPlugin();

  // Name, version, options: what it says without looking at the machine. Unknown option values are an error.
  Result<PluginDescription> describe();
  Result<std::vector<DeviceDescription>> devices();  // without their counters and rewrites
  Result<std::vector<CounterDescription>> counters(const std::string& device);
  Result<std::vector<RewriteDescription>> rewrites(const std::string& device);
  Result<std::vector<RoofDescription>> roofs(const std::string& device, int threads);
  Result<std::vector<Variable>> injection(const std::string& folder, const std::vector<std::string>& counters);

  // Its functions, NULL where it has none; for what is not above.
  const RidgelinePlugin& table() const;
  // Calls close() and unloads the library. The destructor does the same and drops the error.
  Status unload();
  std::vector<Message> takeMessages();
  // "library.so: what" as an error; of a status, with the reason the plugin gave.
  tl::unexpected<Error> wrong(const std::string& what) const;
  Status statusOf(RidgelineStatus status, const std::string& function);
  // Calls into the plugin; what is thrown becomes an error.
  Status call(const std::string& function, const std::function<RidgelineStatus()>& body);

 private:
  struct Impl;
  explicit LoadedPlugin(std::unique_ptr<Impl> impl);
  template <class Abi, class Out>
  Result<std::vector<Out>> gather(const std::string& function, Out (*check)(const Abi*, class Checker&),
                                  const std::function<RidgelineStatus(void (*)(void*, const Abi*), void*)>& body);
  std::unique_ptr<Impl> m_impl;
};

}  // namespace ridgeline::plugins
