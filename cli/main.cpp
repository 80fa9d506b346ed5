#include "cli/app.h"

int main(int argc, char** argv) { return ridgeline::cli::run(argc, argv); }
