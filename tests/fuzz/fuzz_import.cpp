// Any bytes as a recording, whatever format they are recognized as.
#include "tests/fuzz/check_import.h"

using namespace ridgeline;
using namespace ridgeline::collector::import;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  Names names;
  tests::checkImport(readRecordingFrom({reinterpret_cast<const char*>(data), size}, names, quietJob()), names);
  return 0;
}
