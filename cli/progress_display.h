// Progress on a terminal (one line that is drawn over) or for programs (JSON lines), on stderr.
#pragma once

#include <memory>

#include "base/progress.h"
#include "cli/console.h"

namespace ridgeline::cli {

// Its destructor leaves the terminal clean.
std::unique_ptr<Progress> makeProgressDisplay(ProgressStyle style);

}  // namespace ridgeline::cli
