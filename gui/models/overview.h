// What the first page says, from a document.
#pragma once

#include "gui/models/document.h"

#include <QString>
#include <vector>

namespace ridgeline::gui {

struct Share {
  profile::Bound bound = profile::Bound::Unknown;
  QString name;  // "memory (DRAM)" is under memory
  double ms = 0;
  double fraction = 0;
  int64_t count = 0;  // operators or kernels
};

// True when the profile's time is that of accelerators: of their kernels, copies and idling. Else it is operators'.
bool madeOfKernels(const Document& document);

// Time by bound, most first; together all the time there is.
std::vector<Share> timeByBound(const Document& document);

struct TypeShare {
  QString name;  // "Conv", or "23 others"
  double ms = 0;
  double fraction = 0;
  int64_t count = 0;
};
// Time by operator type (kernel name), the `most` largest and the rest as one.
std::vector<TypeShare> timeByType(const Document& document, int most);

struct Headroom {
  Item item;
  QString name, opType;
  profile::Bound bound = profile::Bound::Unknown;
  QString boundText;
  double timeMs = 0, roofMs = 0, headroomMs = 0;
};
std::vector<Headroom> largestHeadrooms(const Document& document, int most);

struct Longest {
  Item item;
  QString name, note;  // note: share and calls
  profile::Bound bound = profile::Bound::Unknown;
  double ms = 0;
};
// Kernels that take longest; operators, where there are no kernels.
std::vector<Longest> longestWork(const Document& document, int most);

// One line under the latency: "95 % interval 43.1 to 43.9 ms, 40 runs; observed 44.8 ms, 3.0 % more".
QString latencyNote(const analyzers::Report& report);
// What keeps the eye from a wrong conclusion: an incomplete recording, warnings. Worst first.
struct Caution {
  profile::Severity severity;
  QString text;
};
std::vector<Caution> cautions(const Document& document);

}  // namespace ridgeline::gui
