// What is known of the selected thing, for the panel beside every page.
#pragma once

#include "gui/models/document.h"

#include <QString>
#include <utility>
#include <vector>

namespace ridgeline::gui {

struct Facts {
  QString title, subtitle;
  std::vector<std::pair<QString, QString>> lines;  // name, value; an empty name begins a paragraph of its own
  int bound = -1;
  double timeMs = 0, roofMs = -1;  // a bar, when the roof is known
};

// Nothing (an empty title) for an item that the document does not have.
Facts factsOf(const Document& document, const Item& item);

}  // namespace ridgeline::gui
