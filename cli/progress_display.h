// Progress on a terminal (one line that is drawn over) or for programs (JSON lines), on stderr.
#pragma once

#include "base/progress.h"
#include "cli/console.h"

#include <memory>

namespace ridgeline::cli {

// Its destructor leaves the terminal clean.
std::unique_ptr<Progress> makeProgressDisplay(ProgressStyle style);

}  // namespace ridgeline::cli
