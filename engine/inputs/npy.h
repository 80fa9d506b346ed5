// NumPy's array files.
#pragma once

#include "base/result.h"
#include "engine/session.h"

#include <filesystem>
#include <string>
#include <string_view>

namespace ridgeline::engine {

// One array: format versions 1 to 3, little-endian numbers and booleans, either order of elements (Fortran order is
// turned round). BadInput otherwise; `where` names the file in messages.
Result<graph::Tensor> parseNpy(std::string_view bytes, const std::string& where);

// Every array of an .npz archive, stored or deflated, by name.
Result<NamedTensors> readNpz(const std::filesystem::path& path);

}  // namespace ridgeline::engine
