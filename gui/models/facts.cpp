#include "gui/models/facts.h"

#include "gui/models/text.h"

#include <algorithm>

namespace ridgeline::gui {
namespace {

using profile::OperatorId;

class Builder {
 public:
  explicit Builder(Facts& facts) : m_facts(facts) {}
  Builder& line(const char* name, const QString& value) {
    if (!value.isEmpty() && value != QStringLiteral("–")) m_facts.lines.emplace_back(QString::fromUtf8(name), value);
    return *this;
  }
  Builder& paragraph(const QString& text) {
    if (!text.isEmpty()) m_facts.lines.emplace_back(QString(), text);
    return *this;
  }

 private:
  Facts& m_facts;
};

void addNodes(const Document& document, OperatorId op, Builder& builder) {
  QStringList nodes;
  int count = 0;
  for (const auto& link : document.operatorNodes) {
    if (link.op != op) continue;
    const auto it =
        std::find_if(document.nodes.begin(), document.nodes.end(), [&](const auto& n) { return n.id == link.node; });
    if (it != document.nodes.end() && ++count <= 8) nodes += qs(it->opType) + QStringLiteral("  ") + qs(it->name);
  }
  if (count > 8) nodes += QStringLiteral("and %1 more").arg(count - 8);
  if (count > 0)
    builder.paragraph(QStringLiteral("Stands for %1 of the file:\n")
                          .arg(count == 1 ? QStringLiteral("a node") : QStringLiteral("%1 nodes").arg(count)) +
                      nodes.join(QLatin1Char('\n')));
}

Facts operatorFacts(const Document& document, const analyzers::ReportOperator& op) {
  Facts facts;
  facts.title = qs(op.name);
  facts.subtitle = qs(op.opType) + QStringLiteral(", ") + qs(op.boundText());
  facts.bound = static_cast<int>(op.bound);
  facts.timeMs = op.timeMs;
  facts.roofMs = op.roofTimeMs.value_or(-1);
  Builder b(facts);
  b.line("Time", msText(op.timeMs) + (op.timeMadMs > 0 ? QStringLiteral(" ± ") + msText(op.timeMadMs) : QString()))
      .line("Share", orDash(op.share, percentText))
      .line("Roof time", orDash(op.roofTimeMs, msText))
      .line("Headroom", orDash(op.headroomMs, msText))
      .line("Operations", orDash(op.flops, countText))
      .line("Bytes", orDash(op.bytes, bytesText))
      .line("Intensity", op.intensity ? numberText(*op.intensity) + QStringLiteral(" a byte") : QString())
      .line("Achieved", op.achievedGflops ? rateText(*op.achievedGflops * 1e9, "OP") : QString())
      .line("Traffic", op.achievedGbps ? rateText(*op.achievedGbps * 1e9, "B") : QString())
      .line("Calls", callsText(op.calls))
      .line("Arithmetic", qs(op.computeType))
      .line("Provider", qs(op.provider))
      .line("Time is", qs(nameOf(op.provenanceTime)))
      .line("Work is", op.provenanceWork ? qs(nameOf(*op.provenanceWork)) : QStringLiteral("not known"));
  if (!op.inputShapes.empty())
    b.paragraph(QStringLiteral("Reads\n") + qs(op.inputShapes).replace(QLatin1String(", "), QLatin1String("\n")));
  if (!op.outputShapes.empty())
    b.paragraph(QStringLiteral("Writes\n") + qs(op.outputShapes).replace(QLatin1String(", "), QLatin1String("\n")));
  for (const auto& finding : document.report.findings) {
    if (finding.target != op.name) continue;
    QStringList lines{oneLine(qs(finding.text))};
    for (const auto& evidence : finding.evidence) lines += QStringLiteral("· ") + oneLine(qs(evidence));
    b.paragraph(lines.join(QLatin1Char('\n')));
  }
  addNodes(document, op.id, b);
  return facts;
}

Facts kernelFacts(const analyzers::ReportKernel& kernel) {
  Facts facts;
  facts.title = qs(kernel.name);
  facts.subtitle = QStringLiteral("kernel, ") + qs(analyzers::boundText(kernel.bound, kernel.level));
  facts.bound = static_cast<int>(kernel.bound);
  facts.timeMs = kernel.timeMs;
  facts.roofMs = kernel.roofTimeMs.value_or(-1);
  Builder(facts)
      .line("Time", msText(kernel.timeMs))
      .line("Share", orDash(kernel.share, percentText))
      .line("Calls", QString::number(kernel.calls))
      .line("Median", msText(kernel.medianUs * 1e-3))
      .line("Shortest", msText(kernel.minUs * 1e-3))
      .line("Longest", msText(kernel.maxUs * 1e-3))
      .line("Roof time", orDash(kernel.roofTimeMs, msText))
      .line("Headroom", orDash(kernel.headroomMs, msText))
      .line("Operations", orDash(kernel.flops, countText))
      .line("Bytes", orDash(kernel.bytes, bytesText))
      .line("Grid", qs(kernel.grid))
      .line("Block", qs(kernel.block))
      .line("Device", qs(kernel.device))
      .line("Rank", qs(kernel.rank))
      .line("Launched by", qs(kernel.op));
  return facts;
}

Facts adviceFacts(const Document& document, const profile::Advice& advice) {
  const bool program = document.isRecording();
  const auto& step = document.report.observedLatencyMs;
  Facts facts;
  facts.title = qs(advice.rule) + (advice.variant.empty() ? QString() : QStringLiteral(" ") + qs(advice.variant));
  facts.subtitle = (program ? QStringLiteral("change of the program") : qs(advice.kind)) +
                   (advice.lossy ? QStringLiteral(", lossy") : QStringLiteral(", exact"));
  Builder b(facts);
  b.line("Where", qs(advice.target)).line("Predicted gain", orDash(advice.predictedGainMs, msText));
  if (program) {
    b.line("Of", step ? QStringLiteral("a step of ") + msText(*step) : QStringLiteral("the whole recording"));
    b.line("Prediction", qs(advice.risk));
  } else {
    b.line("Risk", advice.risk.empty() ? QStringLiteral("none: same numbers up to rounding") : qs(advice.risk));
  }
  QStringList evidence;
  for (const auto& line : advice.evidence) evidence += oneLine(qs(line));
  if (!evidence.isEmpty()) b.paragraph(QStringLiteral("Evidence\n") + evidence.join(QLatin1Char('\n')));
  if (program)
    b.paragraph(QStringLiteral("Change the program, record it again, and compare both: File, Compare with."));
  return facts;
}

Facts trialFacts(const profile::Trial& trial) {
  Facts facts;
  facts.title = qs(trial.rule) + (trial.variant.empty() ? QString() : QStringLiteral(" ") + qs(trial.variant));
  facts.subtitle = trial.accepted ? QStringLiteral("tried and kept") : QStringLiteral("tried, not kept");
  Builder b(facts);
  b.line("Where", qs(trial.target))
      .line("Predicted gain", orDash(trial.predictedGainMs, msText))
      .line("Measured gain", orDash(trial.measuredGainMs, msText))
      .line("Verdict", trial.verdict ? qs(nameOf(*trial.verdict)) : QStringLiteral("not measured"))
      .line("Rounds", trial.rounds > 0 ? QString::number(trial.rounds) : QString())
      .line("Cosine", trial.cosine ? QString::number(*trial.cosine, 'f', 6) : QString())
      .line("Largest error", trial.maxAbs ? numberText(*trial.maxAbs) : QString())
      .line("Took", msText(trial.seconds * 1e3));
  b.paragraph(oneLine(qs(trial.reason)));
  return facts;
}

Facts nodeFacts(const Document& document, const profile::Node& node) {
  Facts facts;
  facts.title = qs(node.name);
  facts.subtitle = qs(node.opType) + QStringLiteral(", node %1 of the file").arg(node.position);
  Builder b(facts);
  if (node.work) {
    b.line("Operations", countText(node.work->operations())).line("Bytes", bytesText(node.work->bytes()));
    b.line("Weights", bytesText(node.work->constantBytes)).line("Arithmetic", qs(node.work->computeType));
  }
  for (const auto& link : document.operatorNodes) {
    const auto* op = link.node == node.id ? document.find(link.op) : nullptr;
    if (op != nullptr)
      b.paragraph(QStringLiteral("Runs in %1 %2, %3").arg(qs(op->opType), qs(op->name), msText(op->timeMs)));
  }
  return facts;
}

template <class Row>
const Row* byId(const std::vector<Row>& rows, int64_t id) {
  const auto it = std::find_if(rows.begin(), rows.end(), [&](const Row& row) { return row.id.value == id; });
  return it == rows.end() ? nullptr : &*it;
}

}  // namespace

Facts factsOf(const Document& document, const Item& item) {
  switch (item.kind) {
    case ItemKind::Operator:
      if (const auto* op = document.find(OperatorId{item.id})) return operatorFacts(document, *op);
      break;
    case ItemKind::Kernel:
      if (const auto* kernel = document.findKernel(item.id)) return kernelFacts(*kernel);
      break;
    case ItemKind::Advice:
      if (const auto* advice = byId(document.report.advice, item.id)) return adviceFacts(document, *advice);
      break;
    case ItemKind::Trial:
      if (const auto* trial = byId(document.trials, item.id)) return trialFacts(*trial);
      break;
    case ItemKind::Node:
      if (const auto* node = byId(document.nodes, item.id)) return nodeFacts(document, *node);
      break;
    case ItemKind::Nothing:
    case ItemKind::Slice:
    case ItemKind::Finding:
      break;
  }
  return {};
}

}  // namespace ridgeline::gui
