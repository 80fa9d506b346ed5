#include "engine/onnxruntime/reason.h"
#include "engine/onnxruntime/recorder.h"

#include <catch2/catch.hpp>

#include <thread>

using namespace ridgeline;
using namespace ridgeline::engine;

namespace {

EventView nodeView(const char* name) {
  EventView view;
  view.node = true;
  view.name = name;
  view.opType = "Relu";
  return view;
}

}  // namespace

TEST_CASE("events are kept in the order in which they began, with their depth") {
  Recorder recorder;
  recorder.start();
  EventView run;
  run.name = "model_run";
  recorder.begin(1);
  recorder.begin(2);
  recorder.begin(3);  // a body's own frame, no node
  recorder.begin(4);
  recorder.end(4, nodeView("inner_kernel_time"));
  recorder.end(3, EventView{.name = "SequentialExecutor::Execute"});
  recorder.end(2, nodeView("outer_kernel_time"));
  recorder.begin(5);
  recorder.end(5, nodeView("after"));
  recorder.end(1, run);
  const auto observed = recorder.take();
  REQUIRE(observed.events.size() == 3);
  CHECK(observed.events[0].name == "outer");
  CHECK(observed.events[0].depth == 0);
  CHECK(observed.events[1].name == "inner");
  CHECK(observed.events[1].depth == 1);
  CHECK(observed.events[2].name == "after");
  CHECK(observed.events[2].depth == 0);
  CHECK(observed.lost == 0);
  CHECK(observed.events[0].durationNs >= observed.events[1].durationNs);
  CHECK(observed.durationNs >= observed.events[0].durationNs + observed.events[2].durationNs);
  CHECK(observed.startNs <= observed.events[0].startNs);
  CHECK(observed.events[0].threadId == ::gettid());
}

TEST_CASE("events that lack their begin or their end are counted") {
  Recorder recorder;
  recorder.start();
  recorder.end(7, nodeView("never begun"));
  recorder.begin(1);
  recorder.begin(2);
  recorder.end(1, nodeView("around"));  // 2 did not end
  recorder.begin(3);                    // nor does this
  const auto observed = recorder.take();
  CHECK(observed.lost == 3);
  REQUIRE(observed.events.size() == 1);
  CHECK(observed.events[0].name == "around");
  recorder.start();
  CHECK(recorder.take().lost == 0);
}

TEST_CASE("threads are told apart") {
  Recorder recorder;
  recorder.start();
  constexpr int kThreads = 4, kEvents = 200;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&recorder] {
      for (uint64_t i = 0; i < kEvents; ++i) {
        recorder.begin(2 * i);  // the same ids on every thread
        recorder.begin(2 * i + 1);
        recorder.end(2 * i + 1, nodeView("inner"));
        recorder.end(2 * i, nodeView("outer"));
      }
    });
  }
  for (auto& thread : threads) thread.join();
  const auto observed = recorder.take();
  CHECK(observed.lost == 0);
  REQUIRE(observed.events.size() == 2 * kThreads * kEvents);
  for (const auto& event : observed.events) {
    if (event.depth != (event.name == "inner" ? 1 : 0)) FAIL("depth " << event.depth << " of " << event.name);
  }
}

TEST_CASE("shapes are read as the engine writes them") {
  const auto ports = parsePorts(R"([{"float":[1,3,224,224]},{"int64":[]},{"bool":[0]}])");
  REQUIRE(ports.size() == 3);
  CHECK(ports[0].type == graph::DataType::Float);
  CHECK(ports[0].dims == graph::Dims{1, 3, 224, 224});
  CHECK(ports[1].type == graph::DataType::Int64);
  CHECK(ports[1].dims.empty());
  CHECK(ports[2].dims == graph::Dims{0});
  CHECK(parsePorts("").empty());
  CHECK(parsePorts("[{\"float\":[1,").empty());
  CHECK(parsePorts("{}").empty());
  CHECK(parsePorts(R"([{"some new type":[1]}])")[0].type == graph::DataType::Undefined);
}

TEST_CASE("the engine's words fit a line") {
  CHECK(plainReason("This is an invalid model.\n") == "This is an invalid model");
  CHECK(plainReason("/src/core/graph/model.cc:191 lib::Model::Model(lib::Proto&&, const std::function<void(int)>&) "
                    "Missing opset in the model.") == "Missing opset in the model");
  CHECK(plainReason("Non-zero status code returned while running Gather node. Name:'g' Status Message: "
                    "/src/core/gather.h:20 void lib::f(int) [with T = float] const index is off") ==
        "Non-zero status code returned while running Gather node. Name:'g' Status Message: const index is off");
  CHECK(plainReason("see /tmp/a.cc:3") == "see /tmp/a.cc:3");
  CHECK(plainReason("a\tb\n\nc") == "a b c");
  CHECK(plainReason(std::string(500, 'x')).size() == 303);
  CHECK(plainReason("ab\xC3\xA9", 3) == "ab...");
}
