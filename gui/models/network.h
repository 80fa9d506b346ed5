// The model's graph as it is drawn: boxes for nodes, and for repeated blocks of them; where they lie, by Graphviz.
#pragma once

#include "gui/models/document.h"

#include <QPointF>
#include <QRectF>
#include <QString>
#include <set>
#include <vector>

namespace ridgeline::gui {

// Nodes first..first + period * repeats of the file, in its order, are `repeats` times the same sequence.
struct Repetition {
  size_t first = 0, period = 0, repeats = 0;
};
// `tokens`: equal for nodes that are alike. The largest savings first; none overlap.
std::vector<Repetition> findRepetitions(const std::vector<size_t>& tokens, size_t shortest = 4);

struct NetworkBox {
  std::vector<size_t> nodes;  // indices of Document::nodes: one, or those of a block
  size_t block = 0;           // of a collapsed block: the index of its first node plus one; 0: a node
  Item item;                  // the operator it runs in, else the node; of a block the operator with the most time
  QString title, subtitle;
  profile::Bound bound = profile::Bound::Unknown;
  bool runs = true;  // false: folded away, it runs in no operator
  double ms = 0;     // an operator's time is spread evenly over its nodes
  QRectF rect;       // y downwards
};

struct NetworkEdge {
  size_t from = 0, to = 0;    // boxes
  std::vector<QPointF> path;  // a point, then three for each Bezier segment
};

// Nodes that the engine runs as one operator.
struct NetworkGroup {
  Item item;
  QString title;
  std::vector<size_t> boxes;
  QRectF rect;
};

struct Network {
  std::vector<NetworkBox> boxes;
  std::vector<NetworkEdge> edges;
  std::vector<NetworkGroup> groups;
  QRectF bounds;
  double mostMs = 0;
  size_t blocks = 0;  // collapsed ones
  QString trouble;    // why there is no layout; empty when there is one
};

struct NetworkOptions {
  bool collapse = true;
  std::set<size_t> expanded;  // NetworkBox::block of blocks to show in full
};

// With the layout. Takes from milliseconds to a few seconds; safe from any thread, one at a time.
Network makeNetwork(const Document& document, const NetworkOptions& options);

// For makeNetwork: sets rects and paths.
void layOut(Network& network);

}  // namespace ridgeline::gui
