#include "plugins/sdk/host/loaded_plugin.h"

#include "plugins/sdk/host/checked.h"

#include <dlfcn.h>

#include <mutex>
#include <set>

namespace ridgeline::plugins {
namespace fs = std::filesystem;
namespace {

constexpr size_t kMostItems = 100'000;
constexpr size_t kMostMessages = 1'000;

}  // namespace

struct LoadedPlugin::Impl {
  fs::path library;
  void* handle = nullptr;
  bool open = false;
  RidgelinePlugin table{};
  RidgelineHost host{};
  OptionValues options;
  const StopFlag* stop = nullptr;
  std::mutex mutex;  // of what its threads may say
  std::vector<Message> messages;

  void hear(RidgelineSeverity severity, const char* text) noexcept;
  std::string lastError();
  Status readTable(const RidgelinePlugin* given, uint32_t abi);
};

void LoadedPlugin::Impl::hear(RidgelineSeverity severity, const char* text) noexcept try {
  Checker check;
  auto line = check.required(text, "a message");
  const std::lock_guard lock(mutex);
  if (messages.size() >= kMostMessages) messages.erase(messages.begin());
  messages.push_back(check.ok() ? Message{severity, std::move(line)} : Message{RIDGELINE_WARNING, check.trouble()});
} catch (...) {  // out of memory; a message is the least that is lost then
}

std::string LoadedPlugin::Impl::lastError() {
  const std::lock_guard lock(mutex);
  for (auto i = messages.rbegin(); i != messages.rend(); ++i) {
    if (i->severity < RIDGELINE_ERROR) continue;
    auto text = i->text;
    messages.erase(std::next(i).base());
    return text;
  }
  return {};
}

Status LoadedPlugin::Impl::readTable(const RidgelinePlugin* given, uint32_t abi) {
  const auto name = library.filename().string();
  if (!given) {
    const auto why = lastError();
    return unavailable(fmt::format("{}: it refuses to be opened{}{}", name, why.empty() ? "" : ": ", why));
  }
  // The ABI before the size: a plugin for another one may well have another size.
  if (given->size >= offsetof(RidgelinePlugin, reserved) && (given->abi == 0 || given->abi > abi)) {
    return badInput(fmt::format("{}: it is for plugin ABI {}, this Ridgeline speaks 1 to {}", name, given->abi, abi),
                    given->abi > abi ? "update Ridgeline" : "rebuild the plugin");
  }
  Checker check;
  table = wholeStruct(given, "its function table", check);
  if (check.ok() && (!table.describe || !table.devices || !table.close)) {
    check.complain(fmt::format("it lacks the function {}(), which is required", !table.describe  ? "describe"
                                                                                : !table.devices ? "devices"
                                                                                                 : "close"));
  }
  if (check.ok() && !table.start != !table.stop) check.complain("it has only one of start() and stop()");
  if (!check.ok()) return badInput(fmt::format("{}: {}", name, check.trouble()), "tell its vendor");
  return {};
}

Result<LoadedPlugin> LoadedPlugin::load(const fs::path& library, OptionValues options, const StopFlag& stop,
                                        uint32_t abi) {
  auto impl = std::make_unique<Impl>();
  impl->library = library;
  impl->options = std::move(options);
  impl->stop = &stop;
  impl->host = RIDGELINE_INIT(RidgelineHost);
  impl->host.version = RIDGELINE_VERSION;
  impl->host.context = impl.get();
  impl->host.message = [](void* self, RidgelineSeverity severity, const char* text) {
    static_cast<Impl*>(self)->hear(severity, text);
  };
  impl->host.option = [](void* self, const char* name) -> const char* {
    const auto& values = static_cast<Impl*>(self)->options;
    const auto found = name ? values.find(name) : values.end();
    return found == values.end() ? nullptr : found->second.c_str();
  };
  impl->host.stop_requested = [](void* self) -> int32_t { return static_cast<Impl*>(self)->stop->requested(); };

  LoadedPlugin plugin(std::move(impl));
  auto& own = *plugin.m_impl;
  own.handle = ::dlopen(fs::absolute(library).c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!own.handle) {
    const char* why = ::dlerror();
    std::string text = why ? why : "unknown reason";
    std::replace(text.begin(), text.end(), '\n', ' ');
    return badInput(fmt::format("{}: it cannot be loaded: {}", library.filename().string(), text));
  }
  const auto entry = reinterpret_cast<RidgelinePluginOpen>(::dlsym(own.handle, RIDGELINE_PLUGIN_OPEN));
  if (!entry) {
    return badInput(fmt::format("{}: it does not export {}", library.filename().string(), RIDGELINE_PLUGIN_OPEN),
                    "it is no plugin, or hides the function");
  }
  const RidgelinePlugin* table = nullptr;
  auto called = plugin.call(RIDGELINE_PLUGIN_OPEN, [&] {
    table = entry(abi, &own.host);
    return RIDGELINE_OK;
  });
  if (!called) return passOn(called);
  if (auto read = own.readTable(table, abi); !read) return passOn(read);
  own.open = true;
  return plugin;
}

LoadedPlugin::LoadedPlugin(std::unique_ptr<Impl> impl) : m_impl(std::move(impl)) {}
LoadedPlugin::LoadedPlugin(LoadedPlugin&&) noexcept = default;
LoadedPlugin& LoadedPlugin::operator=(LoadedPlugin&& other) noexcept {
  if (this != &other) {
    if (m_impl) (void)unload();
    m_impl = std::move(other.m_impl);
  }
  return *this;
}
LoadedPlugin::~LoadedPlugin() {
  if (m_impl) (void)unload();
}

const RidgelinePlugin& LoadedPlugin::table() const { return m_impl->table; }

Status LoadedPlugin::unload() {
  Status done;
  if (std::exchange(m_impl->open, false)) {
    done = call("close", [&] {
      m_impl->table.close();
      return RIDGELINE_OK;
    });
  }
  if (void* handle = std::exchange(m_impl->handle, nullptr)) ::dlclose(handle);
  return done;
}

std::vector<Message> LoadedPlugin::takeMessages() {
  const std::lock_guard lock(m_impl->mutex);
  return std::exchange(m_impl->messages, {});
}

tl::unexpected<Error> LoadedPlugin::wrong(const std::string& what) const {
  return badInput(fmt::format("{}: {}", m_impl->library.filename().string(), what), "tell its vendor");
}

Status LoadedPlugin::statusOf(RidgelineStatus status, const std::string& function) {
  if (status == RIDGELINE_OK) return {};
  if (status < 0 || status > RIDGELINE_STOPPED) return wrong(fmt::format("{}() returns status {}", function, status));
  if (status == RIDGELINE_STOPPED) return fail(ErrorCode::Interrupted, "interrupted");
  auto why = m_impl->lastError();
  if (why.empty()) {
    static constexpr const char* kNames[] = {"", "unavailable", "unsupported", "invalid", "failed"};
    why = fmt::format("{}() returns \"{}\" and does not say why", function, kNames[status]);
  }
  const auto code = status == RIDGELINE_INVALID  ? ErrorCode::Usage
                    : status == RIDGELINE_FAILED ? ErrorCode::BadInput
                                                 : ErrorCode::Unavailable;
  return fail(code, fmt::format("{}: {}", m_impl->library.filename().string(), why));
}

Status LoadedPlugin::call(const std::string& function, const std::function<RidgelineStatus()>& body) {
  RidgelineStatus status = RIDGELINE_OK;
  try {
    status = body();
  } catch (...) {
    return wrong(fmt::format("it throws an exception out of {}()", function));
  }
  return statusOf(status, function);
}

template <class Abi, class Out>
Result<std::vector<Out>> LoadedPlugin::gather(
    const std::string& function, Out (*check)(const Abi*, Checker&),
    const std::function<RidgelineStatus(void (*)(void*, const Abi*), void*)>& body) {
  struct Basket {
    Out (*check)(const Abi*, Checker&);
    Checker checker;
    std::vector<Out> items;
  } basket{check, {}, {}};
  const auto emit = [](void* context, const Abi* item) {
    auto& b = *static_cast<Basket*>(context);
    if (!b.checker.ok()) return;
    try {
      if (b.items.size() >= kMostItems)
        return b.checker.complain(fmt::format("it emits more than {} of them", kMostItems));
      auto checked = b.check(item, b.checker);
      if (b.checker.ok()) b.items.push_back(std::move(checked));
    } catch (...) {
      b.checker.complain("it emits more than fits into memory");
    }
  };
  auto called = call(function, [&] { return body(emit, &basket); });
  if (!called) return passOn(called);
  if (!basket.checker.ok()) return wrong(fmt::format("{}(): {}", function, basket.checker.trouble()));
  return std::move(basket.items);
}

Result<PluginDescription> LoadedPlugin::describe() {
  const RidgelineInfo* info = nullptr;
  auto called = call("describe", [&] {
    info = m_impl->table.describe();
    return RIDGELINE_OK;
  });
  if (!called) return passOn(called);
  Checker check;
  auto description = checkedInfo(info, check);
  if (!check.ok()) return wrong("describe(): " + check.trouble());
  const auto& t = m_impl->table;
  description.abi = t.abi;
  description.collects = t.start != nullptr;
  description.injects = t.injection != nullptr;
  description.measuresRoofs = t.roofs != nullptr;
  for (const auto& [name, value] : m_impl->options) {
    const auto known = [&n = name](const OptionDescription& o) { return o.name == n; };
    if (std::none_of(description.options.begin(), description.options.end(), known)) {
      return fail(ErrorCode::Usage, fmt::format("plugin {} has no option {}", description.name, name),
                  "`ridgeline plugin list` shows those it has");
    }
  }
  return description;
}

Result<std::vector<DeviceDescription>> LoadedPlugin::devices() {
  auto devices = gather<RidgelineDevice, DeviceDescription>(
      "devices", checkedDevice, [&](auto emit, void* context) { return m_impl->table.devices(emit, context); });
  if (!devices) return devices;
  std::set<std::string> ids;
  for (const auto& d : *devices) {
    if (!ids.insert(d.id).second) return wrong(fmt::format("devices(): two devices have the id {}", d.id));
  }
  return devices;
}

Result<std::vector<CounterDescription>> LoadedPlugin::counters(const std::string& device) {
  if (!m_impl->table.counters) return std::vector<CounterDescription>();
  return gather<RidgelineCounter, CounterDescription>("counters", checkedCounter, [&](auto emit, void* context) {
    return m_impl->table.counters(device.c_str(), emit, context);
  });
}

Result<std::vector<RewriteDescription>> LoadedPlugin::rewrites(const std::string& device) {
  if (!m_impl->table.rewrites) return std::vector<RewriteDescription>();
  return gather<RidgelineRewrite, RewriteDescription>("rewrites", checkedRewrite, [&](auto emit, void* context) {
    return m_impl->table.rewrites(device.c_str(), emit, context);
  });
}

Result<std::vector<RoofDescription>> LoadedPlugin::roofs(const std::string& device, int threads) {
  if (!m_impl->table.roofs) return std::vector<RoofDescription>();
  return gather<RidgelineRoof, RoofDescription>("roofs", checkedRoof, [&](auto emit, void* context) {
    return m_impl->table.roofs(device.c_str(), threads, emit, context);
  });
}

Result<std::vector<Variable>> LoadedPlugin::injection(const std::string& folder,
                                                      const std::vector<std::string>& counters) {
  if (!m_impl->table.injection) return std::vector<Variable>();
  std::vector<const char*> names;
  for (const auto& c : counters) names.push_back(c.c_str());
  auto request = RIDGELINE_INIT(RidgelineInjection);
  request.spool = folder.c_str();
  request.counters = names.empty() ? nullptr : names.data();
  request.counter_count = names.size();
  return gather<RidgelineVariable, Variable>("injection", checkedVariable, [&](auto emit, void* context) {
    return m_impl->table.injection(&request, emit, context);
  });
}

}  // namespace ridgeline::plugins
