// Whole checks of small models that really run.
#include "advisor/check/check.h"
#include "collector/record.h"
#include "tests/collector/fixture.h"

using namespace ridgeline;
using namespace ridgeline::advisor;
using namespace ridgeline::collector::test;

namespace {

// y = x . w0 . w1 ... with a Relu after each product; `extra` doubles the product of that number.
graph::Model products(int count, int extra = -1) {
  const int64_t width = 320;
  const auto w = std::to_string(width);
  auto model = makeModel({{"x", {"64", w}}}, {{"y", {"64", w}}});
  auto& graph = model.graphProto();
  std::string at = "x";
  for (int i = 0; i < count; ++i) {
    const auto n = std::to_string(i);
    addWeight(graph, "w" + n, filled({width, width}, 0.001f * static_cast<float>(i + 1)));
    addNode(graph, "MatMul", {at, "w" + n}, {"p" + n}, "product" + n);
    if (i == extra) {
      addWeight(graph, "again", filled({width, width}, 0.003f));
      addNode(graph, "MatMul", {"p" + n, "again"}, {"q" + n}, "slow");
    }
    at = i + 1 == count ? "y" : "r" + n;
    addNode(graph, "Relu", {i == extra ? "q" + n : "p" + n}, {at}, "relu" + n);
  }
  return model;
}

fs::path saved(const graph::Model& model, const fs::path& path) {
  REQUIRE(model.save(path));
  return path;
}

CheckRequest requestFor(const fs::path& subject, const std::string& baseline) {
  CheckRequest request;
  request.subject = subject;
  request.baseline = baseline;
  request.threads = 1;
  request.budgetSeconds = 12;
  return request;
}

std::string noteOf(const CheckResult& r) {
  std::string all;
  for (const auto& n : r.notes) all += n + "\n";
  return all;
}

}  // namespace

TEST_CASE("without a baseline a check makes one and passes; the next one compares in turns") {
  const Workplace place;
  const auto model = saved(products(3), place / "net.onnx");
  const auto baseline = (place / "baselines").string();
  auto first = check(requestFor(model, baseline), quietJob());
  REQUIRE(first);
  CHECK(first->madeBaseline);
  CHECK(first->passes());
  CHECK(noteOf(*first).find("no baseline") != std::string::npos);
  auto second = check(requestFor(model, baseline), quietJob());
  REQUIRE(second);
  CHECK_FALSE(second->madeBaseline);
  CHECK(second->method == CheckMethod::InTurns);
  CHECK(second->verdict != CheckVerdict::Regression);
  CHECK(second->passes());
  // The check of an unchanged model adds no run.
  CHECK(makeFolderStore(baseline)->list({})->size() == 1);
}

TEST_CASE("a slower model is a regression, and the operator that makes it so is named first") {
  const Workplace place;
  const auto before = saved(products(4), place / "before.onnx");
  const auto after = saved(products(4, 2), place / "after.onnx");
  auto result = check(requestFor(after, before.string()), quietJob());
  REQUIRE(result);
  CHECK(result->verdict == CheckVerdict::Regression);
  CHECK_FALSE(result->passes());
  CHECK(*result->ratio > 1.08);
  REQUIRE(result->blame);
  REQUIRE_FALSE(result->blame->rows.empty());
  CHECK(result->blame->rows[0].name == "slow");
  CHECK(result->blame->rows[0].status == analyzers::DiffStatus::Added);
  auto faster = check(requestFor(before, after.string()), quietJob());
  REQUIRE(faster);
  CHECK(faster->verdict == CheckVerdict::Improvement);
  CHECK(faster->passes());
}

TEST_CASE("outputs that differ from the baseline's close a gate that asks for them") {
  const Workplace place;
  auto other = products(2);
  for (auto& w : *other.graphProto().mutable_initializer()) {
    if (w.name() == "w1") {
      std::vector<float> values(320 * 320);
      for (size_t i = 0; i < values.size(); ++i) values[i] = i % 2 == 0 ? 0.002f : -0.01f;
      graph::toProto(floats({320, 320}, values), w);
      w.set_name("w1");
    }
  }
  auto request = requestFor(saved(other, place / "b.onnx"), saved(products(2), place / "a.onnx").string());
  request.limits.minCosine = 0.999;
  auto result = check(request, quietJob());
  REQUIRE(result);
  bool failed = false;
  for (const auto& g : result->gates) failed |= g.name == "output_cosine" && g.state == GateState::Failed;
  CHECK(failed);
  CHECK_FALSE(result->passes());
}

TEST_CASE("recordings alone are compared when nothing may run") {
  const Workplace place;
  const auto model = saved(products(2), place / "net.onnx");
  REQUIRE(
      collector::recordModel({.model = model, .threads = 1, .output = place / "a.ridge", .seconds = 0.5}, quietJob()));
  // One recording under two names: what a machine does between two recordings is not for a test to judge.
  std::filesystem::copy_file(place / "a.ridge", place / "b.ridge");
  auto request = requestFor(place / "b.ridge", (place / "a.ridge").string());
  request.mayRun = false;
  auto result = check(request, quietJob());
  REQUIRE(result);
  CHECK(result->method == CheckMethod::Recordings);
  CHECK(result->verdict != CheckVerdict::Regression);
  request.mayRun = true;
  auto again = check(request, quietJob());
  REQUIRE(again);
  CHECK(again->method == CheckMethod::InTurns);
}

TEST_CASE("what cannot be checked is told") {
  const Workplace place;
  const auto model = saved(products(1), place / "net.onnx");
  auto missing = check(requestFor(place / "none.onnx", model.string()), quietJob());
  REQUIRE_FALSE(missing);
  CHECK(missing.error().code == ErrorCode::BadInput);
  std::ofstream(place / "broken.ridge") << "no database";
  auto broken = check(requestFor(model, (place / "broken.ridge").string()), quietJob());
  REQUIRE_FALSE(broken);
  CHECK(broken.error().code == ErrorCode::BadInput);
  auto request = requestFor(model, model.string());
  request.mayRun = false;
  CHECK_FALSE(check(request, quietJob()));
}
