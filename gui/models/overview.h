// What the first page says, from a document.
#pragma once

#include "gui/models/document.h"

#include <QString>
#include <utility>
#include <vector>

namespace ridgeline::gui {

struct Share {
  profile::Bound bound = profile::Bound::Unknown;  // its colour
  QString name;                                    // "memory", or what a device did: "idle: the host launched too late"
  double ms = 0;
  double fraction = 0;
  int64_t count = 0;  // operators, or stretches of idling; 0: not told
};

// True when the profile's time is that of accelerators, from first work to last. Else it is operators'.
bool madeOfKernels(const Document& document);

// Time by bound, most first; of accelerators what they did, all of them together. All the time there is.
std::vector<Share> timeShares(const Document& document);

struct TypeShare {
  QString name;  // "Conv", or "23 others"
  double ms = 0;
  double fraction = 0;
  int64_t count = 0;
};
// Time by operator type (of accelerators: by kernel), the `most` largest and the rest as one.
std::vector<TypeShare> timeByType(const Document& document, int most);

struct Headroom {
  Item item;
  QString name, opType;
  profile::Bound bound = profile::Bound::Unknown;
  QString boundText;
  double timeMs = 0, roofMs = 0, headroomMs = 0;
};
// Of operators; of kernels, where an accelerator was recorded.
std::vector<Headroom> largestHeadrooms(const Document& document, int most);
double sumOfHeadrooms(const Document& document);  // ms

struct Longest {
  Item item;
  QString name, note;  // note: share and calls
  profile::Bound bound = profile::Bound::Unknown;
  double ms = 0;
};
// Kernels that take longest; operators, where there are no kernels.
std::vector<Longest> longestWork(const Document& document, int most);

// What is written large, and the lines below it.
struct Headline {
  QString title, value;
  std::vector<std::pair<QString, bool>> lines;  // true: mind it
};
Headline headline(const Document& document);

// What keeps the eye from a wrong conclusion: an incomplete recording, warnings. Worst first.
struct Caution {
  profile::Severity severity;
  QString text;
};
std::vector<Caution> cautions(const Document& document);

}  // namespace ridgeline::gui
