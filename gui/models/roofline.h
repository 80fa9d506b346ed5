// The roofline plot without its pixels: lines, points, arrows, and the range that holds them. Both axes are log10.
#pragma once

#include "gui/models/document.h"

#include <QString>
#include <vector>

namespace ridgeline::gui {

struct RoofLine {
  bool compute = false;
  double value = 0;        // operations/s, or B/s
  bool secondary = false;  // triad, where a read roof of the same level is there too: drawn thinner
  QString label;           // "DRAM read 50.1 GB/s", and where it comes from if others come from elsewhere
  QString origin;          // "measured: AVX-512 FMA, best of 12"
};

struct RooflinePoint {
  Item item;
  QString name, detail;  // detail: several lines
  double x = 0, y = 0;   // log10 of operations per byte, operations per second
  double ms = 0;
  profile::Bound bound = profile::Bound::Unknown;
  bool modelled = true;  // the work; false: counted
};

// The same operator in two profiles, or the whole model before and after a rewrite.
struct RooflineArrow {
  QString name;
  double x0 = 0, y0 = 0, x1 = 0, y1 = 0;
  bool faster = true;
};

struct Roofline {
  std::vector<RoofLine> lines;
  std::vector<RooflinePoint> points;  // largest first, so that small ones are drawn on top
  std::vector<RooflineArrow> arrows;
  double xMin = -1, xMax = 3, yMin = 8, yMax = 12;  // log10
  QString roofsAre;                                 // "measured": what all of them are; else each label says it
  int64_t unplaced = 0;                             // operators without known work
};

// `after`: a second profile, whose operators of the same name become the heads of arrows; may be null.
Roofline rooflineOf(const Document& document, const Document* after);

}  // namespace ridgeline::gui
