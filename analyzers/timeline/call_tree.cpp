// Operators and the kernels they launched, calls of the same path taken together.
#include "analyzers/timeline/parts.h"

#include <unordered_map>

namespace ridgeline::analyzers {
namespace {

using namespace profile;

// What lies deeper, or beyond so many nodes, counts for the node above it.
constexpr size_t kMostNodes = 50000;
constexpr size_t kDeepest = 100;
constexpr uint32_t kNoNode = 0xffffffff;

struct Node {
  uint32_t parent = kNoNode, label = 0, rank = 0;
  SliceKind kind = SliceKind::Operator;
  int64_t calls = 0, totalNs = 0, childrenNs = 0, kernels = 0, kernelNs = 0;
};

class Tree {
 public:
  uint32_t child(uint32_t parent, uint32_t rank, uint32_t label, SliceKind kind) {
    const uint64_t key =
        (static_cast<uint64_t>(parent + 1) << 32 | label) * 31 + static_cast<uint64_t>(kind) * 7 + rank;
    auto [it, end] = m_children.equal_range(key);
    for (; it != end; ++it) {
      const auto& n = nodes[it->second];
      if (n.parent == parent && n.label == label && n.kind == kind && n.rank == rank) return it->second;
    }
    if (nodes.size() >= kMostNodes) return parent;
    m_children.emplace(key, static_cast<uint32_t>(nodes.size()));
    nodes.push_back({parent, label, rank, kind});
    return static_cast<uint32_t>(nodes.size() - 1);
  }
  std::vector<Node> nodes;  // parents before children

 private:
  std::unordered_multimap<uint64_t, uint32_t> m_children;
};

// Steps with their number are one node.
class StepLabels {
 public:
  StepLabels(Profile& profile, const Scene& scene) : m_profile(profile), m_scene(scene) {}
  uint32_t of(uint32_t label) {
    const auto known = m_labels.find(label);
    if (known != m_labels.end()) return known->second;
    uint32_t out = label;
    const auto text = label < m_scene.labels.size() ? std::string_view(m_scene.labels[label]) : std::string_view();
    const auto end = text.find_last_not_of("0123456789");
    if (end != text.npos && end + 1 < text.size() && (text[end] == '#' || text[end] == ' ')) {
      if (auto id = m_profile.label(text.substr(0, end + 1))) out = static_cast<uint32_t>(id->value);
    }
    return m_labels.emplace(label, out).first->second;
  }

 private:
  Profile& m_profile;
  const Scene& m_scene;
  std::unordered_map<uint32_t, uint32_t> m_labels;
};

void growThread(const Scene& scene, const TrackInfo& track, StepLabels& steps, Tree& tree,
                std::vector<uint32_t>& nodeOfSlice) {
  struct Open {
    int64_t endNs;
    uint32_t node;
  };
  std::vector<Open> open;
  const auto rank = static_cast<uint32_t>(track.row.rank.value);
  for (const auto i : track.slices) {
    const auto& s = scene.slice(i);
    if (s.kind != SliceKind::Operator && s.kind != SliceKind::Range && s.kind != SliceKind::Frame) continue;
    while (!open.empty() && open.back().endNs <= s.startNs && s.durationNs > 0) open.pop_back();
    const uint32_t parent = open.empty() ? kNoNode : open.back().node;
    const uint32_t label = s.kind == SliceKind::Range ? steps.of(s.label) : s.label;
    const uint32_t node = open.size() >= kDeepest ? parent : tree.child(parent, rank, label, s.kind);
    nodeOfSlice[i] = node;
    if (node == kNoNode) continue;
    if (node != parent) {
      ++tree.nodes[node].calls;
      tree.nodes[node].totalNs += s.durationNs;
      if (parent != kNoNode) tree.nodes[parent].childrenNs += s.durationNs;
    }
    open.push_back({s.endNs(), node});
  }
}

void addKernels(const Scene& scene, Tree& tree, const std::vector<uint32_t>& nodeOfSlice) {
  for (const auto& work : scene.timeline.works) {
    const auto& s = scene.slice(work.slice);
    if (s.kind != SliceKind::Kernel) continue;
    const uint32_t above = work.caller == kNoSlice ? kNoNode : nodeOfSlice[work.caller];
    const auto rank = static_cast<uint32_t>(scene.trackOf(work.slice).rank.value);
    const uint32_t node = tree.child(above, rank, s.label, SliceKind::Kernel);
    if (node == kNoNode) continue;
    if (node != above) ++tree.nodes[node].calls, tree.nodes[node].totalNs += s.durationNs;
    ++tree.nodes[node].kernels;
    tree.nodes[node].kernelNs += s.durationNs;
  }
  for (size_t i = tree.nodes.size(); i-- > 0;) {
    const auto& n = tree.nodes[i];
    if (n.parent == kNoNode) continue;
    tree.nodes[n.parent].kernels += n.kernels;
    tree.nodes[n.parent].kernelNs += n.kernelNs;
  }
}

}  // namespace

Status writeCallTree(Profile& profile, const Scene& scene) {
  Tree tree;
  StepLabels steps(profile, scene);
  std::vector<uint32_t> nodeOfSlice(scene.timeline.slices.size(), kNoNode);
  for (const auto& track : scene.tracks) {
    if (track.row.kind == TrackKind::Thread && scene.timed(track.row.rank))
      growThread(scene, track, steps, tree, nodeOfSlice);
  }
  addKernels(scene, tree, nodeOfSlice);
  std::vector<TreeNode> rows;
  for (size_t i = 0; i < tree.nodes.size(); ++i) {
    const auto& n = tree.nodes[i];
    TreeNode row{.id = TreeNodeId{static_cast<int64_t>(i) + 1}, .rank = RankId{n.rank}, .label = LabelId{n.label}};
    if (n.parent != kNoNode) row.parent = TreeNodeId{n.parent + 1LL};
    row.kind = n.kind, row.calls = n.calls;
    row.totalNs = static_cast<double>(n.totalNs), row.selfNs = static_cast<double>(n.totalNs - n.childrenNs);
    row.kernels = n.kernels, row.kernelNs = static_cast<double>(n.kernelNs);
    rows.push_back(row);
  }
  return profile.addAll(rows);
}

}  // namespace ridgeline::analyzers
