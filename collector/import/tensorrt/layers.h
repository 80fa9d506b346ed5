// A layer as the engine's graph describes it.
#pragma once

#include "profile/vocabulary.h"

#include <nlohmann/json_fwd.hpp>

#include <optional>
#include <string>

namespace ridgeline::collector::import {

// Name, kind, shapes, and the work of convolutions and matrix products. Empty when it is no layer.
std::optional<profile::Operator> layerOf(const nlohmann::json& layer);

}  // namespace ridgeline::collector::import
