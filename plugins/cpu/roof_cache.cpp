#include "base/clock.h"
#include "base/files.h"
#include "plugins/cpu/roofs.h"

#include <nlohmann/json.hpp>

#include <cmath>

namespace ridgeline::cpu {
namespace {

using nlohmann::json;

// Raised when what is measured, or how, changes: older entries are then measured again.
constexpr int kVersion = 1;
constexpr size_t kMostEntries = 64;

json toJson(const Roof& roof) {
  return {{"kind", roof.kind == Roof::Kind::Compute ? "compute" : "bandwidth"},
          {"what", roof.what},
          {"dtype", roof.dtype},
          {"level", roof.level},
          {"pattern", roof.pattern},
          {"value", roof.value},
          {"spread", roof.spread},
          {"threads", roof.threads},
          {"capacity_bytes", roof.capacityBytes},
          {"how", roof.how}};
}

// Throws json::exception when a field is missing or of another type.
Roof roofFrom(const json& object) {
  Roof roof;
  roof.kind = object.at("kind") == "compute" ? Roof::Kind::Compute : Roof::Kind::Bandwidth;
  object.at("what").get_to(roof.what);
  object.at("dtype").get_to(roof.dtype);
  object.at("level").get_to(roof.level);
  object.at("pattern").get_to(roof.pattern);
  object.at("value").get_to(roof.value);
  object.at("spread").get_to(roof.spread);
  object.at("threads").get_to(roof.threads);
  object.at("capacity_bytes").get_to(roof.capacityBytes);
  object.at("how").get_to(roof.how);
  return roof;
}

bool isPlausible(const Roof& roof, int threads) {
  return std::isfinite(roof.value) && roof.value > 0 && std::isfinite(roof.spread) && roof.capacityBytes >= 0 &&
         roof.threads == threads && !roof.what.empty();
}

// The file's content if it is ours and whole, else an empty one of the current version.
json loadEntries(const std::filesystem::path& path) {
  if (const auto text = readFile(path)) {
    auto parsed = json::parse(*text, nullptr, false);
    if (parsed.is_object() && parsed.value("version", json()) == kVersion && parsed["entries"].is_array())
      return parsed;
  }
  return {{"version", kVersion}, {"entries", json::array()}};
}

bool isEntryOf(const json& entry, const std::string& fingerprint, int threads) {
  return entry.is_object() && entry.value("fingerprint", json()) == fingerprint &&
         entry.value("threads", json()) == threads;
}

std::vector<Roof> findRoofs(const json& file, const std::string& fingerprint, int threads) try {
  for (const auto& entry : file.at("entries")) {
    if (!isEntryOf(entry, fingerprint, threads)) continue;
    std::vector<Roof> roofs;
    for (const auto& object : entry.at("roofs")) {
      roofs.push_back(roofFrom(object));
      if (!isPlausible(roofs.back(), threads)) return {};
    }
    return roofs;
  }
  return {};
} catch (const json::exception&) {
  return {};  // damaged or written by another version: as good as absent
}

Status store(const std::filesystem::path& path, const std::string& fingerprint, int threads,
             const std::vector<Roof>& roofs) {
  json file = loadEntries(path);  // read again: another process may have added its own meanwhile
  json entry = {{"fingerprint", fingerprint}, {"threads", threads}, {"measured", utcNow()}, {"roofs", json::array()}};
  for (const auto& roof : roofs) entry["roofs"].push_back(toJson(roof));
  json kept = json::array({std::move(entry)});
  for (const auto& other : file["entries"]) {
    if (!isEntryOf(other, fingerprint, threads) && kept.size() < kMostEntries) kept.push_back(other);
  }
  file["entries"] = std::move(kept);
  return writeFileAtomically(path, file.dump(1, ' ', false, json::error_handler_t::replace) + "\n");
}

}  // namespace

Result<std::vector<Roof>> cachedRoofs(const Processor& processor, int threads, bool again, Job job) {
  const auto folder = cacheFolder();
  const auto fingerprint = processor.fingerprint();
  if (folder && !again) {
    auto roofs = findRoofs(loadEntries(*folder / "roofs.json"), fingerprint, threads);
    if (!roofs.empty()) return roofs;
  }
  auto measured = measureRoofs(processor, threads, job);
  if (!measured) return measured;
  // A cache that cannot be written costs the next run some seconds; it is no reason to fail this one.
  const Status stored = folder ? store(*folder / "roofs.json", fingerprint, threads, *measured)
                               : Status(tl::unexpected<Error>(folder.error()));
  if (!stored) job.progress.note("the measured roofs are not kept: " + stored.error().text());
  return measured;
}

}  // namespace ridgeline::cpu
