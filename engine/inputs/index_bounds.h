// Integer inputs that a graph uses as indices, and how large they may be.
#pragma once

#include "graph/model.h"

#include <cstdint>
#include <map>
#include <string>

namespace ridgeline::engine {

// Input name -> number of rows of the smallest table it indexes (an embedding). Inputs that index nothing are absent.
std::map<std::string, int64_t> indexBounds(const graph::Model& model, const std::vector<std::string>& inputs);

}  // namespace ridgeline::engine
