// Launches of equal kernels taken together, and what bounds them.
#include "analyzers/kernel_name.h"
#include "analyzers/timeline/parts.h"
#include "base/units.h"

#include <algorithm>
#include <array>
#include <set>

namespace ridgeline::analyzers {
namespace {

using namespace profile;

constexpr double kBalanced = 0.2;         // roof times closer than this: at the ridge
constexpr double kFasterThanRoof = 1.05;  // then the roof is not this kernel's
constexpr double kTinyNs = 5000;          // a kernel this short is mostly launching
constexpr double kTinyShare = 0.2;
constexpr size_t kMostNamed = 3;
constexpr double kWorthNaming = 0.02;  // of all kernel time

struct Key {
  int64_t device;
  uint32_t label, shape;
  bool operator==(const Key&) const = default;
};
struct KeyHash {
  size_t operator()(const Key& k) const {
    return (static_cast<uint64_t>(k.label) << 32 ^ static_cast<uint64_t>(k.shape) << 8 ^
            static_cast<uint64_t>(k.device)) *
           0x9e3779b97f4a7c15U;
  }
};

struct Bucket {
  Key key{};
  std::vector<float> durations;  // ns; of a kernel far below 2^24, or precise enough
  double total = 0, least = 0, most = 0;
  std::unordered_map<uint32_t, int64_t> callers;    // label -> calls
  std::unordered_map<uint32_t, int64_t> operators;  // operator id -> calls
  double flops = 0, bytes = 0;
  int64_t counted = 0, countedBytes = 0;  // calls whose counters say so
  bool measured = false;                  // by Ridgeline
};

// FLOPs and bytes that counters give for one kernel. A fused multiply-add is two; the "h" ones work on pairs. What
// Ridgeline counted itself is the sum already, tensor cores included, and the better number.
struct Counted {
  double flops = 0, bytes = 0;
  bool hasFlops = false, hasBytes = false;
  bool measured = false;
};

std::unordered_map<int64_t, Counted> countersOf(const Profile& profile) {
  static constexpr std::array<std::pair<std::string_view, double>, 6> kFlops{{{"op_ffma_pred_on.sum", 2},
                                                                              {"op_fadd_pred_on.sum", 1},
                                                                              {"op_fmul_pred_on.sum", 1},
                                                                              {"op_dfma_pred_on.sum", 2},
                                                                              {"op_dadd_pred_on.sum", 1},
                                                                              {"op_dmul_pred_on.sum", 1}}};
  static constexpr std::array<std::pair<std::string_view, double>, 3> kHalf{
      {{"op_hfma_pred_on.sum", 4}, {"op_hadd_pred_on.sum", 2}, {"op_hmul_pred_on.sum", 2}}};
  std::unordered_map<int64_t, Counted> out;
  (void)profile.query(
      "SELECT v.slice, k.name, v.value, k.unit, v.provenance = 'measured' FROM kernel_counter v "
      "JOIN counter_kind k ON k.id = v.counter",
      [](const auto&) {},
      [&](const std::vector<Cell>& cells) {
        const auto* slice = std::get_if<int64_t>(&cells[0]);
        const auto* value = std::get_if<double>(&cells[2]);
        if (slice == nullptr || value == nullptr) return true;
        const auto name = textOf(cells[1]), unit = textOf(cells[3]);
        auto& c = out[*slice];
        if (name == "flops" || name == "dram_bytes") {
          (name == "flops" ? c.flops : c.bytes) = *value;
          (name == "flops" ? c.hasFlops : c.hasBytes) = true;
          c.measured = true;
        }
        if (c.measured) return true;
        for (const auto& [end, factor] : kFlops) {
          if (name.ends_with(end)) c.flops += *value * factor, c.hasFlops = true;
        }
        for (const auto& [end, factor] : kHalf) {
          if (name.ends_with(end)) c.flops += *value * factor, c.hasFlops = true;
        }
        if (name == "dram__bytes.sum" || name == "dram__bytes_read.sum" || name == "dram__bytes_write.sum") {
          const double scale = unit == "Kbyte" ? 1e3 : unit == "Mbyte" ? 1e6 : unit == "Gbyte" ? 1e9 : 1;
          c.bytes += *value * scale, c.hasBytes = true;
        }
        return true;
      });
  return out;
}

class Grouping {
 public:
  Grouping(const Scene& scene, std::unordered_map<int64_t, Counted> counters)
      : m_scene(scene), m_counters(std::move(counters)) {
    for (uint32_t i = 0; i < scene.timeline.works.size(); ++i) add(scene.timeline.works[i]);
  }
  std::vector<Bucket> buckets;
  std::unordered_map<uint32_t, int64_t> kernelsOfOperator, callsOfOperator;

 private:
  void add(const TimelineWork& work) {
    const auto& s = m_scene.slice(work.slice);
    if (s.kind != SliceKind::Kernel) return;
    const Key key{m_scene.trackOf(work.slice).device.value, s.label, work.shape};
    const auto [it, fresh] = m_rows.emplace(key, buckets.size());
    if (fresh) buckets.push_back({.key = key, .least = 1e300});
    auto& b = buckets[it->second];
    const auto ns = static_cast<double>(s.durationNs);
    b.durations.push_back(static_cast<float>(ns));
    b.total += ns, b.least = std::min(b.least, ns), b.most = std::max(b.most, ns);
    if (work.caller != kNoSlice) ++b.callers[m_scene.slice(work.caller).label];
    if (s.op != 0) ++b.operators[s.op], ++kernelsOfOperator[s.op];
    if (m_counters.empty()) return;
    const auto counted = m_counters.find(m_scene.timeline.idOf(work.slice).value);
    if (counted == m_counters.end()) return;
    b.measured = b.measured || counted->second.measured;
    if (counted->second.hasFlops) b.flops += counted->second.flops, ++b.counted;
    if (counted->second.hasBytes) b.bytes += counted->second.bytes, ++b.countedBytes;
  }
  const Scene& m_scene;
  std::unordered_map<int64_t, Counted> m_counters;
  std::unordered_map<Key, size_t, KeyHash> m_rows;
};

uint32_t mostOf(const std::unordered_map<uint32_t, int64_t>& counts) {
  uint32_t best = 0;
  int64_t most = 0;
  for (const auto& [key, count] : counts) {
    if (count > most || (count == most && key < best)) best = key, most = count;
  }
  return best;
}

// Work by counters where every call has them; else by shapes, when one operator alone launches this kernel and nothing
// else, so that the operator's work is the kernel's.
void addWork(const Scene& scene, const Grouping& grouping, const std::unordered_map<uint32_t, int64_t>& operatorCalls,
             const Bucket& b, KernelGroup& group) {
  const auto calls = static_cast<int64_t>(b.durations.size());
  const auto provenance = b.measured ? Provenance::Measured : Provenance::Imported;
  if (b.counted == calls) group.flops = b.flops, group.provenanceWork = provenance;
  if (b.countedBytes == calls) group.bytes = b.bytes, group.provenanceWork = provenance;
  if (b.counted == calls || b.countedBytes == calls || b.operators.size() != 1) return;
  const uint32_t id = b.operators.begin()->first;
  const auto op = scene.operators.find(id);
  const auto kernels = grouping.kernelsOfOperator.find(id);
  const auto count = operatorCalls.find(id);
  if (op == scene.operators.end() || !op->second.work || count == operatorCalls.end()) return;
  if (kernels->second != calls || count->second != calls || op->second.callsPerRun <= 0) return;
  const double scale = static_cast<double>(calls) / op->second.callsPerRun;
  group.flops = op->second.work->operations() * scale;
  group.bytes = op->second.work->bytes() * scale;
  group.computeType = op->second.work->computeType;
  group.provenanceWork = Provenance::Modelled;
}

const Roof* roofOf(const Scene& scene, DeviceId device, RoofKind kind, const std::string& what) {
  for (const auto& roof : scene.roofs) {
    if (roof.device == device && roof.kind == kind &&
        (kind == RoofKind::Compute ? roof.dtype == what : roof.level == "DRAM")) {
      return &roof;
    }
  }
  return nullptr;
}

// Bytes of inputs and outputs are a lower bound of the traffic, and a cache may serve them: only kernels that take
// longer than the roof allows are judged by it.
void classify(const Scene& scene, KernelGroup& group) {
  const auto* bandwidth = roofOf(scene, group.device, RoofKind::Bandwidth, "DRAM");
  const auto* compute =
      group.computeType.empty() ? nullptr : roofOf(scene, group.device, RoofKind::Compute, group.computeType);
  if (!group.flops || !group.bytes || bandwidth == nullptr || compute == nullptr || bandwidth->value <= 0 ||
      compute->value <= 0)
    return;
  const double byCompute = *group.flops / compute->value * 1e9, byMemory = *group.bytes / bandwidth->value * 1e9;
  const double roof = std::max(byCompute, byMemory);
  if (roof > group.totalNs * kFasterThanRoof) return;  // tensor cores, or data that stayed in a cache
  group.roofTimeNs = roof;
  group.headroomNs = std::max(0.0, group.totalNs - roof);
  const bool near = std::min(byCompute, byMemory) > (1 - kBalanced) * roof;
  group.bound = near ? Bound::Balanced : byCompute > byMemory ? Bound::Compute : Bound::Memory;
  if (group.bound == Bound::Memory) group.level = "DRAM";
}

KernelGroup groupOf(const Scene& scene, Bucket& b) {
  KernelGroup group{
      .device = DeviceId{b.key.device}, .label = LabelId{b.key.label}, .shape = LaunchShapeId{b.key.shape}};
  const auto name =
      b.key.label < scene.labels.size() ? std::string_view(scene.labels[b.key.label]) : std::string_view();
  group.kind = isCommunication(name) ? KernelKind::Communication : KernelKind::Compute;
  group.calls = static_cast<int64_t>(b.durations.size());
  group.totalNs = b.total, group.minNs = b.least, group.maxNs = b.most;
  const auto middle = b.durations.begin() + static_cast<std::ptrdiff_t>(b.durations.size() / 2);
  std::nth_element(b.durations.begin(), middle, b.durations.end());
  group.medianNs = *middle;
  if (b.durations.size() % 2 == 0) {
    group.medianNs = (group.medianNs + static_cast<double>(*std::max_element(b.durations.begin(), middle))) / 2;
  }
  const uint32_t caller = mostOf(b.callers);
  if (caller < scene.labels.size()) group.op = scene.labels[caller];
  return group;
}

std::string shortened(std::string name) {
  constexpr size_t kLongest = 80;
  if (name.size() > kLongest) name.replace(kLongest / 2, name.size() - kLongest, "...");
  return name;
}

void judge(const Scene& scene, const std::vector<KernelGroup>& groups, Findings& findings) {
  double total = 0, tiny = 0, calls = 0, tinyCalls = 0;
  for (const auto& g : groups) {
    total += g.totalNs, calls += static_cast<double>(g.calls);
    if (g.medianNs < kTinyNs) tiny += g.totalNs, tinyCalls += static_cast<double>(g.calls);
  }
  if (total <= 0) return;
  std::set<int64_t> said;
  for (const auto& g : groups) {
    if (said.size() == kMostNamed || g.totalNs < kWorthNaming * total) break;
    const auto label = static_cast<size_t>(g.label.value);
    const auto name = label < scene.labels.size() ? scene.labels[label] : "";
    if (!said.insert(g.label.value).second) continue;  // in another shape, or on another device
    std::vector<std::string> evidence{fmt::format("{} calls, median {}", g.calls, formatMs(g.medianNs * 1e-6))};
    if (!g.op.empty()) evidence.push_back("launched by " + g.op);
    findings.push_back(
        timelineFinding(Severity::Info,
                        fmt::format("kernel {} takes {}, {} of all kernel time", shortened(shortKernelName(name)),
                                    formatMs(g.totalNs * 1e-6), formatPercent(g.totalNs / total)),
                        name, std::move(evidence), g.totalNs / total));
  }
  if (tinyCalls / calls >= kTinyShare && tinyCalls > 100) {
    findings.push_back(timelineFinding(
        Severity::Notice,
        fmt::format("{:.0f} of {:.0f} kernel launches are shorter than {}: launching them costs more than they do",
                    tinyCalls, calls, formatMs(kTinyNs * 1e-6)),
        "", {fmt::format("together they run for {}", formatMs(tiny * 1e-6)), "fusing them or a CUDA graph would help"},
        tinyCalls / calls));
  }
}

}  // namespace

Status writeKernelGroups(Profile& profile, const Scene& scene, Findings& findings) {
  Grouping grouping(scene, countersOf(profile));
  std::unordered_map<uint32_t, int64_t> operatorCalls;
  for (const auto& s : scene.timeline.slices) {
    if (s.kind == SliceKind::Operator && s.op != 0) ++operatorCalls[s.op];
  }
  std::vector<KernelGroup> groups;
  for (auto& bucket : grouping.buckets) {
    groups.push_back(groupOf(scene, bucket));
    addWork(scene, grouping, operatorCalls, bucket, groups.back());
    classify(scene, groups.back());
  }
  std::stable_sort(groups.begin(), groups.end(), [](const auto& a, const auto& b) { return a.totalNs > b.totalNs; });
  judge(scene, groups, findings);
  return profile.addAll(groups);
}

}  // namespace ridgeline::analyzers
