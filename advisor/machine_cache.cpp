#include "advisor/machine_cache.h"

#include "base/files.h"
#include "engine/session.h"
#include "plugins/cpu/roofs.h"

#include <nlohmann/json.hpp>

namespace ridgeline::advisor {
namespace {

using nlohmann::json;

Result<std::filesystem::path> pathOf(const std::string& file) {
  auto folder = cacheFolder();
  if (!folder) return passOn(folder);
  return *folder / file;
}

}  // namespace

MachineCache::MachineCache(std::string file, int version, int threads)
    : m_file(std::move(file)),
      m_version(version),
      m_machine(fmt::format("{}; {}; {} threads", cpu::detectProcessor().fingerprint(), engine::Session::engineName(),
                            threads)) {}

// {"version": 1, "machines": {machine: {...}}}. Whatever else it holds counts as empty.
json MachineCache::readAll() const {
  const auto path = pathOf(m_file);
  auto text = path ? readFile(*path) : Result<std::string>(tl::unexpected<Error>(path.error()));
  if (!text) return json::object();
  auto all = json::parse(*text, nullptr, false);
  if (!all.is_object() || all.value("version", json()) != m_version) return json::object();
  if (!all.contains("machines") || !all["machines"].is_object()) return json::object();
  return all;
}

json MachineCache::load() const {
  const auto all = readAll();
  if (!all.contains("machines") || !all["machines"].contains(m_machine)) return json::object();
  const auto& own = all["machines"][m_machine];
  return own.is_object() ? own : json::object();
}

void MachineCache::add(const json& news) const {
  const auto path = pathOf(m_file);
  if (!path) return;
  auto all = readAll();
  all["version"] = m_version;
  auto& own = all["machines"][m_machine];
  if (!own.is_object()) own = json::object();
  own.update(news);
  (void)writeFileAtomically(*path, all.dump(1));
}

}  // namespace ridgeline::advisor
