#include "engine/onnxruntime/observer_library.h"
#include "tests/engine/models.h"

#include <catch2/catch.hpp>
#include <unistd.h>

#include <numeric>
#include <set>
#include <thread>

using namespace ridgeline;
using namespace ridgeline::engine;
using namespace ridgeline::engine::test;

namespace {

Session observable(const graph::Model& model, Optimization optimization = Optimization::All) {
  auto session = Session::create(model, {.threads = 2, .optimization = optimization, .observable = true});
  if (!session) FAIL(session.error().text());
  return std::move(*session);
}

ObservedRun observe(Session& session) {
  auto run = session.runObserved();
  if (!run) FAIL(run.error().text());
  return std::move(*run);
}

// Products of 512 x 512, long beside what lies between them.
graph::Model manyProducts(int count) {
  auto model = makeModel({{"t0", {"512", "512"}}}, {{fmt::format("t{}", count), {"512", "512"}}});
  addWeight(model.graphProto(), "w", Tensor(DataType::Float, {512, 512}));
  for (int i = 0; i < count; ++i) {
    addNode(model.graphProto(), "MatMul", {fmt::format("t{}", i), "w"}, {fmt::format("t{}", i + 1)},
            fmt::format("product{}", i));
  }
  return model;
}

// Points TMPDIR at a folder of its own.
class TemporaryTmp {
 public:
  TemporaryTmp() : m_folder(*TemporaryFolder::create("test")) {
    if (const char* before = std::getenv("TMPDIR")) m_before = before;
    ::setenv("TMPDIR", m_folder.path().c_str(), 1);
  }
  ~TemporaryTmp() { m_before.empty() ? ::unsetenv("TMPDIR") : ::setenv("TMPDIR", m_before.c_str(), 1); }
  ptrdiff_t files() const {
    const std::filesystem::recursive_directory_iterator all(m_folder.path());
    return std::distance(begin(all), end(all));
  }

 private:
  TemporaryFolder m_folder;
  std::string m_before;
};

}  // namespace

TEST_CASE("an observed run tells of every node") {
  auto session = observable(addThenMultiply());
  REQUIRE(session.bind({{"x", floats({3}, {1, 2, 3})}, {"y", floats({3}, {1, 1, 1})}}));
  const auto run = observe(session);
  REQUIRE(run.events.size() == 2);
  const auto& add = run.events[0];
  CHECK(add.name == "add");
  CHECK(add.opType == "Add");
  CHECK(add.provider == "CPUExecutionProvider");
  CHECK(add.depth == 0);
  CHECK(add.threadId == ::gettid());
  REQUIRE(add.inputs.size() == 2);
  CHECK(add.inputs[0].type == DataType::Float);
  CHECK(add.inputs[0].dims == Dims{3});
  REQUIRE(add.outputs.size() == 1);
  CHECK(add.outputs[0].dims == Dims{3});
  CHECK(run.events[1].name == "multiply");
  CHECK(run.events[1].startNs >= add.startNs + add.durationNs);
  CHECK(run.lost == 0);
  CHECK(run.startNs <= add.startNs);
  CHECK(run.startNs + run.durationNs >= run.events[1].startNs + run.events[1].durationNs);
}

TEST_CASE("the times of the nodes add up to the run's") {
  auto session = observable(manyProducts(20));
  REQUIRE(session.bind({{"t0", Tensor(DataType::Float, {512, 512})}}));
  double best = 0;
  for (int i = 0; i < 5; ++i) {
    const auto run = observe(session);
    const double sum = std::accumulate(run.events.begin(), run.events.end(), 0.0, [](double s, const NodeEvent& e) {
      return s + static_cast<double>(e.durationNs);
    });
    CHECK(sum <= static_cast<double>(run.durationNs));
    best = std::max(best, sum / static_cast<double>(run.durationNs));
  }
  CHECK(best > 0.95);
}

TEST_CASE("nodes of a body lie below the node that holds it") {
  auto session = observable(chooseByIf());
  Tensor yes(DataType::Bool, {});
  yes.as<uint8_t>()[0] = 1;
  REQUIRE(session.bind({{"choice", yes}, {"x", floats({3}, {1, 2, 3})}}));
  CHECK(session.runForOutputs()->at("chosen") == floats({3}, {2, 3, 4}));
  const auto run = observe(session);
  REQUIRE(run.events.size() == 2);
  CHECK(run.events[0].opType == "If");
  CHECK(run.events[0].depth == 0);
  CHECK(run.events[1].opType == "Add");
  CHECK(run.events[1].depth == 1);
  CHECK(run.events[0].durationNs > run.events[1].durationNs);
  const Tensor no(DataType::Bool, {});
  REQUIRE(session.bind({{"choice", no}, {"x", floats({3}, {1, 2, 3})}}));
  CHECK(observe(session).events[1].opType == "Sub");
}

TEST_CASE("events bear the names of the optimized graph, also where the file has none") {
  auto model = makeModel({{"x", {"4"}}}, {{"c", {"4"}}});
  addNode(model.graphProto(), "Exp", {"x"}, {"a"});
  addNode(model.graphProto(), "Exp", {"a"}, {"b"});
  addNode(model.graphProto(), "Exp", {"b"}, {"c"}, "last");
  auto session = observable(model);
  REQUIRE(session.bind({{"x", floats({4}, {0, 0, 0, 0})}}));
  const auto optimized = session.optimizedModel();
  REQUIRE(optimized);
  const auto run = observe(session);
  REQUIRE(run.events.size() == 3);
  std::set<std::string> names;
  for (int i = 0; i < 3; ++i) {
    CHECK(run.events[static_cast<size_t>(i)].name == optimized->graphProto().node(i).name());
    names.insert(optimized->graphProto().node(i).name());
  }
  CHECK(names.size() == 3);
  CHECK(names.contains("last"));
}

TEST_CASE("observing changes neither the graph nor its results") {
  auto model = makeModel({{"x", {"1", "4", "8", "8"}}}, {{"z", {"1", "4", "8", "8"}}});
  Tensor weight(DataType::Float, {4, 4, 1, 1});
  for (size_t i = 0; i < 16; ++i) weight.as<float>()[i] = 0.1f * static_cast<float>(i);
  addWeight(model.graphProto(), "w", weight);
  addNode(model.graphProto(), "Conv", {"x", "w"}, {"y"}, "conv");
  addNode(model.graphProto(), "Relu", {"y"}, {"z"}, "relu");
  auto plain = Session::create(model, {.threads = 2});
  REQUIRE(plain);
  auto session = observable(model);
  Tensor x(DataType::Float, {1, 4, 8, 8});
  for (size_t i = 0; i < 256; ++i) x.as<float>()[i] = static_cast<float>(i % 7) - 3;
  REQUIRE(plain->bind({{"x", x}}));
  REQUIRE(session.bind({{"x", x}}));
  CHECK(*plain->runForOutputs() == *session.runForOutputs());
  // Convolution and activation are one node, as without an observer.
  const auto run = observe(session);
  CHECK(std::none_of(run.events.begin(), run.events.end(), [](const NodeEvent& e) { return e.opType == "Relu"; }));
}

TEST_CASE("an observable session leaves no file behind") {
  observable(addThenMultiply());  // the first of a process also makes what all of them share
  const TemporaryTmp tmp;
  {
    auto session = observable(addThenMultiply());
    REQUIRE(session.bind({{"x", floats({1}, {1})}, {"y", floats({1}, {1})}}));
    observe(session);
    const auto after = tmp.files();
    observe(session);
    CHECK(tmp.files() == after);
  }
  CHECK(tmp.files() == 0);
}

TEST_CASE("what needs an observable session says so") {
  auto session = Session::create(addThenMultiply(), {});
  REQUIRE(session);
  REQUIRE(session->bind({{"x", floats({1}, {1})}, {"y", floats({1}, {1})}}));
  CHECK(session->runObserved().error().code == ErrorCode::Usage);
  CHECK(session->optimizedModel().error().code == ErrorCode::Usage);
  auto unchanged = observable(addThenMultiply(), Optimization::None);
  CHECK(unchanged.optimizedModel().error().code == ErrorCode::Usage);
}

TEST_CASE("sessions are observed at the same time without mixing") {
  const auto watch = [](int products, bool& right) {
    auto session = Session::create(manyProducts(products), {.threads = 1, .observable = true});
    right = session && session->bind({{"t0", Tensor(DataType::Float, {512, 512})}});
    for (int i = 0; right && i < 5; ++i) {
      const auto run = session->runObserved();
      right = run && run->lost == 0 && run->events.size() == static_cast<size_t>(products);
    }
  };
  bool first = false, second = false;
  std::thread other(watch, 3, std::ref(first));
  watch(5, second);
  other.join();
  CHECK(first);
  CHECK(second);
}

TEST_CASE("the observer is where RIDGELINE_OBSERVER says, and nowhere else") {
  const char* before = std::getenv("RIDGELINE_OBSERVER");
  const std::string saved = before ? before : "";
  ::setenv("RIDGELINE_OBSERVER", "/no/such/library.so", 1);
  const auto missing = observerLibrary();
  saved.empty() ? ::unsetenv("RIDGELINE_OBSERVER") : ::setenv("RIDGELINE_OBSERVER", saved.c_str(), 1);
  REQUIRE_FALSE(missing);
  CHECK(missing.error().code == ErrorCode::Unavailable);
  CHECK_THAT(missing.error().message, Catch::Contains("/no/such/library.so"));
  CHECK(observerLibrary());
}
