// Rooflines computed by hand for the machine of machine.h: 200 GFLOP/s; DRAM 50 GB/s, L3 100 GB/s, L2 400 GB/s.
#include "analyzers/roofline/classify.h"
#include "tests/analyzers/machine.h"

#include <catch2/catch.hpp>

using namespace ridgeline;
using namespace ridgeline::analyzers;
using namespace ridgeline::test;
using profile::Bound;
using profile::Operator;

namespace {

const Ceilings kCeilings = ceilingsOf(roofs(), device(), 2);

profile::Classification classified(const Operator& o, double footprint = 0, double dispatchNs = 5000) {
  return classify(o, kCeilings, {footprint, dispatchNs});
}

}  // namespace

TEST_CASE("Much arithmetic on few bytes is bound by compute", "[roofline]") {
  // 2 GFLOP at 200 GFLOP/s: 10 ms. 50 MB at 50 GB/s: 1 ms.
  const auto c = classified(op("conv", 12e6, 2e9, 50e6, 50e6));
  CHECK(c.bound == Bound::Compute);
  CHECK(c.level.empty());
  CHECK(*c.roofTimeNs == Approx(10e6));
  CHECK(*c.headroomNs == Approx(2e6));
  CHECK(*c.intensity == Approx(40));
  CHECK(*c.achievedOpsPerS == Approx(2e9 / 0.012));
  CHECK(*c.achievedBytesPerS == Approx(50e6 / 0.012));
}

TEST_CASE("Few operations on many bytes are bound by the memory they come from", "[roofline]") {
  // 50 MB: 1 ms from DRAM. 10 MB: 0.1 ms from L3. 1 MB: 2.5 us from L2.
  const auto dram = classified(op("add", 2e6, 10e6, 50e6, 50e6));
  CHECK(dram.bound == Bound::Memory);
  CHECK(dram.level == "DRAM");
  CHECK(*dram.roofTimeNs == Approx(1e6));
  CHECK(*dram.headroomNs == Approx(1e6));
  const auto l3 = classified(op("add", 2e5, 2e6, 10e6, 10e6));
  CHECK(l3.bound == Bound::Memory);
  CHECK(l3.level == "L3");
  CHECK(*l3.roofTimeNs == Approx(1e5));
  const auto l2 = classified(op("add", 20e3, 1e4, 1e6, 1e6), 0, 1000);
  CHECK(l2.level == "L2");
  CHECK(*l2.roofTimeNs == Approx(2500));
}

TEST_CASE("Weights come from where a whole run's weights fit", "[roofline]") {
  // 1.9 MB fit the L2 caches (4.75 us), but the 1.5 MB of weights in them come from DRAM when a run touches 100 MB: 30
  // us.
  auto o = op("gemv", 60e3, 1e6, 1.9e6, 1.9e6);
  o.work->constantBytes = 1.5e6;
  const auto alone = classified(o, 1.9e6, 1000);
  CHECK(alone.level == "L2");
  CHECK(*alone.roofTimeNs == Approx(5e3));  // 1 MFLOP at 200 GFLOP/s
  const auto streamed = classified(o, 100e6, 1000);
  CHECK(streamed.bound == Bound::Memory);
  CHECK(streamed.level == "DRAM");
  CHECK(*streamed.roofTimeNs == Approx(30e3));
}

TEST_CASE("Written bytes count at the triad roof", "[roofline]") {
  auto o = op("copy", 4e6, 0, 0, 80e6);
  o.work->bytesRead = 40e6;
  o.work->bytesWritten = 40e6;
  CHECK(*classified(o).roofTimeNs == Approx(2e6));  // 80 MB at 40 GB/s
}

TEST_CASE("At the ridge an operator is balanced, and a drift of the roofs does not turn compute into memory",
          "[roofline]") {
  // 4 FLOP per byte of DRAM is the ridge.
  CHECK(classified(op("o", 2e6, 200e6, 50e6, 50e6)).bound == Bound::Balanced);
  CHECK(classified(op("o", 2e6, 200e6, 50e6, 50e6)).level == "DRAM");
  CHECK(classified(op("o", 2e6, 238e6, 50e6, 50e6)).bound == Bound::Balanced);
  CHECK(classified(op("o", 2e6, 242e6, 50e6, 50e6)).bound == Bound::Compute);
  CHECK(classified(op("o", 2e6, 168e6, 50e6, 50e6)).bound == Bound::Balanced);
  CHECK(classified(op("o", 2e6, 165e6, 50e6, 50e6)).bound == Bound::Memory);
  for (double flops = 20e6; flops < 2e9; flops *= 1.01) {
    const auto o = op("o", 20e6, flops, 50e6, 50e6);
    const auto here = classified(o).bound;
    for (const double drift : {0.91, 1.1}) {
      auto other = roofs();
      for (auto& roof : other) roof.value *= roof.kind == profile::RoofKind::Compute ? drift : 1;
      const auto again = classify(o, ceilingsOf(other, device(), 2), {0, 5000}).bound;
      const bool flipped =
          (here == Bound::Compute && again == Bound::Memory) || (here == Bound::Memory && again == Bound::Compute);
      CHECK_FALSE(flipped);
    }
  }
}

TEST_CASE("Roofs that scatter widen the ridge", "[roofline]") {
  const auto o = op("o", 2e6, 260e6, 50e6, 50e6);  // 1.3 times the ridge
  CHECK(classified(o).bound == Bound::Compute);
  const auto noisy =
      ceilingsOf({computeRoof("float32", 200e9, 0.2), bandwidthRoof("DRAM", "read", 50e9, 0.15)}, device(), 2);
  CHECK(classify(o, noisy, {0, 5000}).bound == Bound::Balanced);
}

TEST_CASE("An operator that is mostly dispatch is overhead, whatever its intensity", "[roofline]") {
  // Roofs of 0.1 us and less, 8 us of time, 5 us of dispatch.
  CHECK(classified(op("dense", 8e3, 20e3, 100, 100)).bound == Bound::Overhead);
  CHECK(classified(op("sparse", 8e3, 10, 40e3, 40e3)).bound == Bound::Overhead);
  CHECK(*classified(op("dense", 8e3, 20e3, 100, 100)).roofTimeNs == Approx(100));
  // 18 us with 1 us to do: short, and next to nothing of it is work.
  CHECK(classified(op("short", 18e3, 200e3, 100, 100)).bound == Bound::Overhead);
  // 18 us with 6 us to do is slow arithmetic.
  CHECK(classified(op("slow", 18e3, 1.2e6, 100, 100)).bound == Bound::Compute);
  // As short as two dispatches, but most of it is work.
  CHECK(classified(op("quick", 9e3, 1.2e6, 100, 100)).bound == Bound::Compute);
  // Long, with little to do: an inefficient operator, not a dispatch.
  CHECK(classified(op("long", 1e6, 200e3, 100, 100)).bound == Bound::Compute);
  // Long, with nothing to do: it waited for something.
  CHECK(classified(op("waiting", 1e6, 20e3, 100, 100)).bound == Bound::Overhead);
  // Nothing to do at all.
  auto reshape = op("reshape", 3e3, 0, 0, 0);
  CHECK(classified(reshape).bound == Bound::Overhead);
  CHECK(*classified(reshape).headroomNs == Approx(3e3));
  CHECK_FALSE(classified(reshape).intensity);
}

TEST_CASE("Overhead is judged by the call, headroom counted by the run", "[roofline]") {
  auto o = op("in a loop", 800e3, 2e6, 1e4, 100);
  o.callsPerRun = 100;  // 8 us a call
  const auto c = classified(o);
  CHECK(c.bound == Bound::Overhead);
  CHECK(*c.roofTimeNs == Approx(10e3));
  CHECK(*c.headroomNs == Approx(790e3));
}

TEST_CASE("Without known work or a roof nothing is claimed", "[roofline]") {
  Operator o{.name = "Loop", .timeNs = 1e6};
  auto c = classified(o);
  CHECK(c.bound == Bound::Unknown);
  CHECK_FALSE(c.roofTimeNs);
  CHECK_FALSE(c.headroomNs);
  CHECK_FALSE(c.intensity);
  CHECK_FALSE(c.achievedOpsPerS);

  o = op("bf16", 1e6, 2e8, 1e6, 1e6);
  o.work->computeType = "bfloat16";
  c = classified(o);
  CHECK(c.bound == Bound::Unknown);
  CHECK_FALSE(c.headroomNs);
  CHECK(*c.intensity == Approx(200));
  CHECK(*c.achievedOpsPerS == Approx(2e11));

  // Adding int64 needs no compute roof to be bound by memory: 1 operation in 24 bytes.
  o = op("int64", 3e6, 0, 48e6, 48e6);
  o.work->intOps = 2e6;
  o.work->computeType = "int64";
  c = classified(o);
  CHECK(c.bound == Bound::Memory);
  CHECK(*c.roofTimeNs == Approx(0.96e6));

  // A logical And: 1 operation in 3 bytes.
  o = op("bool", 1e6, 0, 30e6, 30e6);
  o.work->intOps = 10e6;
  o.work->computeType = "bool";
  CHECK(classified(o).bound == Bound::Memory);
  o.work->intOps = 16e6;
  CHECK(classified(o).bound == Bound::Unknown);

  CHECK(classify(op("o", 1e6, 1e6, 1e6, 1e6), Ceilings{}, {0, 5000}).bound == Bound::Unknown);
  const auto noMemory = ceilingsOf({computeRoof("float32", 200e9)}, device(), 2);
  CHECK(classify(op("o", 1e6, 1e8, 1e6, 1e6), noMemory, {0, 5000}).bound == Bound::Unknown);
}

TEST_CASE("Integer products are held to the integer roof", "[roofline]") {
  auto o = op("qgemm", 4e6, 0, 1e6, 1e6);
  o.work->intOps = 1.6e9;
  o.work->computeType = "uint8";
  const auto c = classified(o);
  CHECK(c.bound == Bound::Compute);
  CHECK(*c.roofTimeNs == Approx(2e6));
}

TEST_CASE("Faster than the roof leaves no headroom, never a negative one", "[roofline]") {
  const auto c = classified(op("winograd", 5e6, 2e9, 1e6, 1e6));
  CHECK(*c.roofTimeNs == Approx(10e6));
  CHECK(*c.headroomNs == 0);
}

TEST_CASE("The dispatch cost is read off the operators that have nothing to do", "[roofline]") {
  std::vector<Operator> operators{op("big", 5e6, 1e9, 1e6, 1e6)};
  CHECK(contextOf(operators, kCeilings).dispatchNs == 5000);  // the usual, when nothing tells
  for (const double ns : {7000, 8000, 9000, 10000, 300000}) operators.push_back(op("tiny", ns, 10, 100, 100));
  CHECK(contextOf(operators, kCeilings).dispatchNs == Approx(8000));  // lower quartile
  for (auto& o : operators) o.timeNs *= 100;
  CHECK(contextOf(operators, kCeilings).dispatchNs == 20e3);  // not without limit
  // Few idle operators, but everything is quick: dispatch is no more than the quickest take.
  std::vector<Operator> quick(20, op("quick", 2000, 2e5, 1e4, 1e4));
  CHECK(contextOf(quick, kCeilings).dispatchNs == Approx(2000));
}

TEST_CASE("A run's footprint is its weights and the largest set of other tensors", "[roofline]") {
  std::vector<Operator> operators{op("a", 1e6, 1e6, 10e6, 12e6), op("b", 1e6, 1e6, 6e6, 7e6),
                                  Operator{.name = "unknown"}};
  operators[0].work->constantBytes = 8e6;
  operators[1].work->constantBytes = 1e6;
  CHECK(contextOf(operators, kCeilings).footprintBytes == Approx(9e6 + 6e6));
}
