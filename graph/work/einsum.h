#pragma once

#include "graph/work/work.h"

#include <optional>
#include <span>
#include <string_view>

namespace ridgeline::graph::work {

// Operations of an Einsum of one or two operands, as one loop over every label: a multiply-add per iteration when
// something is summed over, else a multiply; with one operand, an add when something is summed over. nullopt for an
// equation that does not fit the operands, and for three operands or more, whose work depends on the order of
// contraction.
std::optional<double> einsumOperations(std::string_view equation, std::span<const TensorShape> operands);

}  // namespace ridgeline::graph::work
