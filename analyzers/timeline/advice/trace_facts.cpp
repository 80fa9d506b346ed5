#include "analyzers/timeline/advice/trace_facts.h"

#include "analyzers/timeline/advice/kernel_families.h"
#include "base/stats.h"

#include <algorithm>
#include <charconv>
#include <map>

namespace ridgeline::analyzers {
namespace {

using namespace profile;

constexpr double kShortGapNs = 100e3;

int64_t integer(const Cell& cell) {
  const auto* i = std::get_if<int64_t>(&cell);
  return i != nullptr ? *i : 0;
}
double real(const Cell& cell) {
  if (const auto* d = std::get_if<double>(&cell)) return *d;
  return static_cast<double>(integer(cell));
}

CopyDirection directionNamed(std::string_view name) {
  for (const auto d : {CopyDirection::HostToDevice, CopyDirection::DeviceToHost, CopyDirection::DeviceToDevice,
                       CopyDirection::PeerToPeer, CopyDirection::HostToHost, CopyDirection::Set}) {
    if (profile::nameOf(d) == name) return d;
  }
  return CopyDirection::Unknown;
}

using ByDevice = std::map<int64_t, TraceFacts*>;

template <class Handle>
Status each(const Profile& profile, const ByDevice& devices, std::string_view sql, Handle handle) {
  return profile.query(
      sql, [](const auto&) {},
      [&](const std::vector<Cell>& cells) {
        const auto at = devices.find(integer(cells[0]));
        if (at != devices.end()) handle(*at->second, cells);
        return true;
      });
}

Status readProperties(const Profile& profile, const ByDevice& devices) {
  return each(profile, devices,
              "SELECT id, json_extract(properties, '$.compute_capability'), "
              "json_extract(properties, '$.multiprocessors') FROM device WHERE json_valid(properties)",
              [](TraceFacts& f, const std::vector<Cell>& c) {
                const auto text = textOf(c[1]);
                std::from_chars(text.data(), text.data() + text.size(), f.capability);
                f.multiprocessors = integer(c[2]);
              });
}

// By when they run: copies are launched ahead of their step.
Status readUploads(const Profile& profile, const ByDevice& devices) {
  std::map<std::pair<TraceFacts*, const Run*>, double> bytes;
  auto s = each(profile, devices,
                "SELECT t.device, t.rank, s.start_ns, c.bytes FROM copy c JOIN slice s ON s.id = c.slice "
                "JOIN track t ON t.id = s.track WHERE c.direction = 'host_to_device' AND c.bytes > 0",
                [&](TraceFacts& f, const std::vector<Cell>& c) {
                  const auto& runs = f.scene.runs;
                  const auto before = [](const std::pair<int64_t, int64_t>& at, const Run& run) {
                    return at < std::pair(run.rank.value, run.startNs);
                  };
                  const std::pair at(integer(c[1]), integer(c[2]));
                  const auto next = std::upper_bound(runs.begin(), runs.end(), at, before);
                  if (next == runs.begin()) return;
                  const auto& run = *std::prev(next);
                  if (run.rank.value == at.first && at.second < run.startNs + run.durationNs)
                    bytes[{&f, &run}] += real(c[3]);
                });
  if (!s) return s;
  for (const auto& [key, sum] : bytes) key.first->uploadedPerStep.push_back(sum);
  return {};
}

Status readCopies(const Profile& profile, const ByDevice& devices) {
  auto s =
      each(profile, devices,
           "SELECT t.device, c.direction, c.pinned, COUNT(*), SUM(s.duration_ns), SUM(c.bytes) FROM copy c "
           "JOIN slice s ON s.id = c.slice JOIN track t ON t.id = s.track GROUP BY t.device, c.direction, c.pinned",
           [](TraceFacts& f, const std::vector<Cell>& c) {
             CopySum sum{directionNamed(textOf(c[1]))};
             if (std::holds_alternative<int64_t>(c[2])) sum.pinned = integer(c[2]) != 0;
             sum.count = integer(c[3]), sum.ns = real(c[4]), sum.bytes = real(c[5]);
             f.copies.push_back(sum);
           });
  if (!s) return s;
  return readUploads(profile, devices);
}

void addSteps(const Scene& scene, RankId rank, TraceFacts& facts) {
  std::vector<double> lengths;
  for (const auto& run : scene.runs) {
    if (run.rank == rank && run.durationNs > 0) lengths.push_back(static_cast<double>(run.durationNs));
  }
  facts.steps = static_cast<int64_t>(lengths.size());
  facts.stepNs = lengths.empty() ? static_cast<double>(facts.use.durationNs) : median(lengths);
}

}  // namespace

std::string_view TraceFacts::nameOf(const KernelGroup& group) const {
  const auto label = static_cast<size_t>(group.label.value);
  return label < scene.labels.size() ? std::string_view(scene.labels[label]) : std::string_view();
}

double TraceFacts::kernelNs() const {
  double sum = 0;
  for (const auto& g : groups) sum += g.totalNs;
  return sum;
}

TraceFacts::LaunchGaps TraceFacts::launchGaps() const {
  LaunchGaps gaps;
  int64_t end = 0;
  bool first = true;
  for (const auto i : work) {
    const auto& s = scene.slice(i);
    const uint32_t launch = s.work == kNoSlice ? kNoSlice : scene.timeline.works[s.work].launch;
    const auto idle = static_cast<double>(s.startNs - end);
    if (!first && idle > 0 && idle <= kShortGapNs && launch != kNoSlice && scene.slice(launch).startNs > end) {
      ++gaps.count, gaps.ns += idle;
    }
    end = first ? s.endNs() : std::max(end, s.endNs());
    first = false;
  }
  return gaps;
}

double TraceFacts::perStep(double ns) const {
  return use.durationNs > 0 ? ns / static_cast<double>(use.durationNs) * stepNs : 0;
}

Result<std::vector<TraceFacts>> factsOf(const Profile& profile, const Scene& scene) {
  auto uses = profile.all<DeviceUse>();
  if (!uses) return passOn(uses);
  auto groups = profile.all<KernelGroup>();
  if (!groups) return passOn(groups);
  std::vector<TraceFacts> out;
  out.reserve(uses->size());
  ByDevice byDevice;
  for (const auto& use : *uses) {
    out.push_back({.scene = scene, .use = use});
    auto& facts = out.back();
    facts.work = scene.workOn(use.device);
    for (const auto& device : scene.devices) {
      if (device.id != use.device) continue;
      facts.device = nameOfDevice(scene, device.id);
      addSteps(scene, device.rank, facts);
    }
    byDevice[use.device.value] = &facts;
  }
  for (auto& group : *groups) {
    const auto at = byDevice.find(group.device.value);
    if (at != byDevice.end()) at->second->groups.push_back(std::move(group));
  }
  if (auto s = readProperties(profile, byDevice); !s) return passOn(s);
  if (auto s = readCopies(profile, byDevice); !s) return passOn(s);
  for (auto& facts : out) {
    if (facts.capability > 0) continue;
    for (const auto& group : facts.groups) {
      facts.capability = std::max(facts.capability, capabilityNamedBy(facts.nameOf(group)));
    }
    facts.capabilityByName = facts.capability > 0;
  }
  return out;
}

}  // namespace ridgeline::analyzers
