#pragma once

#include "advisor/rule.h"

#include <memory>

namespace ridgeline::advisor {

// Writes the shapes the model is run with into its inputs and computes ahead what follows from them. The result is a
// specialization: it takes these shapes only, and its metadata ("ridgeline.specialization") say so. Proposed only where
// the user asked for it (Subject::pinnedShapes).
std::unique_ptr<Rule> makePinShapesRule();

}  // namespace ridgeline::advisor
