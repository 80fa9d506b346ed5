#include "base/worker.h"

#include <catch2/catch.hpp>

#include <thread>

using namespace ridgeline;

TEST_CASE("a worker does one task after another on one thread that is not its owner's") {
  Worker worker;
  CHECK(worker.finish());  // nothing yet
  std::thread::id first, second;
  worker.begin([&]() -> Status {
    first = std::this_thread::get_id();
    return {};
  });
  CHECK(worker.finish());
  worker.begin([&]() -> Status {
    second = std::this_thread::get_id();
    return {};
  });
  CHECK(worker.finish());
  CHECK(first == second);
  CHECK(first != std::this_thread::get_id());
}

TEST_CASE("what a worker's task says is told once") {
  Worker worker;
  worker.begin([]() -> Status { return unavailable("no room"); });
  const auto said = worker.finish();
  REQUIRE_FALSE(said);
  CHECK(said.error().message == "no room");
  CHECK(worker.finish());
}

TEST_CASE("a worker that goes finishes its task first") {
  bool done = false;
  {
    Worker worker;
    worker.begin([&]() -> Status {
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
      done = true;
      return {};
    });
  }
  CHECK(done);
}
