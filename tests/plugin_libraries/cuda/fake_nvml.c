/* libnvidia-ml.so.1 of the tests: 300 W, and a joule with every question. */
#include <string.h>

#define FAKE_EXPORT __attribute__((visibility("default")))

FAKE_EXPORT int nvmlInit_v2(void) { return 0; }
FAKE_EXPORT int nvmlDeviceGetHandleByPciBusId_v2(const char* id, void** device) {
  static int known;
  if (strcmp(id, "0000:3B:00.0") != 0) return 6;
  return *device = &known, 0;
}
FAKE_EXPORT int nvmlDeviceGetPowerUsage(void* device, unsigned* milliwatts) {
  return (void)device, *milliwatts = 300000, 0;
}
FAKE_EXPORT int nvmlDeviceGetTotalEnergyConsumption(void* device, unsigned long long* millijoules) {
  static unsigned long long total = 5000000;
  return (void)device, *millijoules = total += 1000, 0;
}
