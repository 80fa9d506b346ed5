#include "base/clock.h"
#include "base/files.h"
#include "plugins/cpu/roofs.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>

namespace ridgeline::cpu {
namespace {

using nlohmann::json;

// Raised when what is measured, or how, changes: older entries are then measured again.
constexpr int kVersion = 2;
constexpr size_t kMostEntries = 64;
constexpr int kAttemptsWhenBusy = 3;

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
          {"disturbed", roof.disturbed},
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
  object.at("disturbed").get_to(roof.disturbed);
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

struct Entry {
  std::vector<Roof> roofs;  // empty: there is none
  int attempts = 0;         // measurements that went into them
};

Entry findEntry(const json& file, const std::string& fingerprint, int threads) try {
  for (const auto& stored : file.at("entries")) {
    if (!isEntryOf(stored, fingerprint, threads)) continue;
    Entry entry;
    stored.at("attempts").get_to(entry.attempts);
    for (const auto& object : stored.at("roofs")) {
      entry.roofs.push_back(roofFrom(object));
      if (!isPlausible(entry.roofs.back(), threads)) return {};
    }
    return entry;
  }
  return {};
} catch (const json::exception&) {
  return {};  // damaged or written by another version: as good as absent
}

Status store(const std::filesystem::path& path, const std::string& fingerprint, int threads, const Entry& entry) {
  json file = loadEntries(path);  // read again: another process may have added its own meanwhile
  json stored = {{"fingerprint", fingerprint},
                 {"threads", threads},
                 {"measured", utcNow()},
                 {"attempts", entry.attempts},
                 {"roofs", json::array()}};
  for (const auto& roof : entry.roofs) stored["roofs"].push_back(toJson(roof));
  json kept = json::array({std::move(stored)});
  for (const auto& other : file["entries"]) {
    if (!isEntryOf(other, fingerprint, threads) && kept.size() < kMostEntries) kept.push_back(other);
  }
  file["entries"] = std::move(kept);
  return writeFileAtomically(path, file.dump(1, ' ', false, json::error_handler_t::replace) + "\n");
}

bool isGoodEnough(const Entry& entry) {
  const bool disturbed = std::any_of(entry.roofs.begin(), entry.roofs.end(), [](const Roof& r) { return r.disturbed; });
  return !entry.roofs.empty() && (!disturbed || entry.attempts >= kAttemptsWhenBusy);
}

// A roof is a ceiling: of two measurements of one machine the higher is the better.
void keepBetter(std::vector<Roof>& measured, const std::vector<Roof>& earlier) {
  for (auto& roof : measured) {
    const auto same = std::find_if(earlier.begin(), earlier.end(), [&](const Roof& r) { return r.what == roof.what; });
    if (same != earlier.end() && same->value > roof.value) roof = *same;
  }
}

}  // namespace

Result<std::vector<Roof>> cachedRoofs(const Processor& processor, int threads, bool again, Job job) {
  const auto folder = cacheFolder();
  const auto fingerprint = processor.fingerprint();
  Entry entry;
  if (folder && !again) entry = findEntry(loadEntries(*folder / "roofs.json"), fingerprint, threads);
  if (isGoodEnough(entry)) return entry.roofs;
  auto measured = measureRoofs(processor, threads, job);
  if (!measured) return measured;
  keepBetter(*measured, entry.roofs);
  entry.roofs = std::move(*measured);
  ++entry.attempts;
  // A cache that cannot be written costs the next run some seconds; it is no reason to fail this one.
  const Status stored = folder ? store(*folder / "roofs.json", fingerprint, threads, entry)
                               : Status(tl::unexpected<Error>(folder.error()));
  if (!stored) job.progress.note("the measured roofs are not kept: " + stored.error().text());
  return std::move(entry.roofs);
}

}  // namespace ridgeline::cpu
