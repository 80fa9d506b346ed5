#include "collector/known_models.h"

#include "base/files.h"
#include "base/hash.h"

#include <nlohmann/json.hpp>

#include <vector>

namespace ridgeline::collector {
namespace fs = std::filesystem;
namespace {

nlohmann::json readRegistry(const fs::path& file) {
  auto text = readFile(file);
  auto json = text ? nlohmann::json::parse(*text, nullptr, false) : nlohmann::json();
  return json.is_object() ? json : nlohmann::json::object();
}

bool hasHash(const fs::path& path, std::string_view sha256) {
  std::error_code ec;
  if (!fs::is_regular_file(path, ec)) return false;
  auto hash = sha256OfFile(path);
  return hash && *hash == sha256;
}

}  // namespace

void rememberModel(std::string_view sha256, const fs::path& path) {
  auto folder = cacheFolder();
  if (!folder) return;
  std::error_code ec;
  const auto absolute = fs::absolute(path, ec);
  if (ec) return;
  auto registry = readRegistry(*folder / "models.json");
  registry[std::string(sha256)] = absolute.string();
  (void)writeFileAtomically(*folder / "models.json",
                            registry.dump(1, ' ', false, nlohmann::json::error_handler_t::replace));
}

Result<fs::path> findModel(std::string_view sha256, const std::string& baseName, const fs::path& profile,
                           const fs::path& named) {
  if (!named.empty()) {
    auto hash = sha256OfFile(named);
    if (!hash) return passOn(hash);
    if (*hash != sha256) {
      return badInput(fmt::format("{} is not the model of {}: its hash differs", named.string(), profile.string()),
                      "name the file that was recorded, or record this one");
    }
    return named;
  }
  std::vector<fs::path> candidates{profile.parent_path() / baseName, baseName};
  if (auto folder = cacheFolder()) {
    const auto registry = readRegistry(*folder / "models.json");
    if (const auto it = registry.find(std::string(sha256)); it != registry.end() && it->is_string()) {
      candidates.emplace_back(it->get<std::string>());
    }
  }
  for (const auto& c : candidates) {
    if (hasHash(c, sha256)) return c;
  }
  return badInput(fmt::format("the model {} of {} was not found", baseName, profile.string()), "name it with --model");
}

}  // namespace ridgeline::collector
