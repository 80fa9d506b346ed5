#include "plugins/sdk/conformance/conformance.h"
#include "tests/plugins/libraries.h"

#include <catch2/catch.hpp>

using namespace ridgeline;
using namespace ridgeline::plugins;

namespace {

std::vector<CheckOutcome> outcomesOf(const std::filesystem::path& library) {
  auto outcomes = testPlugin(library, quietJob());
  REQUIRE(outcomes);
  return *outcomes;
}

std::string failuresOf(const std::filesystem::path& library) {
  std::string out;
  for (const auto& o : outcomesOf(library)) {
    if (o.verdict == CheckOutcome::Verdict::Failed) out += o.title + ": " + o.problem + "\n";
  }
  return out;
}

}  // namespace

TEST_CASE("whole plugins pass every check") {
  const auto first = outcomesOf(libraryFolder("frozen") / "first.so");
  CHECK(first.size() == allChecks().size());
  CHECK(failuresOf(libraryFolder("frozen") / "first.so") == "");
  CHECK(failuresOf(libraryFolder("acme") / "libridgeline_acme.so") == "");
  CHECK(failuresOf(libraryFolder("good") / "good.so") == "");
}

TEST_CASE("a check that a plugin has no function for is neither passed nor failed") {
  int absent = 0;
  for (const auto& o : outcomesOf(libraryFolder("good") / "good.so"))
    absent += o.verdict == CheckOutcome::Verdict::Absent;
  CHECK(absent == 6);  // counters, rewrites, injection, collection, lifetimes, roofs
}

TEST_CASE("each broken plugin fails, and the failure is named") {
  const auto fails = [](const char* name, const char* why) {
    const auto failures = failuresOf(libraryFolder("broken") / name);
    INFO(failures);
    CHECK(failures.find(why) != std::string::npos);
  };
  fails("wrong_abi.so", "it is for plugin ABI 99");
  fails("missing_symbol.so", "does not export");
  fails("crash.so", "finds its devices, twice the same: crashes (SIGSEGV) in devices()");
  fails("nonsense.so", "18446744073709551608 bytes");
  fails("throws.so", "throws an exception out of devices()");
  fails("double_free.so", "crashes (SIGABRT)");
}

TEST_CASE("a plugin that lies is found out") {
  const auto failures = failuresOf(libraryFolder("lies") / "lies.so");
  INFO(failures);
  CHECK(failures.find("devices() says something else the second time") != std::string::npos);
  CHECK(failures.find("counters() accepts a device that is not there") != std::string::npos);
  CHECK(failures.find("read() gives nan for cycles") != std::string::npos);
}

TEST_CASE("what is no library is said so") {
  CHECK_FALSE(testPlugin("/no/such/library.so", quietJob()));
  const auto outcomes = outcomesOf(__FILE__);
  REQUIRE(outcomes.size() == 1);
  CHECK(outcomes[0].problem.find("cannot be loaded") != std::string::npos);
}
