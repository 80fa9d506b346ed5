// The program's frame.
#pragma once

namespace ridgeline::cli {

// Parses the arguments, runs the command, returns the exit status. Never throws.
int run(int argc, char** argv);

}  // namespace ridgeline::cli
