// Floating-point formats of 8 bits and fewer, by their bits.
#pragma once

#include "graph/data_type.h"

#include <cstdint>

namespace ridgeline::graph {

// Decodes one element of a Float8* or Float4E2M1 type from its low bits.
float smallFloatToFloat(DataType type, uint8_t bits);

}  // namespace ridgeline::graph
