#pragma once

#include "advisor/rule.h"

#include <memory>

namespace ridgeline::advisor {

// A model that transposes an input before anything else, or an output last, is left to take and give it in the order of
// axes that it works with: the Transpose goes, and whoever runs the model arranges the data. Proposed only where the
// user allows it (Subject::ioLayout). What became of each port goes with the model (engine/port_orders.h).
std::unique_ptr<Rule> makeChangeIoLayoutRule();

}  // namespace ridgeline::advisor
