#include "advisor/source/model/poly.h"
#include "advisor/source/prove/compare_output.h"
#include "advisor/source/rank.h"

#include <catch2/catch.hpp>

using namespace ridgeline::source;

TEST_CASE("An index's step by thread is its factor, whatever else is in it") {
  Atoms atoms;
  int width = 0, column = 0;
  const auto w = Poly::atom(atoms.of(&width, "width")), c = Poly::atom(atoms.of(&column, "column"));
  const auto global = Poly::atom(kBidX) * Poly::atom(kBdimX) + Poly::atom(kTidX);
  const auto rows = global * w + c;
  REQUIRE(rows.coefficient(kTidX).has_value());
  CHECK(*rows.coefficient(kTidX) == w);
  CHECK(atoms.textOf(*rows.coefficient(kTidX)) == "width");
  CHECK((c * w + global).coefficient(kTidX)->asConstant() == 1);
  CHECK((global * Poly::constant(4) - global).coefficient(kTidX)->asConstant() == 3);
  CHECK((rows - rows).isZero());
  CHECK_FALSE((global * global).coefficient(kTidX).has_value());
  CHECK(rows.without(kTidX).has(kBidX));
  CHECK_FALSE(rows.without(kTidX).hasThread());
}

TEST_CASE("Kernels' names are reduced to what they are called in their source") {
  CHECK(sourceName("void ns::scale<float, 4>(float*, int)") == "ns::scale");
  CHECK(sourceName("_ZN2ns5scaleEPfi") == "ns::scale");
  CHECK(sourceName("scale(float const*, int)") == "scale");
  CHECK(sourceName("void (anonymous namespace)::k<(int)2>(float*)") == "k");
  CHECK(sourceName("plain") == "plain");
  // Anonymous namespaces as cu++filt and others write them; lambdas and functions among a template's arguments.
  CHECK(sourceName("void ns::<unnamed>::k<float>(float *)") == "ns::k");
  CHECK(sourceName("void k<1, (anonymous namespace)::f(int)::{lambda(float)#1}>(int, f(int)::{lambda(float)#1})") ==
        "k");
  CHECK(sourceName("void k<(ns::Mode)1, decltype(ns::f(0))>(float*)") == "k");
  CHECK(sourceName("_ZN12_GLOBAL__N_15scaleIfEEvPT_i") == "scale");
  CHECK(sourceName("void Box<int>::run<float>(float*)") == "Box::run");
}

TEST_CASE("Outputs are compared word by word, numbers within the tolerance") {
  CHECK_FALSE(outputDifference("a 1.0\n", "a 1.0\n", 0).has_value());
  CHECK(outputDifference("a 1.0\n", "a 1.0001\n", 0).has_value());
  CHECK_FALSE(outputDifference("a 1.0\n", "a 1.0001\n", 1e-3).has_value());
  CHECK(outputDifference("a 1.0\n", "a 1.01\n", 1e-3).has_value());
  CHECK(outputDifference("a b\n", "a c\n", 0.5).has_value());
  CHECK(outputDifference("a b\n", "a\n", 0.5).has_value());
  CHECK_FALSE(outputDifference("nan 5", "nan 5.0", 1e-9).has_value());
  CHECK(outputDifference("inf", "1e300", 0.9).has_value());
}
