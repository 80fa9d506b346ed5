#include "analyzers/kernel_name.h"

#include <catch2/catch.hpp>

using ridgeline::analyzers::shortKernelName;

TEST_CASE("A kernel's short name leaves out what tells nothing", "[timeline]") {
  CHECK(shortKernelName("gemm") == "gemm");
  CHECK(shortKernelName("gemm(float*, int)") == "gemm");
  CHECK(shortKernelName("void f<float, (bool)1>(int, void (*)(int))") == "f<float, (bool)1>");
  CHECK(shortKernelName("void at::native::(anonymous namespace)::softmax<4>(float const*)") ==
        "at::native::softmax<4>");
  CHECK(shortKernelName("void k(int*) [clone .kd]") == "k");
  // What is cut short, or nothing but parentheses, stays.
  CHECK(shortKernelName("k<float>(int, flo") == "k<float>(int, flo");
  CHECK(shortKernelName("(int)") == "(int)");
  CHECK(shortKernelName("a)") == "a)");
  CHECK(shortKernelName("").empty());
}
