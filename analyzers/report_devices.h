// What a report says of accelerators, and of recordings that were imported or taken from a command.
#pragma once

#include "profile/profile.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ridgeline::analyzers {

// A process of the recording.
struct ReportRank {
  std::string name;
  std::string source;  // base name of the file
  std::string format;
  int64_t steps = 0;
  std::optional<double> stepMs;  // median
};

struct ReportIdle {
  std::string reason;  // as in idle_cause
  int64_t count = 0;
  double totalMs = 0, longestUs = 0;
  std::optional<double> share;  // of the device's span
};

// From its first work to its last.
struct ReportDevice {
  std::string name, rank;
  double spanMs = 0, busyMs = 0;
  double computeMs = 0, communicationMs = 0, copyMs = 0;  // may overlap
  std::optional<double> communicationHidden, copyHidden;  // 0..1, beside computing
  int64_t kernels = 0;
  std::optional<double> queueMean, launchDelayUs;
  std::vector<ReportIdle> idle;  // most time first
  double idleMs() const { return spanMs - busyMs; }
  double busyShare() const { return spanMs > 0 ? busyMs / spanMs : 0; }
  // Computing, communication and copies that nothing hides, and idle time by cause: they add up to the span. Words as a
  // report shows them, and a class of colour: the bound that the time stands for.
  struct Part {
    std::string what;
    profile::Bound bound;
    double ms;
  };
  std::vector<Part> parts() const;
};

// Launches of one kernel in one shape, over the whole recording.
struct ReportKernel {
  std::string name, device, rank;
  std::string kind;  // "compute", "communication"
  int64_t calls = 0;
  double timeMs = 0;
  std::optional<double> share;  // of all kernels of the device
  double meanUs = 0, medianUs = 0, minUs = 0, maxUs = 0;
  std::string grid, block;  // "16x1x1"; empty when not recorded
  std::string op;           // that launched it most of the time
  std::optional<double> flops, bytes;
  profile::Bound bound = profile::Bound::Unknown;
  std::string level;
  std::optional<double> roofTimeMs, headroomMs;
};

struct ReportCopies {
  std::string device, rank, direction;
  std::optional<bool> pinned;
  int64_t count = 0;
  double totalMs = 0;
  std::optional<double> bytes, gbPerS;
};

// What made the median step of a rank, or its whole recording, as long as it is.
struct ReportPath {
  struct Part {
    std::string what;  // as in path_part
    std::string name;  // of the slice
    int64_t count = 0;
    double ms = 0;
  };
  std::string rank;
  std::string of;  // the step; empty: the recording
  double totalMs = 0, hostMs = 0;
  std::vector<Part> parts;  // longest first
};

struct ReportDevices {
  std::vector<ReportRank> ranks;
  std::vector<ReportDevice> devices;
  std::vector<ReportKernel> kernels;  // most time first
  std::vector<ReportCopies> copies;   // likewise
  std::vector<ReportPath> paths;
  bool isRecording() const { return !ranks.empty(); }  // no run of a model by Ridgeline
};

Result<ReportDevices> loadDevices(const profile::Profile& profile);

// "host" -> "the host launched too late".
std::string idleText(std::string_view reason);
// "host" -> "host code"; what a part of a critical path is.
std::string pathText(std::string_view what);

}  // namespace ridgeline::analyzers
