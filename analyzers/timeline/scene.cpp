#include "analyzers/timeline/scene.h"

#include <algorithm>
#include <array>
#include <cctype>

namespace ridgeline::analyzers {
namespace {

using namespace profile;

template <class Row>
Status readAll(const Profile& profile, std::vector<Row>& out) {
  auto rows = profile.all<Row>();
  if (!rows) return passOn(rows);
  out = std::move(*rows);
  return {};
}

Status readLabels(const Profile& profile, std::vector<std::string>& labels) {
  return profile.query(
      "SELECT id, text FROM label", [](const auto&) {},
      [&](const std::vector<Cell>& cells) {
        const auto* id = std::get_if<int64_t>(&cells[0]);
        if (id != nullptr && *id > 0 && *id < 1'000'000'000) {
          if (static_cast<size_t>(*id) >= labels.size()) labels.resize(static_cast<size_t>(*id) + 1);
          labels[static_cast<size_t>(*id)] = textOf(cells[1]);
        }
        return true;
      });
}

void sortTracks(Scene& scene) {
  const auto& slices = scene.timeline.slices;
  for (uint32_t i = 0; i < slices.size(); ++i) {
    if (slices[i].track < scene.tracks.size()) scene.tracks[slices[i].track].slices.push_back(i);
  }
  const auto before = [&](uint32_t a, uint32_t b) {
    const auto& x = slices[a];
    const auto& y = slices[b];
    return x.startNs != y.startNs ? x.startNs < y.startNs : x.durationNs > y.durationNs;
  };
  for (auto& track : scene.tracks) {
    if (!std::is_sorted(track.slices.begin(), track.slices.end(), before)) {
      std::stable_sort(track.slices.begin(), track.slices.end(), before);
    }
  }
}

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), [](unsigned char c) { return std::tolower(c); });
  return out;
}

}  // namespace

std::string_view Scene::labelOf(uint32_t index) const {
  const auto& s = slice(index);
  if (s.label != 0 && s.label < labels.size()) return labels[s.label];
  const auto it = operators.find(s.op);
  return it == operators.end() ? std::string_view() : std::string_view(it->second.name);
}

std::vector<uint32_t> Scene::workOn(DeviceId device) const {
  std::vector<uint32_t> out;
  size_t streams = 0;
  for (const auto& track : tracks) {
    if (track.row.kind != TrackKind::Stream || track.row.device != device || track.slices.empty()) continue;
    out.insert(out.end(), track.slices.begin(), track.slices.end());
    ++streams;
  }
  if (streams > 1) {
    std::stable_sort(out.begin(), out.end(),
                     [&](uint32_t a, uint32_t b) { return slice(a).startNs < slice(b).startNs; });
  }
  return out;
}

bool Scene::timed(RankId rank) const {
  for (const auto& r : ranks) {
    if (r.id == rank) return r.timed;
  }
  return true;
}

Result<Scene> readScene(const Profile& profile) {
  Scene scene;
  auto timeline = readTimeline(profile);
  if (!timeline) return passOn(timeline);
  scene.timeline = std::move(*timeline);
  std::vector<Track> tracks;
  std::vector<Operator> operators;
  if (auto s = readAll(profile, tracks); !s) return passOn(s);
  if (auto s = readAll(profile, operators); !s) return passOn(s);
  if (auto s = readAll(profile, scene.devices); !s) return passOn(s);
  if (auto s = readAll(profile, scene.ranks); !s) return passOn(s);
  if (auto s = readAll(profile, scene.runs); !s) return passOn(s);
  if (auto s = readAll(profile, scene.roofs); !s) return passOn(s);
  if (auto s = readAll(profile, scene.shapes); !s) return passOn(s);
  if (auto s = readLabels(profile, scene.labels); !s) return passOn(s);
  for (auto& track : tracks) {
    if (track.id.value <= 0 || track.id.value > 100'000'000) continue;
    const auto id = static_cast<size_t>(track.id.value);
    if (id >= scene.tracks.size()) scene.tracks.resize(id + 1);
    scene.tracks[id].row = std::move(track);
  }
  for (auto& op : operators) scene.operators.emplace(op.id.value, std::move(op));
  for (auto& s : scene.timeline.slices) {
    if (s.track >= scene.tracks.size())
      return badInput(fmt::format("{} is damaged: a slice is on no track", profile.name()));
  }
  sortTracks(scene);
  return scene;
}

std::string nameOfDevice(const Scene& scene, DeviceId device) {
  for (const auto& d : scene.devices) {
    if (d.id != device) continue;
    for (const auto& rank : scene.ranks) {
      if (rank.id == d.rank && scene.ranks.size() > 1) return fmt::format("{} of {}", d.name, rank.name);
    }
    return d.name;
  }
  return "the device";
}

bool isCommunication(std::string_view kernel) {
  const auto name = lower(kernel);
  constexpr std::array<std::string_view, 7> kWords{"nccl",      "rccl",       "oneccl", "msccl",
                                                   "allreduce", "all_reduce", "nvshmem"};
  return std::any_of(kWords.begin(), kWords.end(), [&](auto w) { return name.find(w) != std::string::npos; });
}

bool isWait(std::string_view call) {
  if (call.find("Synchronize") != call.npos || call.find("EventQuery") != call.npos)
    return call.find("Synchronize") != call.npos;
  const bool copy = call.find("Memcpy") != call.npos || call.find("hipMemcpy") != call.npos;
  return copy && call.find("Async") == call.npos;
}

std::vector<Span> unite(const std::vector<Span>& spans) {
  std::vector<Span> out;
  for (const auto& s : spans) {
    if (s.endNs <= s.beginNs) continue;
    if (!out.empty() && s.beginNs <= out.back().endNs) {
      out.back().endNs = std::max(out.back().endNs, s.endNs);
    } else {
      out.push_back(s);
    }
  }
  return out;
}

int64_t lengthOf(const std::vector<Span>& disjoint) {
  int64_t sum = 0;
  for (const auto& s : disjoint) sum += s.endNs - s.beginNs;
  return sum;
}

int64_t overlapOf(const std::vector<Span>& a, const std::vector<Span>& b) {
  int64_t sum = 0;
  for (size_t i = 0, j = 0; i < a.size() && j < b.size();) {
    const int64_t begin = std::max(a[i].beginNs, b[j].beginNs), end = std::min(a[i].endNs, b[j].endNs);
    if (begin < end) sum += end - begin;
    a[i].endNs < b[j].endNs ? ++i : ++j;
  }
  return sum;
}

}  // namespace ridgeline::analyzers
