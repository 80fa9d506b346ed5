// What a model asks to be given, read from the file alone.
#pragma once

#include "engine/session.h"

#include <optional>
#include <string>
#include <vector>

namespace ridgeline::engine {

// Inputs of the main graph without those that an initializer gives a default, in the file's order. Type Undefined: no
// tensor.
std::vector<PortInfo> modelInputs(const graph::Model& model);

// BadInput naming the first input that is no tensor, or of a type that cannot be given (complex numbers).
Status checkInputKinds(const std::vector<PortInfo>& ports);

const PortInfo* findPort(const std::vector<PortInfo>& ports, std::string_view name);

// "input_ids[batch,seq] int64, mask[1,?] float32": for messages.
std::string describe(const std::vector<PortInfo>& ports);

}  // namespace ridgeline::engine
