#include "gui/models/compare.h"

#include "gui/models/text.h"

#include <algorithm>
#include <cmath>

namespace ridgeline::gui {
namespace {

Cell ms(const std::optional<double>& value) {
  if (!value) return {.text = QStringLiteral("–"), .tone = 2};
  return {.text = msText(*value), .sort = *value};
}

Cell words(const QString& text) { return {.text = text, .sort = text}; }

void addRows(TableData& table, const analyzers::ItemDiff& items) {
  for (const auto& row : items.rows) {
    Cell delta{.text = (row.deltaMs > 0 ? QStringLiteral("+") : QString()) + msText(row.deltaMs), .sort = row.deltaMs};
    const bool changed = row.status != analyzers::DiffStatus::Same;
    delta.tone = !changed ? 2 : row.deltaMs < 0 ? 1 : row.deltaMs > 0 ? -1 : 0;
    Cell ratio{.text = QStringLiteral("–"), .tone = 2};
    if (row.aMs && row.bMs && *row.aMs > 0) {
      ratio = {.text = QString::number(*row.bMs / *row.aMs, 'f', 2) + QChar(0x00D7), .sort = *row.bMs / *row.aMs};
    }
    auto status = words(qs(nameOf(row.status)));
    status.tone = changed ? 0 : 2;
    const QString name =
        oneLine(qs(row.name)) +
        (row.renamedFrom.empty() ? QString() : QStringLiteral("  (was %1)").arg(oneLine(qs(row.renamedFrom))));
    table.rows.push_back({{}, {words(name), words(qs(row.type)), ms(row.aMs), ms(row.bMs), delta, ratio, status}});
  }
}

}  // namespace

TableData compareTable(const analyzers::Diff& diff) {
  TableData table;
  table.name = QStringLiteral("Compared operators and kernels");
  table.columns = {
      {QStringLiteral("Operator or kernel"), QStringLiteral("Its name in B"), false, 44},
      {QStringLiteral("Type"), QStringLiteral("ONNX operator, or a kernel's short name"), false, 16},
      {QStringLiteral("A"), QStringLiteral("Time per run in the open profile"), true, 11},
      {QStringLiteral("B"), QStringLiteral("Time per run in the other one"), true, 11},
      {QStringLiteral("B − A"), QStringLiteral("Less is faster"), true, 11},
      {QStringLiteral("B / A"), QStringLiteral("Below 1 is faster"), true, 9},
      {QStringLiteral("Status"), QStringLiteral("changed: beyond what both recordings' noise explains"), false, 10}};
  addRows(table, diff.operators);
  addRows(table, diff.kernels);
  return table;
}

CompareSummary summaryOf(const analyzers::Diff& diff) {
  CompareSummary s;
  if (diff.latency) {
    const auto& change = *diff.latency;
    s.aMs = change.aMs, s.bMs = change.bMs;
    using analyzers::DiffVerdict;
    switch (change.verdict) {
      case DiffVerdict::Faster:
        s.headline = QStringLiteral("%1× faster").arg(1 / change.ratio, 0, 'f', 2);
        s.tone = 1;
        break;
      case DiffVerdict::Slower:
        s.headline = QStringLiteral("%1× slower").arg(change.ratio, 0, 'f', 2);
        s.tone = -1;
        break;
      case DiffVerdict::Same:
        s.headline = QStringLiteral("The same");
        break;
      case DiffVerdict::Inconclusive:
        s.headline = QStringLiteral("Inconclusive");
        break;
    }
    s.times = QStringLiteral("B takes %1 to %2 of A's time, 95 %")
                  .arg(percentText(change.ci95.lo), percentText(change.ci95.hi));
  } else {
    s.headline = QStringLiteral("Nothing in common");
  }
  for (const auto& setting : diff.settings) s.notes += oneLine(qs(setting));
  for (const auto& note : diff.notes) s.notes += oneLine(qs(note));
  return s;
}

}  // namespace ridgeline::gui
