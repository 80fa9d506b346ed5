#include "gui/models/roofline.h"

#include "gui/models/text.h"

#include <algorithm>
#include <cmath>

namespace ridgeline::gui {
namespace {

using profile::RoofKind;

bool hasReadRoof(const std::vector<profile::Roof>& roofs, const profile::Roof& roof) {
  return std::any_of(roofs.begin(), roofs.end(), [&](const auto& other) {
    return other.kind == roof.kind && other.level == roof.level && other.pattern == "read";
  });
}

// "measured" where all of them are; empty where they differ.
QString originOf(const std::vector<profile::Roof>& roofs) {
  const bool same = std::all_of(roofs.begin(), roofs.end(),
                                [&](const auto& roof) { return roof.provenance == roofs.front().provenance; });
  return same && !roofs.empty() ? qs(nameOf(roofs.front().provenance)) : QString();
}

std::vector<RoofLine> linesOf(const std::vector<profile::Roof>& roofs) {
  std::vector<RoofLine> lines;
  const bool oneOrigin = !originOf(roofs).isEmpty();
  for (const auto& roof : roofs) {
    if (!(roof.value > 0) || !std::isfinite(roof.value)) continue;
    const bool compute = roof.kind == RoofKind::Compute;
    const auto unit = roof.unit.substr(0, roof.unit.find('/'));
    const auto name = compute ? roof.dtype : roof.level + " " + roof.pattern;
    QString origin = qs(nameOf(roof.provenance));
    if (roof.threads > 0) origin += QStringLiteral(", %1 threads").arg(roof.threads);
    if (!roof.how.empty()) origin += QStringLiteral(": ") + qs(roof.how);
    lines.push_back({compute, roof.value, !compute && roof.pattern != "read" && hasReadRoof(roofs, roof),
                     qs(name) + QStringLiteral(" ") + rateText(roof.value, unit) +
                         (oneOrigin ? QString() : QStringLiteral(", ") + qs(nameOf(roof.provenance))),
                     origin});
  }
  return lines;
}

// Where an operator stands; nullopt where its work is not known or nothing.
std::optional<RooflinePoint> pointOf(const analyzers::ReportOperator& op) {
  const bool known = op.flops && op.bytes && *op.flops > 0 && *op.bytes > 0 && op.timeMs > 0;
  if (!known) return std::nullopt;
  RooflinePoint point;
  point.item = {ItemKind::Operator, op.id.value};
  point.name = qs(op.name);
  const double rate = *op.flops / (op.timeMs * 1e-3);
  point.x = std::log10(*op.flops / *op.bytes);
  point.y = std::log10(rate);
  point.ms = op.timeMs;
  point.bound = op.bound;
  point.modelled = op.provenanceWork != profile::Provenance::Measured;
  QStringList facts;
  facts += qs(op.opType) + QStringLiteral(", ") + qs(op.boundText());
  facts += QStringLiteral("%1 (%2), roof %3, headroom %4")
               .arg(msText(op.timeMs), orDash(op.share, percentText), orDash(op.roofTimeMs, msText),
                    orDash(op.headroomMs, msText));
  facts += QStringLiteral("%1, %2 a byte").arg(rateText(rate, "OP"), numberText(*op.flops / *op.bytes));
  facts += QStringLiteral("time %1, work %2")
               .arg(qs(nameOf(op.provenanceTime)),
                    op.provenanceWork ? qs(nameOf(*op.provenanceWork)) : QStringLiteral("unknown"));
  if (!op.inputShapes.empty()) facts += shortened(qs(op.inputShapes), 90);
  point.detail = facts.join(QLatin1Char('\n'));
  return point;
}

std::optional<RooflinePoint> pointOf(const analyzers::ReportKernel& kernel, int64_t number) {
  const bool known = kernel.flops && kernel.bytes && *kernel.flops > 0 && *kernel.bytes > 0 && kernel.timeMs > 0;
  if (!known) return std::nullopt;
  RooflinePoint point;
  point.item = {ItemKind::Kernel, number};
  point.name = qs(kernel.name);
  const double rate = *kernel.flops / (kernel.timeMs * 1e-3);
  point.x = std::log10(*kernel.flops / *kernel.bytes);
  point.y = std::log10(rate);
  point.ms = kernel.timeMs;
  point.bound = kernel.bound;
  point.detail =
      QStringLiteral("%1 calls, %2\n%3").arg(kernel.calls).arg(msText(kernel.timeMs), rateText(rate, "FLOP"));
  return point;
}

void addArrows(Roofline& plot, const Document& after) {
  for (const auto& point : plot.points) {
    if (point.item.kind != ItemKind::Operator) continue;
    const auto* op = after.findByName(point.name.toStdString());
    const auto to = op == nullptr ? std::nullopt : pointOf(*op);
    if (!to || (std::fabs(to->x - point.x) < 0.01 && std::fabs(to->y - point.y) < 0.02)) continue;
    plot.arrows.push_back({point.name, point.x, point.y, to->x, to->y, to->ms < point.ms});
  }
}

// The whole model before and after the rewrites that were kept, by the proof's times and the work of the original: how
// much of the original's arithmetic is done in a second.
void addProofArrow(Roofline& plot, const Document& document) {
  if (!document.proof || !(document.proof->baselineMs > 0) || !(document.proof->optimizedMs > 0)) return;
  double flops = 0, bytes = 0;
  for (const auto& op : document.report.operators) {
    if (op.depth == 0) flops += op.flops.value_or(0), bytes += op.bytes.value_or(0);
  }
  if (!(flops > 0) || !(bytes > 0)) return;
  const double x = std::log10(flops / bytes);
  const auto at = [&](double ms) { return std::log10(flops / (ms * 1e-3)); };
  plot.arrows.push_back({QStringLiteral("whole model, %1 → %2")
                             .arg(msText(document.proof->baselineMs), msText(document.proof->optimizedMs)),
                         x, at(document.proof->baselineMs), x, at(document.proof->optimizedMs),
                         document.proof->optimizedMs < document.proof->baselineMs});
}

void fitRange(Roofline& plot) {
  if (plot.points.empty() && plot.lines.empty()) return;
  double x0 = 1e9, x1 = -1e9, y0 = 1e9, y1 = -1e9;
  const auto include = [&](double x, double y) {
    x0 = std::min(x0, x), x1 = std::max(x1, x), y0 = std::min(y0, y), y1 = std::max(y1, y);
  };
  for (const auto& p : plot.points) include(p.x, p.y);
  for (const auto& a : plot.arrows) include(a.x0, a.y0), include(a.x1, a.y1);
  double bandwidth = 0, compute = 0;
  for (const auto& line : plot.lines)
    (line.compute ? compute : bandwidth) = std::max(line.compute ? compute : bandwidth, line.value);
  if (plot.points.empty()) include(-1, std::log10(std::max(compute, 1e9)) - 4), include(3, 9);
  for (const auto& line : plot.lines) {
    if (line.compute) y1 = std::max(y1, std::log10(line.value));
  }
  // The ridge of the fastest memory, so that its slope is seen.
  if (compute > 0 && bandwidth > 0)
    x1 = std::max(x1, std::log10(compute / bandwidth) + 0.6), x0 = std::min(x0, std::log10(compute / bandwidth) - 0.6);
  plot.xMin = x0 - 0.35, plot.xMax = x1 + 0.5;
  plot.yMin = y0 - 0.4, plot.yMax = y1 + 0.35;
}

}  // namespace

Roofline rooflineOf(const Document& document, const Document* after) {
  Roofline plot;
  plot.lines = linesOf(document.report.roofs);
  plot.roofsAre = originOf(document.report.roofs);
  for (const auto& op : document.report.operators) {
    if (op.depth != 0) continue;
    if (auto point = pointOf(op)) {
      plot.points.push_back(std::move(*point));
    } else {
      ++plot.unplaced;
    }
  }
  int64_t number = 0;
  for (const auto& kernel : document.kernels()) {
    if (auto point = pointOf(kernel, ++number)) plot.points.push_back(std::move(*point));
  }
  std::stable_sort(plot.points.begin(), plot.points.end(), [](const auto& a, const auto& b) { return a.ms > b.ms; });
  if (after != nullptr) addArrows(plot, *after);
  addProofArrow(plot, document);
  fitRange(plot);
  return plot;
}

}  // namespace ridgeline::gui
