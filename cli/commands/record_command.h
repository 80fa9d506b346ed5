// `ridgeline record -- COMMAND`.
#pragma once

#include "cli/commands/command.h"
#include "collector/launch/record_command.h"

namespace ridgeline::cli {

// The command is console.tail(). The exit status becomes the command's.
Status recordCommand(Console& console, collector::CommandRequest request, const OutputOptions& output);

}  // namespace ridgeline::cli
