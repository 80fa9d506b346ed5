#include "tests/plugin_libraries/broken/common.h"

#include <cstdlib>

namespace {
// volatile, or the compiler sees it and says so.
void* volatile memory = nullptr;
struct Leaver {
  ~Leaver() {
    std::free(memory);
    std::free(memory);
  }
} leaver;
}  // namespace

const RidgelinePlugin* ridgeline_plugin_open(uint32_t, const RidgelineHost*) {
  static RidgelinePlugin plugin = broken::table();
  memory = std::malloc(4096);
  return &plugin;
}
