// What an operator's name and the shapes of its inputs say of it.
#pragma once

#include "profile/vocabulary.h"

#include <string>

namespace ridgeline::collector {

// With its modelled work, where the operator is one that is known; times are the caller's.
profile::Operator operatorRow(std::string name, std::string shapes, double calls);

}  // namespace ridgeline::collector
