// Positions by Graphviz's dot. The library keeps global state, so one layout runs at a time.
#include "gui/models/network.h"

#include <graphviz/cgraph.h>
#include <graphviz/gvc.h>

#include <algorithm>
#include <mutex>
#include <string>

namespace ridgeline::gui {
namespace {

constexpr double kPoints = 72;   // an inch
constexpr double kHeight = 40;   // of a box
constexpr size_t kCurved = 700;  // boxes: with more, edges are straight and groups do not hold together

std::mutex& oneAtATime() {
  static std::mutex mutex;
  return mutex;
}

// cgraph takes `char*` and copies it.
char* text(const char* words) { return const_cast<char*>(words); }

void set(void* object, const char* name, const std::string& value) {
  agsafeset(object, text(name), text(value.c_str()), text(""));
}

double widthOf(const NetworkBox& box) {
  return std::clamp(24.0 + 7.4 * static_cast<double>(std::max(box.title.size(), box.subtitle.size())), 84.0, 240.0);
}

struct Graphviz {
  GVC_t* context = gvContext();
  Agraph_t* graph = agopen(text("network"), Agdirected, nullptr);
  bool laidOut = false;
  ~Graphviz() {
    if (laidOut) gvFreeLayout(context, graph);
    agclose(graph);
    gvFreeContext(context);
  }
};

void addAll(Graphviz& gv, const Network& network, std::vector<Agnode_t*>& nodes, std::vector<Agedge_t*>& edges,
            std::vector<Agraph_t*>& clusters) {
  const bool curved = network.boxes.size() <= kCurved;
  set(gv.graph, "splines", curved ? "true" : "line");
  set(gv.graph, "nodesep", "0.22");
  set(gv.graph, "ranksep", "0.3");
  if (!curved) set(gv.graph, "nslimit", "2"), set(gv.graph, "nslimit1", "2"), set(gv.graph, "mclimit", "0.3");
  for (size_t i = 0; i < network.boxes.size(); ++i) {
    auto* node = agnode(gv.graph, text(("n" + std::to_string(i)).c_str()), 1);
    set(node, "shape", "box");
    set(node, "fixedsize", "true");
    set(node, "label", "");
    set(node, "width", std::to_string(widthOf(network.boxes[i]) / kPoints));
    set(node, "height", std::to_string(kHeight / kPoints));
    nodes.push_back(node);
  }
  for (size_t i = 0; i < network.edges.size(); ++i) {
    auto* edge = agedge(gv.graph, nodes[network.edges[i].from], nodes[network.edges[i].to], nullptr, 1);
    set(edge, "arrowhead", "none");
    edges.push_back(edge);
  }
  for (size_t i = 0; curved && i < network.groups.size(); ++i) {
    auto* cluster = agsubg(gv.graph, text(("cluster" + std::to_string(i)).c_str()), 1);
    set(cluster, "margin", "9");
    for (const size_t box : network.groups[i].boxes) agsubnode(cluster, nodes[box], 1);
    clusters.push_back(cluster);
  }
}

std::vector<QPointF> pathOf(Agedge_t* edge, double top) {
  std::vector<QPointF> path;
  const auto* splines = ED_spl(edge);
  if (splines == nullptr || splines->size < 1) return path;
  const auto& bezier = splines->list[0];
  for (int i = 0; i < bezier.size; ++i) path.emplace_back(bezier.list[i].x, top - bezier.list[i].y);
  return path;
}

}  // namespace

void layOut(Network& network) {
  const std::lock_guard lock(oneAtATime());
  Graphviz gv;
  std::vector<Agnode_t*> nodes;
  std::vector<Agedge_t*> edges;
  std::vector<Agraph_t*> clusters;
  agseterr(AGMAX);  // it would write to stderr
  addAll(gv, network, nodes, edges, clusters);
  if (gv.context == nullptr || gvLayout(gv.context, gv.graph, "dot") != 0) {
    network.trouble = QStringLiteral("Graphviz cannot lay this graph out; is its package graphviz installed?");
    return;
  }
  gv.laidOut = true;
  const double top = GD_bb(gv.graph).UR.y;
  for (size_t i = 0; i < nodes.size(); ++i) {
    const auto at = ND_coord(nodes[i]);
    const double width = widthOf(network.boxes[i]);
    network.boxes[i].rect = QRectF(at.x - width / 2, top - at.y - kHeight / 2, width, kHeight);
    network.bounds |= network.boxes[i].rect;
  }
  for (size_t i = 0; i < edges.size(); ++i) network.edges[i].path = pathOf(edges[i], top);
  for (size_t i = 0; i < clusters.size(); ++i) {
    const auto box = GD_bb(clusters[i]);
    network.groups[i].rect = QRectF(QPointF(box.LL.x, top - box.UR.y), QPointF(box.UR.x, top - box.LL.y));
    network.bounds |= network.groups[i].rect;
  }
}

}  // namespace ridgeline::gui
