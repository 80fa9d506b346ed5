// The window and `report --format json` say the same of the same profile.
#include "gui/models/facts.h"
#include "gui/models/overview.h"
#include "gui/models/table_model.h"
#include "gui/models/text.h"
#include "tests/gui/fixture.h"

#include <catch2/catch.hpp>

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>

using namespace ridgeline;
using namespace ridgeline::gui;
using namespace ridgeline::tests;

namespace {

QJsonObject reportOf(const std::filesystem::path& path) {
  const auto out = runRidgeline({"report", QString::fromStdString(path.string()), "--format", "json"});
  return QJsonDocument::fromJson(out).object();
}

// Rows of a table beside the report's list.
struct Beside {
  const TableModel& model;
  QJsonArray list;
  int row = 0;

  QJsonValue reported(const char* key) const { return list[row].toObject()[QLatin1String(key)]; }
  QModelIndex shown(const char* title) const {
    for (int c = 0; c < model.columnCount(); ++c) {
      if (model.headerData(c, Qt::Horizontal, Qt::DisplayRole).toString() == QLatin1String(title))
        return model.index(row, c);
    }
    FAIL("no column " << title);
    return {};
  }
  void number(const char* title, const char* key, double scale = 1) const {
    const auto value = shown(title).data(SortRole);
    INFO(title);
    CHECK(value.isValid() == reported(key).isDouble());
    if (value.isValid()) CHECK(value.toDouble() == reported(key).toDouble() * scale);
  }
  void text(const char* title, const char* key) const {
    INFO(title);
    CHECK(shown(title).data().toString() == reported(key).toString());
  }
  void bound() const { CHECK(shown("Bound").data().toString().startsWith(reported("bound").toString())); }
};

void compareOperators(const Document& document, const QJsonObject& json) {
  TableModel model;
  model.setTable(operatorTable(document));
  Beside beside{model, json[QLatin1String("operators")].toArray()};
  REQUIRE(model.rowCount() == beside.list.size());
  for (; beside.row < model.rowCount(); ++beside.row) {
    beside.text("Operator", "name"), beside.bound();
    beside.number("Time", "time_ms"), beside.number("Share", "share");
    beside.number("Headroom", "headroom_ms"), beside.number("Roof time", "roof_time_ms");
    beside.number("Operations", "flops"), beside.number("Bytes", "bytes"), beside.number("Intensity", "intensity");
    beside.number("Achieved", "achieved_gflops"), beside.number("Traffic", "achieved_gbps");
  }
}

void compareKernels(const Document& document, const QJsonObject& json) {
  TableModel model;
  model.setTable(kernelTable(document));
  Beside beside{model, json[QLatin1String("kernels")].toArray()};
  REQUIRE(model.rowCount() == beside.list.size());
  for (; beside.row < model.rowCount(); ++beside.row) {
    beside.text("Kernel", "name"), beside.text("Device", "device"), beside.text("Launched by", "operator");
    beside.text("Grid", "grid"), beside.text("Block", "block"), beside.text("Kind", "kind"), beside.bound();
    beside.number("Time", "time_ms"), beside.number("Share", "share"), beside.number("Calls", "calls");
    beside.number("Median", "median_us", 1e-3), beside.number("Mean", "mean_us", 1e-3);
    beside.number("Shortest", "min_us", 1e-3), beside.number("Longest", "max_us", 1e-3);
    beside.number("Roof time", "roof_time_ms"), beside.number("Headroom", "headroom_ms");
    beside.number("Operations", "flops"), beside.number("Bytes", "bytes");
  }
}

void compareAdvice(const Document& document, const QJsonObject& json) {
  TableModel model;
  model.setTable(adviceTable(document));
  Beside beside{model, json[QLatin1String("advice")].toArray()};
  REQUIRE(model.rowCount() == beside.list.size());
  for (; beside.row < model.rowCount(); ++beside.row) {
    beside.text("Rule", "rule"), beside.text("Form", "variant"), beside.text("Where", "target");
    beside.text(document.isRecording() ? "Prediction" : "Risk", "risk");
    beside.number("Predicted gain", "predicted_gain_ms");
  }
}

}  // namespace

TEST_CASE("The window shows the numbers of `report --format json`", "[gui]") {
  application();
  for (const auto& path : {cpuProfile(), emptyProfile(), gpuProfile(), traceProfile()}) {
    INFO(path.filename().string());
    const auto json = reportOf(path);
    const auto document = documentOf(path);
    const auto& report = document->report;
    if (report.latencyMs) CHECK(*report.latencyMs == json[QLatin1String("latency_ms")].toDouble());
    CHECK(report.operatorTimeMs == json[QLatin1String("operator_time_ms")].toDouble());
    CHECK(static_cast<int>(report.roofs.size()) == json[QLatin1String("roofs")].toArray().size());
    compareOperators(*document, json);
    compareKernels(*document, json);
    compareAdvice(*document, json);
  }
}

TEST_CASE("The overview of an imported trace shows its devices as the report does", "[gui]") {
  const auto document = documentOf(traceProfile());
  const auto json = reportOf(traceProfile());
  const auto device = json[QLatin1String("devices")].toArray()[0].toObject();
  double all = 0, idle = 0;
  for (const auto& share : timeShares(*document)) {
    all += share.ms;
    if (share.name.startsWith(QStringLiteral("idle"))) idle += share.ms;
    if (share.name == QStringLiteral("computing")) CHECK(share.ms == device[QLatin1String("compute_ms")].toDouble());
  }
  // From 30 us to 1730 us; 600 us of kernels and 200 us of copies.
  CHECK(all == Approx(1.7));
  CHECK(idle == Approx(device[QLatin1String("idle_ms")].toDouble()));
  CHECK(idle == Approx(0.9));
  const auto head = headline(*document);
  CHECK(head.title == QStringLiteral("A step takes"));
  CHECK(head.value == msText(json[QLatin1String("observed_latency_ms")].toDouble()));
  REQUIRE(head.lines.size() == 3);
  CHECK(head.lines[1].first ==
        QStringLiteral("device busy ") + percentText(device[QLatin1String("busy_share")].toDouble()));
}

TEST_CASE("The advice of a recording is a change of the program, with its evidence", "[gui]") {
  const auto document = documentOf(traceProfile());
  REQUIRE_FALSE(document->report.advice.empty());
  const auto& first = document->report.advice.front();
  const auto facts = factsOf(*document, {ItemKind::Advice, first.id.value});
  CHECK(facts.title.startsWith(qs(first.rule)));
  CHECK(facts.subtitle.startsWith(QStringLiteral("change of the program")));
  QString all;
  for (const auto& [name, value] : facts.lines) all += name + QLatin1Char(' ') + value + QLatin1Char('\n');
  INFO(all.toStdString());
  CHECK(all.contains(QStringLiteral("Of a step of 1.00 ms")));
  REQUIRE_FALSE(first.evidence.empty());
  CHECK(all.contains(qs(first.evidence.front())));
}
