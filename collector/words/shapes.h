// Shapes of operators' inputs as Kineto writes them.
#pragma once

#include <string>
#include <string_view>

namespace ridgeline::collector {

// "Input Dims": [[64,3,7,7],[],[]] and "Input type": ["float","","Scalar"] -> "float32 64x3x7x7". Inputs that are no
// tensors are left out; of lists of tensors every member is named.
std::string shapesText(std::string_view dims, std::string_view types);

// "c10::Half" -> "float16"; types that are none of the usual ones stay.
std::string dataTypeName(std::string_view type);

}  // namespace ridgeline::collector
