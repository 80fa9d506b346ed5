#include "gui/models/overview.h"

#include "gui/models/text.h"

#include <algorithm>
#include <unordered_map>

namespace ridgeline::gui {
namespace {

using profile::Bound;

void take(std::vector<Share>& shares, const QString& name, Bound bound, double ms, int64_t count) {
  auto it = std::find_if(shares.begin(), shares.end(), [&](const auto& share) { return share.name == name; });
  if (it == shares.end()) it = shares.insert(shares.end(), {bound, name});
  it->ms += ms;
  it->count += count;
}

std::vector<Share> sharesOfDevices(const Document& document) {
  std::vector<Share> shares;
  for (const auto& device : document.report.recorded.devices) {
    for (const auto& part : device.parts()) {
      int64_t count = 0;
      for (const auto& idle : device.idle) {
        if (part.what == "idle: " + analyzers::idleText(idle.reason)) count = idle.count;
      }
      take(shares, qs(part.what), part.bound, part.ms, count);
    }
  }
  return shares;
}

std::vector<Share> sharesOfOperators(const Document& document) {
  std::vector<Share> shares;
  for (const auto& op : document.report.operators) {
    if (op.depth == 0) take(shares, qs(nameOf(op.bound)), op.bound, op.timeMs, 1);
  }
  return shares;
}

template <class Visit>
void forEachType(const Document& document, Visit visit) {
  if (madeOfKernels(document)) {
    for (const auto& kernel : document.kernels()) visit(kernel.name, kernel.timeMs, kernel.calls);
    return;
  }
  for (const auto& op : document.report.operators) {
    if (op.depth == 0) visit(op.opType, op.timeMs, int64_t{1});
  }
}

Headline ofRuns(const analyzers::Report& report) {
  Headline out{QStringLiteral("Latency of a run"), msText(*report.latencyMs), {}};
  if (report.latencyLoMs && report.latencyHiMs) {
    out.lines.emplace_back(
        QStringLiteral("95 %: %1 to %2").arg(msText(*report.latencyLoMs), msText(*report.latencyHiMs)), false);
  }
  out.lines.emplace_back(QStringLiteral("median of %1 plain runs").arg(report.plainRuns), false);
  if (report.observedLatencyMs) {
    const double more = *report.observedLatencyMs / *report.latencyMs - 1;
    out.lines.emplace_back(
        QStringLiteral("%1 while observed (%2%3)")
            .arg(msText(*report.observedLatencyMs), more >= 0 ? QStringLiteral("+") : QString(), percentText(more)),
        more > 0.2);
  }
  return out;
}

Headline ofDevices(const analyzers::Report& report) {
  double busy = 0, span = 0;
  int64_t kernels = 0, steps = 0;
  for (const auto& device : report.recorded.devices) {
    busy += device.busyMs, span += device.spanMs, kernels += device.kernels;
  }
  for (const auto& rank : report.recorded.ranks) steps += rank.steps;
  const QString share = span > 0 ? percentText(busy / span) : QStringLiteral("–");
  const auto devices = report.recorded.devices.size();
  const QString who = devices == 1 ? QStringLiteral("device") : QStringLiteral("%1 devices").arg(devices);
  const auto launched = QStringLiteral("%1 kernels").arg(countText(static_cast<double>(kernels)));
  const auto of = QStringLiteral("%1 of %2").arg(msText(busy), msText(span));
  Headline out;
  if (report.observedLatencyMs && steps > 0) {
    out = {QStringLiteral("A step takes"), msText(*report.observedLatencyMs), {}};
    out.lines = {{QStringLiteral("median of %1 recorded").arg(steps), false},
                 {QStringLiteral("%1 busy %2").arg(who, share), false},
                 {of + QStringLiteral(", ") + launched, false}};
  } else {
    out = {devices == 1 ? QStringLiteral("The device was busy") : QStringLiteral("%1 were busy").arg(who), share, {}};
    out.lines = {{of, false}, {launched, false}};
  }
  return out;
}

}  // namespace

bool madeOfKernels(const Document& document) {
  return !document.report.recorded.devices.empty() ||
         (document.report.operators.empty() && !document.kernels().empty());
}

Headline headline(const Document& document) {
  if (document.report.latencyMs) return ofRuns(document.report);
  if (!document.report.recorded.devices.empty()) return ofDevices(document.report);
  return {QStringLiteral("Time of all operators"),
          msText(document.totalMs()),
          {{QStringLiteral("no plain runs were recorded"), false}}};
}

std::vector<Share> timeShares(const Document& document) {
  auto shares = document.report.recorded.devices.empty() ? sharesOfOperators(document) : sharesOfDevices(document);
  double total = 0;
  for (const auto& share : shares) total += share.ms;
  for (auto& share : shares) share.fraction = total > 0 ? share.ms / total : 0;
  std::stable_sort(shares.begin(), shares.end(), [](const auto& a, const auto& b) { return a.ms > b.ms; });
  return shares;
}

std::vector<TypeShare> timeByType(const Document& document, int most) {
  std::unordered_map<std::string, TypeShare> byType;
  double total = 0;
  forEachType(document, [&](const std::string& type, double ms, int64_t count) {
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
  for (int64_t number = 1; madeOfKernels(document) && document.findKernel(number) != nullptr; ++number) {
    const auto& k = *document.findKernel(number);
    if (k.headroomMs.value_or(0) <= 0) continue;
    const auto bound = qs(analyzers::boundText(k.bound, k.level));
    out.push_back({{ItemKind::Kernel, number},
                   qs(k.name),
                   QStringLiteral("kernel"),
                   k.bound,
                   bound,
                   k.timeMs,
                   k.roofTimeMs.value_or(0),
                   *k.headroomMs});
  }
  const bool kernels = !out.empty();
  for (const auto& op : document.report.operators) {
    if (kernels || op.depth != 0 || op.headroomMs.value_or(0) <= 0) continue;
    out.push_back({{ItemKind::Operator, op.id.value},
                   qs(op.name),
                   qs(op.opType),
                   op.bound,
                   qs(op.boundText()),
                   op.timeMs,
                   op.roofTimeMs.value_or(0),
                   *op.headroomMs});
  }
  std::stable_sort(out.begin(), out.end(), [](const auto& a, const auto& b) { return a.headroomMs > b.headroomMs; });
  out.resize(std::min(out.size(), static_cast<size_t>(most)));
  return out;
}

double sumOfHeadrooms(const Document& document) {
  double sum = 0;
  if (madeOfKernels(document)) {
    for (const auto& kernel : document.kernels()) sum += kernel.headroomMs.value_or(0);
  }
  return sum > 0 ? sum : document.report.headroomMs;
}

std::vector<Longest> longestWork(const Document& document, int most) {
  std::vector<Longest> out;
  const auto note = [](double share, double calls) {
    return QStringLiteral("%1, %2 %3")
        .arg(percentText(share), callsText(calls), calls == 1 ? QStringLiteral("call") : QStringLiteral("calls"));
  };
  int64_t number = 0;
  for (const auto& kernel : document.kernels()) {
    out.push_back({{ItemKind::Kernel, ++number},
                   qs(kernel.name),
                   note(kernel.share.value_or(0), static_cast<double>(kernel.calls)),
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
