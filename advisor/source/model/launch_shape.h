// What is known of the blocks that a kernel is launched with.
#pragma once

#include "advisor/source/model/facts.h"

#include <array>

namespace ridgeline::source {

// Threads along x, y and z of a launch's block, where they are constants: of dim3 block(16, 16), or a number.
std::optional<std::array<int64_t, 3>> constantBlock(const FileFacts& file, const clang::Expr* block);

}  // namespace ridgeline::source
