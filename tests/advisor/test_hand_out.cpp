#include "advisor/hand_out.h"
#include "base/files.h"
#include "tests/advisor/support/sketch.h"

#include <catch2/catch.hpp>

using namespace ridgeline;
using namespace ridgeline::advisor;

TEST_CASE("a model that stays as it is is copied byte by byte, wherever its weights were meanwhile") {
  auto folder = TemporaryFolder::create("hand-out");
  REQUIRE(folder);
  const auto in = folder->path() / "in.onnx", out = folder->path() / "out.onnx";
  REQUIRE(test::Sketch()
              .input("x", {1024})
              .output("y")
              .weight("w", test::floats({1024}, std::vector<float>(1024, 2)))
              .node("Mul", {"x", "w"}, {"y"})
              .model()
              .save(in));
  // An unknown field in front, where no writer puts it.
  const auto bytes = std::string("\xf8\x7f\x01", 3) + readFile(in).value();
  REQUIRE(writeFileAtomically(in, bytes));
  auto model = graph::Model::load(in);
  REQUIRE(model);
  SECTION("in the model") {}
  SECTION("set aside") {
    model->setWeightsAside(1000);
    REQUIRE(model->graphProto().initializer(0).data_location() == onnx::TensorProto::EXTERNAL);
  }
  REQUIRE(writeUntouched(*model, {}, in, out));
  CHECK(readFile(out).value() == bytes);
}
