// The door through which the command line calls the source advisor. Both are built together, so C++ types may pass.
#include "advisor/source/module.h"

extern "C" __attribute__((visibility("default"))) const ridgeline::source::ModuleApi* ridgelineSourceModule() {
  using namespace ridgeline::source;
  static const ModuleApi api{&checks, &analyze, &fixAll, &writeFixed, &unifiedDiff, &prove};
  return &api;
}
