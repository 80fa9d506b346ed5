// "1 weight", "3 weights", "0 weights".
#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>

namespace ridgeline {

template <class N>
std::string counted(N n, std::string_view noun) {
  return fmt::format("{} {}{}", n, noun, n == 1 ? "" : "s");
}

}  // namespace ridgeline
