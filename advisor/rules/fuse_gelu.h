#pragma once

#include "advisor/rule.h"

#include <functional>
#include <memory>
#include <string>

namespace ridgeline::advisor {

// GELU written out in a spelling that the engine does not know, with the error function or its approximation by tanh,
// becomes one Gelu or FastGelu.
std::unique_ptr<Rule> makeFuseGeluRule();

// Fuses every GELU of an argument that is wanted, also those that the engine would fuse by itself: it no longer does
// where the argument is dequantized, as it dequantizes once for every reader. Returns how many.
int fuseGelus(graph::Graph& graph, const std::function<bool(const std::string& argument)>& isWanted);

}  // namespace ridgeline::advisor
