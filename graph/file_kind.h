// What a file that is no ONNX model looks like, for a message that helps.
#pragma once

#include <string>
#include <string_view>

namespace ridgeline::graph {

// "not an ONNX model: ..." for the first bytes of something protobuf could not parse as one.
std::string whyNoModel(std::string_view head);
// What to do about it; may be empty.
std::string hintFor(std::string_view head);

}  // namespace ridgeline::graph
