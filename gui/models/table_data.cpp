#include "gui/models/table_data.h"

#include "gui/models/text.h"

#include <algorithm>

namespace ridgeline::gui {
namespace {

Cell text(const QString& value) { return {.text = value, .sort = value}; }
Cell text(std::string_view value) { return text(oneLine(qs(value))); }

template <class Format>
Cell number(const std::optional<double>& value, Format format) {
  if (!value) return {.text = QStringLiteral("–"), .tone = 2};
  return {.text = format(*value), .sort = *value};
}
Cell ms(const std::optional<double>& value) { return number(value, msText); }

Cell bound(profile::Bound value, const QString& name) {
  return {.text = name, .sort = name, .bound = static_cast<int>(value)};
}

QString provenanceText(const analyzers::ReportOperator& op) {
  QString out = qs(nameOf(op.provenanceTime)) + QStringLiteral(" time");
  if (op.provenanceWork) out += QStringLiteral(", ") + qs(nameOf(*op.provenanceWork)) + QStringLiteral(" work");
  return out;
}

Row operatorRow(const analyzers::ReportOperator& op, double longestMs) {
  Row row;
  row.item = {ItemKind::Operator, op.id.value};
  auto time = ms(op.timeMs);
  time.bar = longestMs > 0 ? op.timeMs / longestMs : 0;
  time.bound = static_cast<int>(op.bound);
  if (op.roofTimeMs && op.timeMs > 0) time.mark = std::min(1.0, *op.roofTimeMs / op.timeMs);
  row.cells = {text(op.name),
               text(op.opType),
               time,
               number(op.share, percentText),
               bound(op.bound, qs(op.boundText())),
               ms(op.headroomMs),
               ms(op.roofTimeMs),
               number(op.flops, countText),
               number(op.bytes, bytesText),
               number(op.intensity, numberText),
               number(op.achievedGflops, [](double v) { return rateText(v * 1e9, "OP"); }),
               number(op.achievedGbps, [](double v) { return rateText(v * 1e9, "B"); }),
               number(op.calls, callsText),
               text(op.computeType),
               text(op.inputShapes),
               text(provenanceText(op)),
               text(op.rank)};
  return row;
}

// One process needs no column for its name, which is the last.
void dropRank(const Document& document, TableData& table) {
  if (document.report.recorded.ranks.size() > 1) return;
  table.columns.pop_back();
  for (auto& row : table.rows) row.cells.pop_back();
}

}  // namespace

TableData operatorTable(const Document& document) {
  TableData table;
  table.name = QStringLiteral("Operators");
  table.columns = {{QStringLiteral("Operator"), QStringLiteral("Its name in the engine's optimized graph"), false, 34},
                   {QStringLiteral("Type"), QStringLiteral("ONNX operator"), false, 14},
                   {QStringLiteral("Time"), QStringLiteral("Per run; the tick is what the roofs allow"), true, 15},
                   {QStringLiteral("Share"), QStringLiteral("Of the time of all operators"), true, 8},
                   {QStringLiteral("Bound"), QStringLiteral("What keeps it from being faster"), false, 15},
                   {QStringLiteral("Headroom"), QStringLiteral("Time above the roof: what could be won"), true, 10},
                   {QStringLiteral("Roof time"), QStringLiteral("At the measured ceilings of this machine"), true, 10},
                   {QStringLiteral("Operations"), QStringLiteral("Per run; a multiply-add is two"), true, 10},
                   {QStringLiteral("Bytes"), QStringLiteral("Read and written per run"), true, 9},
                   {QStringLiteral("Intensity"), QStringLiteral("Operations per byte"), true, 9},
                   {QStringLiteral("Achieved"), QStringLiteral("Operations a second"), true, 12},
                   {QStringLiteral("Traffic"), QStringLiteral("Bytes a second"), true, 11},
                   {QStringLiteral("Calls"), QStringLiteral("Per run"), true, 6},
                   {QStringLiteral("Arithmetic"), QStringLiteral("Data type of the arithmetic"), false, 10},
                   {QStringLiteral("Inputs"), QStringLiteral("Types and shapes as run"), false, 30},
                   {QStringLiteral("Where from"), QStringLiteral("Measured, modelled or imported"), false, 26},
                   {QStringLiteral("Rank"), QStringLiteral("Process of the recording"), false, 12}};
  double longest = 0;
  table.inSight = 6;
  for (const auto& op : document.report.operators) longest = std::max(longest, op.timeMs);
  for (const auto& op : document.report.operators) table.rows.push_back(operatorRow(op, longest));
  table.sortColumn = 2;
  dropRank(document, table);
  return table;
}

TableData kernelTable(const Document& document) {
  TableData table;
  table.name = QStringLiteral("Kernels");
  table.columns = {
      {QStringLiteral("Kernel"), QStringLiteral("Launches of one name and shape together"), false, 44},
      {QStringLiteral("Time"), QStringLiteral("Of all launches; the tick is what the roofs allow"), true, 15},
      {QStringLiteral("Share"), QStringLiteral("Of the time of the device's kernels"), true, 8},
      {QStringLiteral("Calls"), QStringLiteral("Launches"), true, 8},
      {QStringLiteral("Median"), QStringLiteral("Time of a launch"), true, 10},
      {QStringLiteral("Bound"), QStringLiteral("What keeps it from being faster"), false, 13},
      {QStringLiteral("Headroom"), QStringLiteral("Time above the roof: what could be won"), true, 10},
      {QStringLiteral("Launched by"), QStringLiteral("The operator that did most of the time"), false, 24},
      {QStringLiteral("Shortest"), QStringLiteral("Of the launches"), true, 10},
      {QStringLiteral("Mean"), QStringLiteral("Of the launches"), true, 10},
      {QStringLiteral("Longest"), QStringLiteral("Of the launches"), true, 10},
      {QStringLiteral("Roof time"), QStringLiteral("At the measured ceilings of the device"), true, 10},
      {QStringLiteral("Operations"), QStringLiteral("Of all launches"), true, 10},
      {QStringLiteral("Bytes"), QStringLiteral("Of all launches"), true, 9},
      {QStringLiteral("Kind"), QStringLiteral("Computes or communicates"), false, 14},
      {QStringLiteral("Grid"), QStringLiteral("Blocks"), false, 12},
      {QStringLiteral("Block"), QStringLiteral("Threads"), false, 12},
      {QStringLiteral("Device"), QStringLiteral("Where it ran"), false, 20},
      {QStringLiteral("Rank"), QStringLiteral("Process of the recording"), false, 12}};
  // What bounds kernels is often not known: then their names matter more.
  const bool bounds = std::any_of(document.kernels().begin(), document.kernels().end(),
                                  [](const auto& k) { return k.bound != profile::Bound::Unknown; });
  table.inSight = bounds ? 7 : 5;
  const double longest = document.kernels().empty() ? 0 : document.kernels().front().timeMs;
  const auto us = [](double value) { return ms(value * 1e-3); };
  int64_t place = 0;
  for (const auto& k : document.kernels()) {
    auto time = ms(k.timeMs);
    time.bar = longest > 0 ? k.timeMs / longest : 0;
    time.bound = static_cast<int>(k.bound);
    if (k.roofTimeMs && k.timeMs > 0) time.mark = std::min(1.0, *k.roofTimeMs / k.timeMs);
    table.rows.push_back(
        {{ItemKind::Kernel, ++place},
         {text(k.name), time, number(k.share, percentText), number(static_cast<double>(k.calls), callsText),
          us(k.medianUs), bound(k.bound, qs(analyzers::boundText(k.bound, k.level))), ms(k.headroomMs), text(k.op),
          us(k.minUs), us(k.meanUs), us(k.maxUs), ms(k.roofTimeMs), number(k.flops, countText),
          number(k.bytes, bytesText), text(k.kind), text(k.grid), text(k.block), text(k.device), text(k.rank)}});
  }
  table.sortColumn = 1;
  dropRank(document, table);
  return table;
}

TableData adviceTable(const Document& document) {
  TableData table;
  table.name = QStringLiteral("Advice");
  const bool program = document.isRecording();
  table.columns = {{QStringLiteral("Rule"), QStringLiteral("The rewrite"), false, 18},
                   {QStringLiteral("Form"), QStringLiteral("Where a rule knows several"), false, 10},
                   {QStringLiteral("Where"), QStringLiteral("What it would change"), false, 22},
                   {QStringLiteral("Predicted gain"),
                    !program                            ? QStringLiteral("Per run")
                    : document.report.observedLatencyMs ? QStringLiteral("Of a step")
                                                        : QStringLiteral("In the whole recording"),
                    true, 15},
                   {QStringLiteral("Numbers"), QStringLiteral("Exact: same up to rounding"), false, 8},
                   program ? Column{QStringLiteral("Prediction"), QStringLiteral("What it stands on"), false, 40}
                           : Column{QStringLiteral("Risk"), QStringLiteral("What may go wrong"), false, 40}};
  double most = 0;
  for (const auto& advice : document.report.advice) most = std::max(most, advice.predictedGainMs.value_or(0));
  for (const auto& advice : document.report.advice) {
    auto gain = ms(advice.predictedGainMs);
    if (advice.predictedGainMs && most > 0) gain.bar = std::max(0.0, *advice.predictedGainMs / most);
    table.rows.push_back({{ItemKind::Advice, advice.id.value},
                          {text(advice.rule), text(advice.variant), text(advice.target), gain,
                           text(advice.lossy ? QStringLiteral("lossy") : QStringLiteral("exact")), text(advice.risk)}});
  }
  return table;
}

TableData trialTable(const Document& document) {
  TableData table;
  table.name = QStringLiteral("Trials");
  table.columns = {{QStringLiteral("#"), QStringLiteral("In the order in which they were made"), true, 4},
                   {QStringLiteral("Rule"), QStringLiteral("The rewrite"), false, 18},
                   {QStringLiteral("Form"), QStringLiteral("Where a rule knows several"), false, 10},
                   {QStringLiteral("Where"), QStringLiteral("What it changed"), false, 22},
                   {QStringLiteral("Predicted"), QStringLiteral("Gain that was expected"), true, 10},
                   {QStringLiteral("Measured"), QStringLiteral("Gain against the best so far"), true, 10},
                   {QStringLiteral("Ratio"), QStringLiteral("Time before / after, 95 % interval"), true, 22},
                   {QStringLiteral("Cosine"), QStringLiteral("Of the first output, worst sample"), true, 9},
                   {QStringLiteral("Decision"), QStringLiteral("Kept or not"), false, 9},
                   {QStringLiteral("Why"), QStringLiteral("Why not, or what else should be known"), false, 40}};
  for (const auto& trial : document.trials) {
    auto ratio = number(trial.ratio, [&](double v) {
      QString out = QString::number(v, 'f', 2) + QChar(0x00D7);
      if (trial.ratioLo && trial.ratioHi) {
        out += QStringLiteral("  (%1–%2)").arg(*trial.ratioLo, 0, 'f', 2).arg(*trial.ratioHi, 0, 'f', 2);
      }
      return out;
    });
    auto decision = text(trial.accepted ? QStringLiteral("kept") : QStringLiteral("not kept"));
    decision.tone = trial.accepted ? 1 : 2;
    auto measured = ms(trial.measuredGainMs);
    if (trial.measuredGainMs) measured.tone = *trial.measuredGainMs < 0 ? -1 : 0;
    table.rows.push_back(
        {{ItemKind::Trial, trial.id.value},
         {number(static_cast<double>(trial.ordinal), [](double v) { return QString::number(v, 'f', 0); }),
          text(trial.rule), text(trial.variant), text(trial.target), ms(trial.predictedGainMs), measured, ratio,
          number(trial.cosine, [](double v) { return QString::number(v, 'f', 5); }), decision, text(trial.reason)}});
  }
  return table;
}

TableData nearMissTable(const Document& document) {
  TableData table;
  table.name = QStringLiteral("Almost matched");
  table.columns = {{QStringLiteral("Rule"), QStringLiteral("The rewrite"), false, 18},
                   {QStringLiteral("Node"), QStringLiteral("Where"), false, 32},
                   {QStringLiteral("What stood in the way"), QStringLiteral("Why the rule does not apply"), false, 50}};
  for (const auto& miss : document.nearMisses) {
    table.rows.push_back({{}, {text(miss.rule), text(miss.place), text(miss.why)}});
  }
  return table;
}

TableData findingTable(const Document& document) {
  TableData table;
  table.name = QStringLiteral("Findings");
  table.columns = {{QStringLiteral("Severity"), QStringLiteral("Warnings first"), false, 9},
                   {QStringLiteral("Finding"), QStringLiteral("A fact"), false, 80},
                   {QStringLiteral("Analyzer"), QStringLiteral("Who says so"), false, 14}};
  for (const auto& finding : document.report.findings) {
    auto severity = text(nameOf(finding.severity));
    severity.tone = finding.severity == profile::Severity::Warning ? -1 : 2;
    const auto* op = finding.target.empty() ? nullptr : document.findByName(finding.target);
    table.rows.push_back({op == nullptr ? Item{} : Item{ItemKind::Operator, op->id.value},
                          {severity, text(finding.text), text(finding.analyzer)}});
  }
  return table;
}

}  // namespace ridgeline::gui
