// What the pages show, before it is drawn.
#include "gui/models/facts.h"
#include "gui/models/network.h"
#include "gui/models/overview.h"
#include "gui/models/roofline.h"
#include "tests/gui/fixture.h"

#include <catch2/catch.hpp>

#include <array>
#include <cmath>

using namespace ridgeline;
using namespace ridgeline::gui;
using namespace ridgeline::tests;

TEST_CASE("Shares by bound add up to all the time", "[gui]") {
  const auto document = documentOf(cpuProfile());
  const auto shares = timeShares(*document);
  REQUIRE(shares.size() >= 2);
  double ms = 0, fraction = 0;
  int64_t count = 0;
  for (const auto& share : shares) ms += share.ms, fraction += share.fraction, count += share.count;
  CHECK(ms == Approx(29));
  CHECK(fraction == Approx(1));
  CHECK(count == 11);
  CHECK(shares[0].ms >= shares[1].ms);
  const auto types = timeByType(*document, 2);
  REQUIRE(types.size() == 3);
  CHECK(types[0].name == QStringLiteral("Conv"));
  CHECK(types[0].ms == Approx(20));
  CHECK(types[2].name == QStringLiteral("2 others"));
  CHECK(types[2].ms == Approx(4));
}

TEST_CASE("Headrooms come largest first, and only where there are any", "[gui]") {
  const auto headrooms = largestHeadrooms(*documentOf(cpuProfile()), 5);
  REQUIRE(headrooms.size() == 5);
  CHECK(headrooms[0].name == QStringLiteral("conv1"));
  CHECK(headrooms[0].headroomMs == Approx(4));
  for (size_t i = 1; i < headrooms.size(); ++i) CHECK(headrooms[i].headroomMs <= headrooms[i - 1].headroomMs);
  CHECK(largestHeadrooms(*documentOf(emptyProfile()), 5).empty());
}

TEST_CASE("What takes longest is kernels, or operators where there are none", "[gui]") {
  const auto kernels = longestWork(*documentOf(gpuProfile()), 5);
  REQUIRE(kernels.size() == 2);
  CHECK(kernels[0].name == QStringLiteral("ampere_sgemm_128x64_nn"));
  CHECK(kernels[0].ms == Approx(750 * 0.05));
  const auto operators = longestWork(*documentOf(cpuProfile()), 3);
  REQUIRE(operators.size() == 3);
  CHECK(operators[0].name == QStringLiteral("conv1"));
  CHECK(operators[0].note == QStringLiteral("34.5 %, 1 call"));
  CHECK(operators[1].ms == Approx(5));
  CHECK(longestWork(*documentOf(emptyProfile()), 3).empty());
}

TEST_CASE("The time of a recorded accelerator is kernels and idling", "[gui]") {
  const auto document = documentOf(gpuProfile());
  double idle = 0, all = 0;
  for (const auto& share : timeShares(*document)) {
    all += share.ms;
    if (share.name.startsWith(QStringLiteral("idle"))) idle += share.ms;
  }
  // From the first kernel's start to the last one's end; 750 of 50 us and 250 of 5 us.
  CHECK(all == Approx((999 * 100'000 + 5000) * 1e-6));
  CHECK(all - idle == Approx(38.75));
}

TEST_CASE("A point stands at its operations per byte and per second", "[gui]") {
  const auto plot = rooflineOf(*documentOf(cpuProfile()), nullptr);
  CHECK(plot.points.size() == 11);
  CHECK(plot.lines.size() == 4);
  REQUIRE(plot.points[0].name == QStringLiteral("conv1"));
  CHECK(plot.points[0].x == Approx(std::log10(600e6 / 1e6)));
  CHECK(plot.points[0].y == Approx(std::log10(600e6 / 0.010)));
  CHECK(plot.points[0].modelled);
  for (const auto& p : plot.points) CHECK((p.x > plot.xMin && p.x < plot.xMax && p.y > plot.yMin && p.y < plot.yMax));
  // The proof is an arrow of the whole model upwards.
  REQUIRE(plot.arrows.size() == 1);
  CHECK(plot.arrows[0].faster);
  CHECK(plot.arrows[0].y1 - plot.arrows[0].y0 == Approx(std::log10(29.25 / 26)));
  CHECK(rooflineOf(*documentOf(emptyProfile()), nullptr).points.empty());
}

TEST_CASE("Repetitions are found where they are", "[gui]") {
  const auto found = [](const std::vector<size_t>& tokens, size_t shortest) {
    std::vector<std::array<size_t, 3>> out;
    for (const auto& r : findRepetitions(tokens, shortest)) out.push_back({r.first, r.period, r.repeats});
    return out;
  };
  using Found = std::vector<std::array<size_t, 3>>;
  CHECK(found({9, 1, 2, 3, 1, 2, 3, 1, 2, 3, 8}, 2) == Found{{1, 3, 3}});
  CHECK(found({1, 2, 3, 4, 5}, 2).empty());
  CHECK(found({}, 2).empty());
  CHECK(found({7, 7, 7, 7, 7}, 1) == Found{{0, 1, 5}});
  // A part of a period at the end belongs to nothing.
  CHECK(found({1, 2, 3, 1, 2, 3, 1, 2}, 3) == Found{{0, 3, 2}});
  // Two of them, the one that saves more first.
  CHECK(found({1, 2, 1, 2, 9, 3, 4, 5, 3, 4, 5, 3, 4, 5}, 2) == Found{{5, 3, 3}, {0, 2, 2}});
}

TEST_CASE("The network is laid out without overlaps, its fused groups around their nodes", "[gui]") {
  const auto document = documentOf(cpuProfile());
  const auto network = makeNetwork(*document, {});
  CHECK(network.trouble.isEmpty());
  REQUIRE(network.boxes.size() == 16);
  CHECK(network.edges.size() == 15);
  CHECK(network.groups.size() == 5);
  CHECK(network.blocks == 0);  // so few are shown in full
  for (size_t i = 0; i < network.boxes.size(); ++i) {
    for (size_t j = 0; j < i; ++j) CHECK_FALSE(network.boxes[i].rect.intersects(network.boxes[j].rect));
  }
  for (const auto& edge : network.edges)
    CHECK(network.boxes[edge.from].rect.bottom() < network.boxes[edge.to].rect.top());
  for (const auto& group : network.groups) {
    for (const auto box : group.boxes) CHECK(group.rect.contains(network.boxes[box].rect));
  }
  double ms = 0;
  for (const auto& box : network.boxes) ms += box.ms;
  CHECK(ms == Approx(29));
  CHECK_FALSE(makeNetwork(*documentOf(emptyProfile()), {}).trouble.isEmpty());
}

TEST_CASE("A deep network is collapsed into its blocks, and a block opens", "[gui]") {
  auto document = std::make_shared<Document>(*documentOf(cpuProfile()));
  document->nodes.clear(), document->edges.clear(), document->operatorNodes.clear();
  const char* types[] = {"MatMul", "Add", "Softmax", "MatMul", "Gelu"};
  for (int64_t i = 0; i < 2000; ++i) {
    document->nodes.push_back(
        {.id = profile::NodeId{i + 1}, .name = "n" + std::to_string(i), .opType = types[i % 5], .position = i});
    if (i > 0) document->edges.emplace_back(profile::NodeId{i}, profile::NodeId{i + 1});
  }
  const auto network = makeNetwork(*document, {});
  CHECK(network.boxes.size() == 400);
  CHECK(network.blocks == 400);
  CHECK(network.boxes[0].title == QStringLiteral("Block 1 of 400"));
  CHECK(network.edges.size() == 399);
  const auto open = makeNetwork(*document, {.expanded = {network.boxes[3].block}});
  CHECK(open.boxes.size() == 404);
  CHECK(open.blocks == 399);
}

TEST_CASE("The panel says what is known, and nothing of what is not there", "[gui]") {
  const auto document = documentOf(cpuProfile());
  const auto* conv = document->findByName("conv1");
  REQUIRE(conv != nullptr);
  const auto facts = factsOf(*document, {ItemKind::Operator, conv->id.value});
  CHECK(facts.title == QStringLiteral("conv1"));
  CHECK(facts.timeMs == 10);
  CHECK(facts.roofMs == Approx(6));
  QStringList lines;
  for (const auto& [name, value] : facts.lines) lines += name + QLatin1Char('=') + value;
  CHECK(lines.contains(QStringLiteral("Headroom=4.00 ms")));
  CHECK(lines.contains(QStringLiteral("Work is=modelled")));
  CHECK(lines.join(QLatin1Char('\n'))
            .contains(QStringLiteral("Stands for 2 nodes of the file:\nConv  conv1\nRelu  relu1")));
  CHECK(factsOf(*document, {ItemKind::Operator, 999}).title.isEmpty());
  CHECK(factsOf(*document, {}).title.isEmpty());
  CHECK(factsOf(*document, {ItemKind::Advice, 2}).subtitle == QStringLiteral("quantization, lossy"));
}
