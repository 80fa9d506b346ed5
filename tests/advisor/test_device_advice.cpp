// What a device's makers say of a rewrite orders the proposals and stands in their evidence.
#include "advisor/device_advice.h"
#include "advisor/propose.h"
#include "advisor/rules/quantization/forms.h"
#include "tests/advisor/support/equivalence.h"
#include "tests/advisor/support/quantization.h"

#include <catch2/catch.hpp>

using namespace ridgeline;
using namespace ridgeline::test;
using advisor::DeviceAdvice;

namespace {

advisor::Opportunity opportunity(const std::string& rule, const std::string& variant) {
  advisor::Opportunity o;
  o.rule = rule;
  o.variant = variant;
  return o;
}

}  // namespace

TEST_CASE("the word on a variant goes before that on the whole rule") {
  const std::vector<DeviceAdvice> advice{{"quantize-weights", "", false, "four bits are unpacked slowly", "acme"},
                                         {"quantize-weights", "int8-k128", true, "eight bits are not", "acme"}};
  auto eight = opportunity("quantize-weights", "int8-k128");
  CHECK(advisor::heedAdvice(advice, eight) == 1);
  REQUIRE(eight.evidence.size() == 1);
  CHECK(eight.evidence[0] == "plugin acme says that it pays: eight bits are not");
  auto four = opportunity("quantize-weights", "int4-k128");
  CHECK(advisor::heedAdvice(advice, four) == -1);
  CHECK(four.evidence ==
        std::vector<std::string>{"plugin acme says that it does not pay: four bits are unpacked slowly"});
  auto other = opportunity("quantize-static", "");
  CHECK(advisor::heedAdvice(advice, other) == 0);
  CHECK(other.evidence.empty());
}

TEST_CASE("what does not pay on the device is tried last, and exact rewrites stay first") {
  const auto model = Sketch()
                         .input("x", {64, 256})
                         .output("y")
                         .weight("w", randomTensor({256, 256}))
                         .node("Identity", {"x"}, {"i"})
                         .node("MatMul", {"i", "w"}, {"y"})
                         .model();
  QuantizationBench bench(model, {{{"x", randomTensor({64, 256})}}});
  using namespace advisor::quantization;
  bench.times() = {{"y", 1.0}};
  const ProductShape shape{64, 256, 256};
  bench.kernels().assume(floatProduct(shape).key, 1);
  bench.kernels().assume(dynamicProduct(shape).key, 0.5);
  for (const bool isSigned : {false, true}) bench.kernels().assume(staticProduct(shape, isSigned).key, 0.4);
  const auto rulesOf = [&](std::span<const DeviceAdvice> advice) {
    auto subject = bench.subject();
    subject.deviceAdvice = advice;
    const auto proposals = advisor::propose(subject.model, subject, false);
    REQUIRE(proposals);
    std::vector<std::string> rules;
    for (const auto& o : proposals->opportunities) rules.push_back(o.rule);
    return rules;
  };
  const auto before = rulesOf({});
  REQUIRE(before.size() >= 3);
  CHECK(before.front() == "remove-noops");
  const auto firstLossy = before[1];
  REQUIRE(firstLossy != before.back());
  const std::vector<DeviceAdvice> advice{{firstLossy, "", false, "it does not", "acme"},
                                         {"remove-noops", "", false, "nor does this", "acme"}};
  const auto after = rulesOf(advice);
  CHECK(after.size() == before.size());
  CHECK(after.front() == "remove-noops");
  CHECK(after.back() == firstLossy);
  CHECK(after[1] != firstLossy);
}
