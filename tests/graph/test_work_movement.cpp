#include "test_work_support.h"

#include <catch2/catch.hpp>

using namespace ridgeline::graph;
using namespace ridgeline::graph::worktest;

TEST_CASE("Renaming moves nothing") {
  for (const char* type : {"Reshape", "Squeeze", "Unsqueeze", "Flatten", "Identity", "Dropout"}) {
    CAPTURE(type);
    const auto w = work(type, {f32({2, 3})}, {f32({6})});
    REQUIRE(w);
    CHECK(w->operations() == 0);
    CHECK(w->bytes() == 0);
  }
  CHECK(work("Dropout", {f32({6})}, {f32({6}), shape(DataType::Bool, {6})})->bytes() == 6);
}

TEST_CASE("Shape is told without reading the tensor") {
  const auto w = work("Shape", {f32({100, 100})}, {i64({2})});
  REQUIRE(w);
  CHECK(w->bytesRead == 0);
  CHECK(w->bytesWritten == 16);
}

TEST_CASE("Copies read once and write once") {
  const auto transpose = work("Transpose", {f32({2, 3})}, {f32({3, 2})});
  REQUIRE(transpose);
  CHECK(transpose->bytesRead == 24);
  CHECK(transpose->bytesWritten == 24);
  CHECK(transpose->operations() == 0);
  const auto expand = work("Expand", {f32({1, 3}), i64({2})}, {f32({5, 3})});
  REQUIRE(expand);
  CHECK(expand->bytesRead == 12 + 16);
  CHECK(expand->bytesWritten == 60);
  const auto split = work("Split", {f32({6})}, {f32({2}), f32({4})});
  REQUIRE(split);
  CHECK(split->bytesRead == 24);
  CHECK(split->bytesWritten == 24);
  CHECK(work("CastLike", {f32({6}), i64({1000})}, {i64({6})})->bytesRead == 24);
  CHECK(work("ReorderOutput", {f32({1, 32, 2, 2})}, {f32({1, 24, 2, 2})}, {}, "com.microsoft.nchwc")->bytes() ==
        (128 + 96) * 4);
}

TEST_CASE("A slice reads its part") {
  const auto w = work("Slice", {f32({1000, 4}), i64({1}), i64({1})}, {f32({10, 4})});
  REQUIRE(w);
  CHECK(w->bytesRead == 160 + 16);
  CHECK(w->bytesWritten == 160);
}

TEST_CASE("A gather reads the rows it takes, at most the table") {
  const auto rows = work("Gather", {f32({30522, 768}), i64({1, 128})}, {f32({1, 128, 768})});
  REQUIRE(rows);
  CHECK(rows->bytesRead == 128 * 768 * 4 + 128 * 8);
  CHECK(rows->bytesWritten == 128 * 768 * 4);
  const auto repeated = work("Gather", {f32({2, 4}), i64({100})}, {f32({100, 4})});
  REQUIRE(repeated);
  CHECK(repeated->bytesRead == 2 * 4 * 4 + 800);
  CHECK_FALSE(work("Gather", {f32({2, 4})}, {f32({100, 4})}));
}

TEST_CASE("A gather from packed rows reads their share of data and scales") {
  // 100 rows of 64 4-bit values in blocks of 32; 5 rows taken.
  const auto w = work("GatherBlockQuantized",
                      {shape(DataType::Uint4, {100, 64}), i64({5}), f32({100, 2}), shape(DataType::Uint4, {100, 2})},
                      {f32({5, 64})}, {{"gather_axis", int64_t{0}}, {"quantize_axis", int64_t{1}}}, kMs);
  REQUIRE(w);
  CHECK(w->bytesRead == Approx(5 * 32 + 5 * 8 + 5 * 2 * 4 + 5 * 1));
  CHECK(w->flops == 5 * 64 * 2);
}

TEST_CASE("A scatter copies its data and reads the updates") {
  const auto w = work("ScatterND", {f32({10, 4}), i64({2, 1}), f32({2, 4})}, {f32({10, 4})});
  REQUIRE(w);
  CHECK(w->bytesRead == 160 + 16 + 32);
  CHECK(w->bytesWritten == 160);
  CHECK(w->flops == 0);
  CHECK(work("ScatterND", {f32({10, 4}), i64({2, 1}), f32({2, 4})}, {f32({10, 4})}, {{"reduction", std::string("add")}})
            ->flops == 8);
}

TEST_CASE("Interpolation") {
  const std::vector<TensorShape> image = {f32({1, 3, 4, 4}), absent(), f32({4})};
  const TensorShape large = f32({1, 3, 8, 8});
  const auto nearest = work("Resize", image, {large});
  REQUIRE(nearest);
  CHECK(nearest->flops == 0);
  CHECK(nearest->bytesRead == 48 * 4 + 16);
  CHECK(nearest->bytesWritten == 192 * 4);
  CHECK(work("Resize", image, {large}, {{"mode", std::string("linear")}})->flops == 192 * 9);
  CHECK(work("Resize", image, {large}, {{"mode", std::string("cubic")}})->flops == 192 * 32);
  CHECK_FALSE(work("Resize", image, {large}, {{"mode", std::string("spline")}}));
  // Down to one pixel, nearest reads that pixel.
  CHECK(work("Resize", image, {f32({1, 3, 1, 1})})->bytesRead == 3 * 4 + 16);
}
