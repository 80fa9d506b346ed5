#include "gui/models/network.h"

#include "gui/models/text.h"

#include <algorithm>
#include <map>
#include <unordered_map>

namespace ridgeline::gui {
namespace {

using analyzers::ReportOperator;

constexpr size_t kFewNodes = 70;      // so many are drawn in full
constexpr size_t kMostBoxes = 12000;  // more are not laid out

struct Index {
  std::vector<const ReportOperator*> operatorOf;             // by node
  std::unordered_map<int64_t, std::vector<size_t>> nodesOf;  // by operator id
};

Index indexOf(const Document& document) {
  std::unordered_map<int64_t, size_t> byId;
  for (size_t i = 0; i < document.nodes.size(); ++i) byId[document.nodes[i].id.value] = i;
  Index index;
  index.operatorOf.resize(document.nodes.size(), nullptr);
  for (const auto& link : document.operatorNodes) {
    const auto node = byId.find(link.node.value);
    const auto* op = document.find(link.op);
    if (node == byId.end() || op == nullptr) continue;
    index.operatorOf[node->second] = op;
    index.nodesOf[link.op.value].push_back(node->second);
  }
  return index;
}

size_t tokenOf(const profile::Node& node) {
  size_t token = std::hash<std::string>{}(node.opType + node.domain);
  if (node.work)
    token = token * 31 + std::hash<double>{}(node.work->flops) * 7 + std::hash<double>{}(node.work->bytes());
  return token;
}

NetworkBox boxOf(const Document& document, const Index& index, size_t node) {
  const auto& row = document.nodes[node];
  NetworkBox box;
  box.nodes = {node};
  box.title = qs(row.opType);
  const auto* op = index.operatorOf[node];
  if (op == nullptr) {
    box.item = {ItemKind::Node, row.id.value};
    box.runs = false;
    box.subtitle = QStringLiteral("folded away");
    return box;
  }
  const auto& together = index.nodesOf.at(op->id.value);
  box.item = {ItemKind::Operator, op->id.value};
  box.bound = op->bound;
  box.ms = op->timeMs / static_cast<double>(together.size());
  box.subtitle = together.size() > 1 ? QStringLiteral("in ") + msText(op->timeMs) : msText(op->timeMs);
  return box;
}

NetworkBox blockOf(const Document& document, const Index& index, const Repetition& r, size_t which) {
  NetworkBox box;
  const size_t first = r.first + which * r.period;
  box.block = first + 1;
  std::map<profile::Bound, double> byBound;
  double most = -1;
  box.runs = false;
  for (size_t node = first; node < first + r.period; ++node) {
    box.nodes.push_back(node);
    const auto* op = index.operatorOf[node];
    if (op == nullptr) continue;
    box.runs = true;
    const double ms = op->timeMs / static_cast<double>(index.nodesOf.at(op->id.value).size());
    box.ms += ms;
    byBound[op->bound] += ms;
    if (op->timeMs > most) most = op->timeMs, box.item = {ItemKind::Operator, op->id.value};
  }
  if (!box.item) box.item = {ItemKind::Node, document.nodes[first].id.value};
  for (const auto& [bound, ms] : byBound) {
    if (byBound.count(box.bound) == 0 || ms > byBound[box.bound]) box.bound = bound;
  }
  box.title = QStringLiteral("Block %1 of %2").arg(which + 1).arg(r.repeats);
  box.subtitle =
      QStringLiteral("%1 nodes, %2").arg(r.period).arg(box.runs ? msText(box.ms) : QStringLiteral("folded away"));
  return box;
}

// Boxes in the file's order, so that an edge never leads back into a block.
void makeBoxes(const Document& document, const Index& index, const NetworkOptions& options, Network& network) {
  std::vector<Repetition> repetitions;
  if (options.collapse && document.nodes.size() > kFewNodes) {
    std::vector<size_t> tokens;
    for (const auto& node : document.nodes) tokens.push_back(tokenOf(node));
    repetitions = findRepetitions(tokens);
  }
  std::unordered_map<size_t, std::pair<const Repetition*, size_t>> blockAt;
  for (const auto& r : repetitions) {
    for (size_t which = 0; which < r.repeats; ++which) blockAt[r.first + which * r.period] = {&r, which};
  }
  for (size_t node = 0; node < document.nodes.size();) {
    const auto block = blockAt.find(node);
    if (block != blockAt.end() && options.expanded.count(node + 1) == 0) {
      network.boxes.push_back(blockOf(document, index, *block->second.first, block->second.second));
      ++network.blocks;
      node += block->second.first->period;
    } else {
      network.boxes.push_back(boxOf(document, index, node++));
    }
  }
}

void makeEdges(const Document& document, Network& network) {
  std::unordered_map<int64_t, size_t> boxOfNode;
  for (size_t b = 0; b < network.boxes.size(); ++b) {
    for (const size_t node : network.boxes[b].nodes) boxOfNode[document.nodes[node].id.value] = b;
  }
  std::set<std::pair<size_t, size_t>> edges;
  for (const auto& [source, target] : document.edges) {
    const auto from = boxOfNode.find(source.value), to = boxOfNode.find(target.value);
    if (from != boxOfNode.end() && to != boxOfNode.end() && from->second != to->second)
      edges.emplace(from->second, to->second);
  }
  for (const auto& [from, to] : edges) network.edges.push_back({from, to, {}});
}

void makeGroups(const Document& document, const Index& index, Network& network) {
  std::unordered_map<size_t, size_t> boxOfNode;
  for (size_t b = 0; b < network.boxes.size(); ++b) {
    if (network.boxes[b].block == 0) boxOfNode[network.boxes[b].nodes.front()] = b;
  }
  for (const auto& [id, nodes] : index.nodesOf) {
    if (nodes.size() < 2) continue;
    NetworkGroup group;
    const auto* op = document.find(profile::OperatorId{id});
    group.item = {ItemKind::Operator, id};
    group.title = qs(op->opType) + QStringLiteral("  ") + msText(op->timeMs);
    for (const size_t node : nodes) {
      if (const auto it = boxOfNode.find(node); it != boxOfNode.end()) group.boxes.push_back(it->second);
    }
    if (group.boxes.size() == nodes.size()) network.groups.push_back(std::move(group));
  }
  std::sort(network.groups.begin(), network.groups.end(), [](const auto& a, const auto& b) { return a.item < b.item; });
}

}  // namespace

Network makeNetwork(const Document& document, const NetworkOptions& options) {
  Network network;
  if (document.nodes.empty()) {
    network.trouble = QStringLiteral("This profile was not recorded from a model.");
    return network;
  }
  if (document.edges.empty() && document.nodes.size() > 1) {
    network.trouble =
        QStringLiteral("This profile was recorded before edges were kept. Record the model again to see its graph.");
    return network;
  }
  const auto index = indexOf(document);
  makeBoxes(document, index, options, network);
  if (network.boxes.size() > kMostBoxes) {
    network.trouble =
        QStringLiteral("%1 nodes are too many to lay out; collapse repeated blocks.").arg(network.boxes.size());
    return network;
  }
  makeEdges(document, network);
  makeGroups(document, index, network);
  for (const auto& box : network.boxes) network.mostMs = std::max(network.mostMs, box.ms);
  layOut(network);
  return network;
}

}  // namespace ridgeline::gui
