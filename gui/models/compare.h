// Two profiles side by side: the rows of `ridgeline diff`.
#pragma once

#include "analyzers/diff/diff.h"
#include "gui/models/table_data.h"

#include <QStringList>

namespace ridgeline::gui {

TableData compareTable(const analyzers::Diff& diff);
// "2.01x faster", or what else the verdict is; below it the times, and what differs between the recordings.
struct CompareSummary {
  QString headline, times;
  QStringList notes;
  int tone = 0;  // 1 faster, -1 slower
  double aMs = 0, bMs = 0;
};
CompareSummary summaryOf(const analyzers::Diff& diff);

}  // namespace ridgeline::gui
