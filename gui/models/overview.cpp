#include "gui/models/overview.h"

#include "gui/models/text.h"

#include <algorithm>
#include <map>
#include <unordered_map>

namespace ridgeline::gui {
namespace {

using profile::Bound;

// Where an accelerator was recorded: kernels, copies that nothing hid, and the time in which devices had nothing to do.
// Else operators of the main graph, or kernels.
template <class Visit>
void forEachPart(const Document& document, Visit visit) {
  if (madeOfKernels(document)) {
    for (const auto& kernel : document.kernels) visit(kernel.bound, kernel.name, kernel.timeMs, kernel.calls);
  } else {
    for (const auto& op : document.report.operators) {
      if (op.depth == 0) visit(op.bound, op.opType, op.timeMs, int64_t{1});
    }
    return;
  }
  for (const auto& device : document.devices) {
    const double copies = device.copyMs - device.copyOverlapMs, idle = device.totalMs - device.busyMs;
    if (copies > 0) visit(Bound::Transfer, "copies", copies, int64_t{1});
    int64_t gaps = 0;
    for (const auto& cause : device.idle) gaps += cause.count;
    if (idle > 0) visit(Bound::Idle, "idle", idle, gaps);
  }
}

}  // namespace

bool madeOfKernels(const Document& document) {
  return !document.devices.empty() || (document.report.operators.empty() && !document.kernels.empty());
}

std::vector<Share> timeByBound(const Document& document) {
  std::map<Bound, Share> byBound;
  double total = 0;
  forEachPart(document, [&](Bound bound, const std::string&, double ms, int64_t count) {
    auto& share = byBound[bound];
    share.bound = bound;
    share.name = qs(nameOf(bound));
    share.ms += ms;
    share.count += count;
    total += ms;
  });
  std::vector<Share> shares;
  for (auto& [bound, share] : byBound) {
    share.fraction = total > 0 ? share.ms / total : 0;
    shares.push_back(share);
  }
  std::stable_sort(shares.begin(), shares.end(), [](const auto& a, const auto& b) { return a.ms > b.ms; });
  return shares;
}

std::vector<TypeShare> timeByType(const Document& document, int most) {
  std::unordered_map<std::string, TypeShare> byType;
  double total = 0;
  forEachPart(document, [&](Bound, const std::string& type, double ms, int64_t count) {
    auto& share = byType[type];
    share.name = qs(type);
    share.ms += ms;
    share.count += count;
    total += ms;
  });
  std::vector<TypeShare> shares;
  for (auto& [type, share] : byType) shares.push_back(share);
  std::sort(shares.begin(), shares.end(),
            [](const auto& a, const auto& b) { return a.ms != b.ms ? a.ms > b.ms : a.name < b.name; });
  if (shares.size() > static_cast<size_t>(most) + 1) {
    TypeShare rest;
    for (size_t i = static_cast<size_t>(most); i < shares.size(); ++i) {
      rest.ms += shares[i].ms;
      rest.count += shares[i].count;
    }
    rest.name = QStringLiteral("%1 others").arg(shares.size() - static_cast<size_t>(most));
    shares.resize(static_cast<size_t>(most));
    shares.push_back(rest);
  }
  for (auto& share : shares) share.fraction = total > 0 ? share.ms / total : 0;
  return shares;
}

std::vector<Headroom> largestHeadrooms(const Document& document, int most) {
  std::vector<Headroom> out;
  for (const auto& op : document.report.operators) {  // most headroom first
    if (static_cast<int>(out.size()) == most) break;
    if (op.depth != 0 || !op.headroomMs || *op.headroomMs <= 0) continue;
    out.push_back({{ItemKind::Operator, op.id.value},
                   qs(op.name),
                   qs(op.opType),
                   op.bound,
                   qs(op.boundText()),
                   op.timeMs,
                   op.roofTimeMs.value_or(0),
                   *op.headroomMs});
  }
  return out;
}

std::vector<Longest> longestWork(const Document& document, int most) {
  std::vector<Longest> out;
  const auto note = [](double share, double calls) {
    return QStringLiteral("%1, %2 %3")
        .arg(percentText(share), callsText(calls), calls == 1 ? QStringLiteral("call") : QStringLiteral("calls"));
  };
  for (const auto& kernel : document.kernels) {
    out.push_back({{ItemKind::Kernel, kernel.id},
                   qs(kernel.name),
                   note(kernel.share, static_cast<double>(kernel.calls)),
                   kernel.bound,
                   kernel.timeMs});
  }
  if (out.empty()) {
    for (const auto& op : document.report.operators) {
      if (op.depth == 0)
        out.push_back({{ItemKind::Operator, op.id.value},
                       qs(op.name),
                       note(op.share.value_or(0), op.calls),
                       op.bound,
                       op.timeMs});
    }
  }
  std::stable_sort(out.begin(), out.end(), [](const auto& a, const auto& b) { return a.ms > b.ms; });
  out.resize(std::min(out.size(), static_cast<size_t>(most)));
  return out;
}

QString latencyNote(const analyzers::Report& report) {
  QStringList parts;
  if (report.latencyLoMs && report.latencyHiMs) {
    parts += QStringLiteral("95 % interval %1 to %2").arg(msText(*report.latencyLoMs), msText(*report.latencyHiMs));
  }
  if (report.plainRuns > 0) parts += QStringLiteral("%1 plain runs").arg(report.plainRuns);
  return parts.join(QStringLiteral(", "));
}

std::vector<Caution> cautions(const Document& document) {
  std::vector<Caution> out;
  if (!document.report.complete) {
    out.push_back(
        {profile::Severity::Warning,
         QStringLiteral("This recording was cut short: what is here was measured, but some of it is missing.")});
  }
  for (const auto& finding : document.report.findings) {
    if (finding.analyzer == "hotspots" || finding.severity == profile::Severity::Info) continue;
    out.push_back({finding.severity, oneLine(qs(finding.text))});
  }
  std::stable_sort(out.begin(), out.end(), [](const auto& a, const auto& b) { return a.severity > b.severity; });
  return out;
}

}  // namespace ridgeline::gui
